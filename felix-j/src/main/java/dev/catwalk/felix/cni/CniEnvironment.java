package dev.catwalk.felix.cni;

import dev.catwalk.felix.cni.CniException.Code;
import dev.catwalk.felix.cni.CniRequest.Attachment;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The CNI_* variables, which anybody may have set to anything. */
record CniEnvironment(SortedMap<String, String> variables) {
  private static final int MAX_PATH = 4095;
  private static final int MAX_ARGUMENTS = 64;
  private static final int MAX_LABELS = 64;

  /** As the specification has it, and short enough for a key of the store. */
  private static final Pattern CONTAINER = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]{0,127}");

  /** What a namespace has from the start, and what names all interfaces below /proc/sys. */
  private static final List<String> RESERVED = List.of("lo", "all", "default");

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9]([a-zA-Z0-9_.\\-]{0,252})?");

  /** Narrower than the kernel: the name is part of keys and of file names. */
  private static final Pattern IF_NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]{0,14}");

  private static final Pattern LABEL_KEY = Pattern.compile(
      "([a-z0-9]([a-z0-9.\\-]{0,251}[a-z0-9])?/)?[a-zA-Z0-9]([a-zA-Z0-9_.\\-]{0,61}[a-zA-Z0-9])?");
  private static final Pattern LABEL_VALUE =
      Pattern.compile("([a-zA-Z0-9]([a-zA-Z0-9_.\\-]{0,61}[a-zA-Z0-9])?)?");

  String required(String name) throws CniException {
    String value = variables.getOrDefault(name, "");
    if (value.isEmpty()) {
      throw new CniException(Code.INVALID_ENVIRONMENT, name + " is not set", "");
    }
    return value;
  }

  Attachment attachment() throws CniException {
    return attachment(
        Code.INVALID_ENVIRONMENT,
        "CNI_CONTAINERID",
        required("CNI_CONTAINERID"),
        "CNI_IFNAME",
        required("CNI_IFNAME"));
  }

  static Attachment attachment(
      Code code, String whereContainer, String container, String whereIfName, String ifName)
      throws CniException {
    if (!CONTAINER.matcher(container).matches()) {
      throw invalid(
          code,
          whereContainer,
          container,
          "want up to 128 letters, digits, '_', '.', '-', a letter or digit first");
    }
    if (!IF_NAME.matcher(ifName).matches() || RESERVED.contains(ifName)) {
      throw invalid(
          code,
          whereIfName,
          ifName,
          "want up to 15 letters, digits, '_', '.', '-', and not one of " + RESERVED);
    }
    return new Attachment(container, ifName);
  }

  String netns() throws CniException {
    String netns = required("CNI_NETNS");
    boolean plain = netns.startsWith("/")
        && netns.length() <= MAX_PATH
        && netns.chars().noneMatch(Character::isISOControl)
        && !List.of(netns.split("/", -1)).contains("..");
    if (!plain) {
      throw invalid(
          Code.INVALID_ENVIRONMENT,
          "CNI_NETNS",
          netns,
          "want the absolute path of a network namespace, without '..'");
    }
    return netns;
  }

  /** CNI_ARGS, {@code K=V;K=V}; empty where it is not set. */
  SortedMap<String, String> arguments() throws CniException {
    TreeMap<String, String> arguments = new TreeMap<>();
    String text = variables.getOrDefault("CNI_ARGS", "");
    for (String pair : text.split(";")) {
      if (pair.isBlank()) {
        continue;
      }
      int equals = pair.indexOf('=');
      if (equals <= 0 || arguments.size() == MAX_ARGUMENTS) {
        throw invalid(
            Code.INVALID_ENVIRONMENT,
            "CNI_ARGS",
            pair,
            "want KEY=VALUE;KEY=VALUE, at most " + MAX_ARGUMENTS);
      }
      arguments.put(
          pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
    }
    return arguments;
  }

  static void checkName(String where, String name) throws CniException {
    if (!NAME.matcher(name).matches()) {
      throw invalid(
          Code.INVALID_ENVIRONMENT, where, name, "want up to 253 letters, digits, '.', '-'");
    }
  }

  /** Reads {@code key=value,key=value} into {@code labels}. */
  static void addLabels(String text, Map<String, String> labels) throws CniException {
    for (String label : text.split(",")) {
      if (!label.isBlank()) {
        int equals = label.indexOf('=');
        addLabel(
            Code.INVALID_ENVIRONMENT,
            equals < 0 ? label : label.substring(0, equals),
            equals < 0 ? "" : label.substring(equals + 1),
            labels);
      }
    }
  }

  static void addLabel(Code code, String key, String value, Map<String, String> labels)
      throws CniException {
    if (!LABEL_KEY.matcher(key).matches()
        || !LABEL_VALUE.matcher(value).matches()
        || labels.size() == MAX_LABELS) {
      throw invalid(
          code, "label", key + "=" + value, "want at most 64 Kubernetes labels, KEY=VALUE");
    }
    labels.put(key, value);
  }

  private static CniException invalid(Code code, String where, String value, String want) {
    return new CniException(code, where + " '" + shown(value) + "' is not valid", want);
  }

  /** What somebody else wrote, short and on one line, for a message. */
  static String shown(String text) {
    String head = text.length() > 60 ? text.substring(0, 60) + "..." : text;
    return head.replaceAll("\\p{Cntrl}", "?");
  }
}
