package dev.catwalk.acl.manifest;

import dev.catwalk.acl.model.Protocol;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Optional;
import java.util.regex.Pattern;

/** The syntax of names, labels, ports and ranges, as the Kubernetes API server has it. */
final class Syntax {
  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
  private static final Pattern DNS_SUBDOMAIN =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  private static final Pattern LABEL_NAME =
      Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");
  private static final int MAX_SUBDOMAIN = 253;
  private static final int MAX_LABEL = 63;
  private static final int MAX_PORT_NAME = 15;

  private Syntax() {}

  static Optional<String> dnsLabel(Located at) {
    return at.text().filter(text -> {
      boolean right = text.length() <= MAX_LABEL && DNS_LABEL.matcher(text).matches();
      if (!right) {
        at.problem("'" + text + "' is no name", "small letters, digits and '-', at most 63");
      }
      return right;
    });
  }

  static Optional<String> dnsSubdomain(Located at) {
    return at.text().filter(text -> {
      boolean right = isSubdomain(text);
      if (!right) {
        at.problem("'" + text + "' is no name", "small letters, digits, '-' and '.', at most 253");
      }
      return right;
    });
  }

  private static boolean isSubdomain(String text) {
    return text.length() <= MAX_SUBDOMAIN && DNS_SUBDOMAIN.matcher(text).matches();
  }

  /** Complains of a label's key at {@code at}, which is the value or the selector's key. */
  static boolean labelKey(Located at, String key) {
    int slash = key.indexOf('/');
    String name = key.substring(slash + 1);
    boolean right = (slash < 0 || isSubdomain(key.substring(0, slash)))
        && name.length() <= MAX_LABEL
        && LABEL_NAME.matcher(name).matches();
    if (!right) {
      at.problem(
          "'" + key + "' is no label key",
          "letters, digits, '-', '_' and '.', at most 63, perhaps after a DNS name and '/'");
    }
    return right;
  }

  static Optional<String> labelValue(Located at) {
    return at.text().filter(text -> {
      boolean right = text.isEmpty()
          || text.length() <= MAX_LABEL && LABEL_NAME.matcher(text).matches();
      if (!right) {
        at.problem(
            "'" + text + "' is no label value", "letters, digits, '-', '_' and '.', at most 63");
      }
      return right;
    });
  }

  static Optional<String> portName(Located at) {
    return at.text().filter(text -> {
      boolean right = text.length() <= MAX_PORT_NAME
          && DNS_LABEL.matcher(text).matches()
          && !text.contains("--")
          && text.chars().anyMatch(c -> c >= 'a' && c <= 'z');
      if (!right) {
        at.problem(
            "'" + text + "' is no port name",
            text.matches("[0-9]+")
                ? "a number must not be in quotes"
                : "small letters, digits and '-', a letter among them, at most 15");
      }
      return right;
    });
  }

  static Optional<Protocol> protocol(Located at) {
    return at.text().flatMap(text -> {
      for (Protocol protocol : Protocol.values()) {
        if (protocol.name().equals(text)) {
          return Optional.of(protocol);
        }
      }
      at.problem("'" + text + "' is no protocol that has ports", "TCP, UDP or SCTP");
      return Optional.empty();
    });
  }

  /** A range of addresses. Bits beyond the length are cleared, as the API server does. */
  static Optional<Prefix> cidr(Located at) {
    return at.text().flatMap(text -> {
      int slash = text.indexOf('/');
      Optional<IpAddress> address =
          slash < 0 ? Optional.empty() : IpAddress.tryParse(text.substring(0, slash));
      String length = text.substring(slash + 1);
      if (address.isEmpty()
          || !length.matches("0|[1-9][0-9]{0,2}")
          || Integer.parseInt(length) > address.get().family().bits()) {
        at.problem("'" + text + "' is no range of addresses", "10.42.0.0/16 or 2001:db8::/32");
        return Optional.empty();
      }
      return Optional.of(Prefix.of(address.get(), Integer.parseInt(length)));
    });
  }
}
