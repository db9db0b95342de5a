package dev.catwalk.felix.agent;

import dev.catwalk.felix.cni.CniException;
import dev.catwalk.felix.cni.CniException.Code;
import java.util.List;
import java.util.SortedMap;
import java.util.regex.Pattern;

/** Whom the addresses of a pod are kept for when it has gone, by its annotation. */
final class Sticky {
  /** {@code true}: for the next pod of its name; a name: for the next pod that says that one. */
  static final String ANNOTATION = "catwalk.dev/sticky";

  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

  private Sticky() {}

  /**
   * The name; empty where addresses go with their pod.
   *
   * @param said annotations, those that count most first
   * @throws CniException naming the annotation
   */
  static String name(List<SortedMap<String, String>> said, String pod) throws CniException {
    for (SortedMap<String, String> annotations : said) {
      String value = annotations.get(ANNOTATION);
      if (value == null) {
        continue;
      }
      String name = value.equals("true") ? pod : value.equals("false") ? "" : value;
      if (!name.isEmpty() && !NAME.matcher(name).matches()) {
        throw new CniException(
            Code.INVALID_CONFIGURATION,
            "annotation " + ANNOTATION + " is not valid",
            "want true, false, or a name of small letters, digits, '-' and '.'");
      }
      return name;
    }
    return "";
  }
}
