package dev.catwalk.bgp.exabgp;

import java.util.ArrayList;
import java.util.List;

/**
 * An AS path in ExaBGP's words: a number, or segments one behind the other. {@code [ ]} is a sequence and
 * {@code ( )} a set, {@code [{ }]} and <code>({ })</code> are those of a confederation (RFC 5065). What stands
 * in further brackets or in parentheses within a sequence is a set, too; <code>{( )}</code> there is a
 * sequence and <code>{[ ]}</code> a set of a confederation.
 */
final class PathWords {
  static final int SET = 1;
  static final int SEQUENCE = 2;
  private static final int CONFEDERATION_SEQUENCE = 3;
  private static final int CONFEDERATION_SET = 4;
  private static final int MOST_IN_SEGMENT = 255;
  private static final String NAME = "as-path";

  private PathWords() {}

  /** The attribute's value, with four octets a number. */
  static byte[] read(Words words) throws MalformedException {
    Output out = new Output();
    if (!isOpening(words)) {
      segment(SEQUENCE, List.of(Words.as(words.next(NAME))), out);
      return out.toBytes();
    }
    while (isOpening(words)) {
      if (words.take("(")) {
        boolean confederation = words.take("{");
        segment(confederation ? CONFEDERATION_SET : SET, numbers(words, confederation, ")"), out);
      } else {
        words.expect("[", NAME);
        sequence(words, out);
      }
    }
    return out.toBytes();
  }

  private static boolean isOpening(Words words) {
    return words.peek().equals("[") || words.peek().equals("(");
  }

  private static List<Long> numbers(Words words, boolean confederation, String end)
      throws MalformedException {
    List<Long> numbers = new ArrayList<>();
    while (!words.take(confederation ? "}" : end)) {
      numbers.add(Words.as(words.next(NAME)));
    }
    if (confederation) {
      words.expect(end, NAME);
    }
    return numbers;
  }

  /** Up to its bracket. */
  private static void sequence(Words words, Output out) throws MalformedException {
    List<Long> sequence = new ArrayList<>();
    while (!words.take("]")) {
      boolean confederation = words.take("{");
      boolean bracket = words.take("[");
      boolean parenthesis = !bracket && words.take("(");
      if (confederation && !bracket && !parenthesis) {
        segment(CONFEDERATION_SEQUENCE, numbers(words, true, "]"), out);
        return;
      }
      if (bracket || parenthesis) {
        segment(SEQUENCE, sequence, out);
        sequence = new ArrayList<>();
        List<Long> inner = numbers(words, false, bracket ? "]" : ")");
        if (confederation) {
          words.expect("}", NAME);
        }
        segment(
            !confederation ? SET : bracket ? CONFEDERATION_SET : CONFEDERATION_SEQUENCE,
            inner,
            out);
      } else {
        sequence.add(Words.as(words.next(NAME)));
      }
    }
    segment(SEQUENCE, sequence, out);
  }

  /** A longer one becomes several. */
  static void segment(int type, List<Long> numbers, Output out) {
    for (int from = 0; from < numbers.size(); from += MOST_IN_SEGMENT) {
      List<Long> part = numbers.subList(from, Math.min(numbers.size(), from + MOST_IN_SEGMENT));
      out.u8(type).u8(part.size());
      part.forEach(out::u32);
    }
  }
}
