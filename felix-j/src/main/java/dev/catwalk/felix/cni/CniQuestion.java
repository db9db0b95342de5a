package dev.catwalk.felix.cni;

import dev.catwalk.felix.cni.CniException.Code;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the CNI client passed on, not yet looked at.
 *
 * @param variables the first value of each
 */
public record CniQuestion(SortedMap<String, String> variables, String stdin) {

  public CniQuestion {
    variables = Collections.unmodifiableSortedMap(new TreeMap<>(variables));
  }

  /**
   * Takes apart what follows the kind in a frame.
   *
   * @throws CniException if the bytes end before the variables do
   */
  public static CniQuestion read(byte[] bytes) throws CniException {
    TreeMap<String, String> variables = new TreeMap<>();
    int at = 0;
    while (true) {
      int end = at;
      while (end < bytes.length && bytes[end] != 0) {
        end++;
      }
      if (end == bytes.length) {
        throw new CniException(
            Code.CANNOT_DECODE, "the question ends within the variables", "at byte " + end);
      }
      if (end == at) {
        break;
      }
      String variable = new String(bytes, at, end - at, StandardCharsets.UTF_8);
      int equals = variable.indexOf('=');
      if (equals > 0) {
        variables.putIfAbsent(variable.substring(0, equals), variable.substring(equals + 1));
      }
      at = end + 1;
    }
    return new CniQuestion(
        variables, new String(bytes, at + 1, bytes.length - at - 1, StandardCharsets.UTF_8));
  }

  /** The request in it. */
  public CniRequest request() throws CniException {
    return CniRequest.parse(variables, stdin);
  }
}
