package dev.catwalk.felix.cni;

import dev.catwalk.felix.cni.CniException.Code;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
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
   * @throws CniException if the bytes end before the variables do, or are not UTF-8
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
      String variable = variable(bytes, at, end);
      int equals = variable.indexOf('=');
      if (equals > 0) {
        variables.putIfAbsent(variable.substring(0, equals), variable.substring(equals + 1));
      }
      at = end + 1;
    }
    return new CniQuestion(variables, stdin(bytes, at + 1));
  }

  private static String variable(byte[] bytes, int from, int to) throws CniException {
    try {
      return utf8(bytes, from, to);
    } catch (CharacterCodingException e) {
      String text = new String(bytes, from, to - from, StandardCharsets.US_ASCII);
      int equals = Math.max(0, text.indexOf('='));
      throw new CniException(
          Code.INVALID_ENVIRONMENT,
          CniEnvironment.shown(text.substring(0, equals)) + " is not UTF-8",
          "");
    }
  }

  private static String stdin(byte[] bytes, int from) throws CniException {
    try {
      return utf8(bytes, from, bytes.length);
    } catch (CharacterCodingException e) {
      throw new CniException(Code.CANNOT_DECODE, "stdin is not UTF-8", "");
    }
  }

  private static String utf8(byte[] bytes, int from, int to) throws CharacterCodingException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(bytes, from, to - from))
        .toString();
  }

  /** The request in it. */
  public CniRequest request() throws CniException {
    return CniRequest.parse(variables, stdin);
  }
}
