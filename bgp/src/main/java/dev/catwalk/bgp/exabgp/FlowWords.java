package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A flow rule in ExaBGP's words, as its octets: RFC 8955 §4. */
final class FlowWords {
  private static final int LAST = 0x80;
  private static final int AND = 0x40;
  private static final int LONG_LENGTH = 0xf0;
  private static final int MOST = 0xfff;

  private final int afi;
  private final SortedMap<FlowComponent, List<byte[]>> operations = new TreeMap<>();
  private final SortedMap<FlowComponent, byte[]> prefixes = new TreeMap<>();

  FlowWords(int afi) {
    this.afi = afi;
  }

  /** @return false if that word names no component; nothing has been read then */
  boolean read(String word, Words words) throws MalformedException {
    Optional<FlowComponent> named = Optional.empty();
    for (FlowComponent one : FlowComponent.values()) {
      boolean prefix = one.kind() == FlowComponent.Kind.PREFIX;
      if (one.name(afi).equals(word)
          || !prefix
              && (one.name(FamilyName.IPV4).equals(word)
                  || one.name(FamilyName.IPV6).equals(word))
          || prefix && one.name(afi).equals(word + (afi == FamilyName.IPV6 ? "-ipv6" : "-ipv4"))) {
        named = Optional.of(one);
      }
    }
    if (named.isEmpty()) {
      return false;
    }
    FlowComponent component = named.get();
    if (component.kind() == FlowComponent.Kind.PREFIX) {
      Output out = new Output();
      prefix(words.next(word), out);
      prefixes.put(component, out.toBytes());
    } else {
      operations(component, words, operations.computeIfAbsent(component, c -> new ArrayList<>()));
    }
    return true;
  }

  /** In a rule for IPv6 a second number is the bits at its front that do not count. */
  private void prefix(String word, Output out) throws MalformedException {
    if (afi != FamilyName.IPV6) {
      var prefix = Words.prefix(word);
      out.u8(prefix.length()).prefix(prefix);
      return;
    }
    int second = word.indexOf('/', word.indexOf('/') + 1);
    boolean offset = word.indexOf('/') >= 0 && second > 0;
    var prefix = Words.prefix(offset ? word.substring(0, second) : word);
    long bits = offset ? Words.number(word.substring(second + 1), prefix.length(), "offset") : 0;
    out.u8(prefix.length()).u8(bits).prefix(prefix);
  }

  /** Added to those that were said before: any of them may hold. */
  private static void operations(FlowComponent component, Words words, List<byte[]> all)
      throws MalformedException {
    for (String alternative : words.list(component.name(FamilyName.IPV4))) {
      int operator = 0;
      for (String part : alternative.split("&", -1)) {
        all.add(operation(component, part, operator));
        operator = AND;
      }
    }
    if (all.isEmpty()) {
      throw new MalformedException("a component without a value");
    }
  }

  private static byte[] operation(FlowComponent component, String part, int operator)
      throws MalformedException {
    boolean bits = component.kind() == FlowComponent.Kind.BITS;
    if (!bits && (part.equals("true") || part.equals("false"))) {
      return new Output().u8(operator | (part.equals("true") ? 7 : 0)).u8(0).toBytes();
    }
    int signs = 0;
    while (signs < part.length() && "=!<>".indexOf(part.charAt(signs)) >= 0) {
      signs++;
    }
    int sign = sign(part.substring(0, signs), bits);
    long value = value(component, part.substring(signs));
    int octets = value <= 0xff ? 1 : value <= 0xffff ? 2 : 4;
    if (octets > component.mostOctets()) {
      throw new MalformedException("'" + part + "' is too large");
    }
    int length = octets == 4 ? 2 : octets - 1;
    return new Output()
        .u8(operator | length << 4 | sign)
        .unsigned(value, octets)
        .toBytes();
  }

  private static int sign(String sign, boolean bits) throws MalformedException {
    return switch (sign) {
      case "" -> bits ? 0 : 1;
      case "=" -> 1;
      case "!" -> 2;
      case "!=" -> bits ? 3 : 6;
      case ">" -> 2;
      case ">=" -> 3;
      case "<" -> 4;
      case "<=" -> 5;
      default -> throw new MalformedException("'" + sign + "' is no operator");
    };
  }

  private static long value(FlowComponent component, String word) throws MalformedException {
    long value = 0;
    for (String name :
        component.kind() == FlowComponent.Kind.BITS ? word.split("\\+", -1) : new String[] {word}) {
      Optional<FlowComponent.Named> named = component.readNames().stream()
          .filter(one -> one.name().equals(canonical(name)))
          .findFirst();
      value |= named.isPresent()
          ? named.get().value()
          : name.equals("not-a-fragment") ? 0 : Words.number(name, 0xffffffffL, "value");
    }
    return value;
  }

  private static String canonical(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return switch (lower) {
      case "psh" -> "push";
      case "reset" -> "rst";
      case "urgent" -> "urg";
      default -> lower;
    };
  }

  /** @param distinguisher eight octets, or none */
  byte[] toBytes(byte... distinguisher) throws MalformedException {
    Output rule = new Output().add(distinguisher);
    for (FlowComponent component : FlowComponent.values()) {
      byte[] prefix = prefixes.get(component);
      List<byte[]> said = operations.get(component);
      if (prefix != null) {
        rule.u8(component.code()).add(prefix);
      } else if (said != null) {
        rule.u8(component.code());
        said.subList(0, said.size() - 1).forEach(rule::add);
        byte[] last = said.getLast().clone();
        last[0] |= (byte) LAST;
        rule.add(last);
      }
    }
    if (rule.size() > MOST) {
      throw new MalformedException(
          "a flow rule of " + rule.size() + " octets, it can have " + MOST);
    }
    Output out = new Output();
    if (rule.size() < LONG_LENGTH) {
      out.u8(rule.size());
    } else {
      out.u16(0xf000 | rule.size());
    }
    return out.add(rule).toBytes();
  }
}
