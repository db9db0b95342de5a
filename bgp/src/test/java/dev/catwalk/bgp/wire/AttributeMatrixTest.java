package dev.catwalk.bgp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every attribute that has a rule, with every setting of its flags and every length up to {@link
 * #LONGEST}, from outside and inside, from speakers of two and of four octets: against what the RFCs
 * say of it, which is written down here anew.
 */
class AttributeMatrixTest {
  private static final int LONGEST = 40;
  private static final String BASE = "40010100 400304c0000201";

  private enum Verdict {
    ACCEPT,
    DISCARD,
    WITHDRAW
  }

  /**
   * @param type its code
   * @param shape Optional and Transitive as its RFC has them
   * @param lengths which are right
   * @param wrongLength what RFC 7606 §7 makes of another
   * @param from the kinds of peer ({@link Frames#context}) that may send it; from others it is
   *     discarded unread
   */
  private record Rule(
      int type, int shape, IntPredicate lengths, Verdict wrongLength, String from, String says) {
    @Override
    public String toString() {
      return type + " " + says;
    }
  }

  private static final List<Rule> RULES = List.of(
      new Rule(
          4,
          0x80,
          n -> n == 4,
          Verdict.WITHDRAW,
          "e4 i4 e2",
          "RFC 7606 §7.4: malformed if its length is not 4: treat-as-withdraw"),
      new Rule(
          5,
          0x40,
          n -> n == 4,
          Verdict.WITHDRAW,
          "i4",
          "RFC 7606 §7.5: from an external neighbor it SHALL be discarded; else length 4"),
      new Rule(
          6,
          0x40,
          n -> n == 0,
          Verdict.DISCARD,
          "e4 i4 e2",
          "RFC 7606 §7.6: malformed if its length is not 0: attribute discard"),
      new Rule(
          7,
          0xc0,
          n -> n == 8,
          Verdict.DISCARD,
          "e4 i4",
          "RFC 7606 §7.7: length 8 where the four-octet capability is there: attribute discard"),
      new Rule(
          8,
          0xc0,
          n -> n > 0 && n % 4 == 0,
          Verdict.WITHDRAW,
          "e4 i4 e2",
          "RFC 7606 §7.8: a non-zero multiple of 4: treat-as-withdraw"),
      new Rule(
          9,
          0x80,
          n -> n == 4,
          Verdict.WITHDRAW,
          "i4",
          "RFC 7606 §7.9: from an external neighbor it SHALL be discarded; else length 4"),
      new Rule(
          10,
          0x80,
          n -> n > 0 && n % 4 == 0,
          Verdict.WITHDRAW,
          "i4",
          "RFC 7606 §7.10: from an external neighbor it SHALL be discarded; else a multiple of 4"),
      new Rule(
          16,
          0xc0,
          n -> n > 0 && n % 8 == 0,
          Verdict.WITHDRAW,
          "e4 i4 e2",
          "RFC 7606 §7.14: a non-zero multiple of 8: treat-as-withdraw"),
      new Rule(
          25,
          0xc0,
          n -> n > 0 && n % 20 == 0,
          Verdict.WITHDRAW,
          "e4 i4 e2",
          "RFC 7606 §7.15: a non-zero multiple of 20: treat-as-withdraw"),
      new Rule(
          32,
          0xc0,
          n -> n > 0 && n % 12 == 0,
          Verdict.WITHDRAW,
          "e4 i4 e2",
          "RFC 8092 §6: a non-zero multiple of 12: treat-as-withdraw"),
      new Rule(
          35,
          0xc0,
          n -> n == 4,
          Verdict.WITHDRAW,
          "e4 i4 e2",
          "RFC 9234 §5: malformed if its length is not 4: treat-as-withdraw"),
      new Rule(
          17,
          0xc0,
          n -> false,
          Verdict.DISCARD,
          "",
          "RFC 6793 §6: from a speaker of four octets AS4_PATH MUST be discarded"),
      new Rule(
          18,
          0xc0,
          n -> false,
          Verdict.DISCARD,
          "",
          "RFC 6793 §6: from a speaker of four octets AS4_AGGREGATOR MUST be discarded"),
      new Rule(
          26,
          0x80,
          n -> false,
          Verdict.DISCARD,
          "",
          "RFC 7311 §3.1: AIGP where it is not enabled MUST be as if it were not known"));

  private record Case(Rule rule, String peer, int flags, int length, Verdict verdict) {
    @Override
    public String toString() {
      return String.format("%s: %s, flags %02x, %d octets", rule, peer, flags, length);
    }
  }

  static Stream<Rule> rules() {
    return RULES.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void isTreatedAsItsRfcSays(Rule rule) throws WireException {
    List<String> wrong = new ArrayList<>();
    for (String peer : List.of("e4", "i4", "e2")) {
      if (peer.equals("e2") && (rule.type == 7 || rule.type == 17 || rule.type == 18)) {
        continue; // of other lengths there, and in tables of their own
      }
      for (int flags = 0; flags < 0x100; flags += 0x10) {
        for (int length = 0; length <= LONGEST; length++) {
          Case c = new Case(rule, peer, flags, length, expected(rule, peer, flags, length));
          Verdict seen = play(c);
          if (seen != c.verdict) {
            wrong.add(c + ": " + seen + " and not " + c.verdict);
          }
        }
      }
    }
    assertEquals(List.of(), wrong.subList(0, Math.min(5, wrong.size())));
  }

  /** RFC 7606 §3 c: flags in conflict with their specification: treat-as-withdraw. */
  private static Verdict expected(Rule rule, String peer, int flags, int length) {
    if (!rule.from.contains(peer)) {
      return Verdict.DISCARD;
    }
    if ((flags & 0xc0) != rule.shape) {
      return Verdict.WITHDRAW;
    }
    return rule.lengths.test(length) ? Verdict.ACCEPT : rule.wrongLength;
  }

  private static Verdict play(Case c) throws WireException {
    boolean extended = (c.flags & 0x10) != 0;
    String attribute =
        String.format(extended ? "%02x%02x%04x" : "%02x%02x%02x", c.flags, c.rule.type, c.length)
            + "01".repeat(c.length);
    String path = c.peer.equals("e2") ? "400204 0201 fde9" : "400206 0201 0000fde9";
    Update update = Frames.decodeUpdate(
        Frames.update("", BASE + path + attribute, "180a2a01"), Frames.context(c.peer));
    if (update.announced().isEmpty()) {
      assertEquals(1, update.withdrawn().size(), "nothing of it is lost");
      return Verdict.WITHDRAW;
    }
    PathAttributes all = update.announced().getFirst().attributes();
    boolean there = all.list().stream().map(Attribute::type).anyMatch(t -> t == c.rule.type);
    assertEquals(there, update.problems().isEmpty(), c::toString);
    return there ? Verdict.ACCEPT : Verdict.DISCARD;
  }

  /** RFC 7606 §3 g: of others than MP_REACH_NLRI and MP_UNREACH_NLRI the first counts. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void isTakenOnceOrEndsNothing(Rule rule) throws WireException {
    for (int length = 0; length <= LONGEST; length++) {
      if (rule.lengths.test(length) && rule.from.contains("i4")) {
        String one = String.format("%02x%02x%02x", rule.shape, rule.type, length);
        String other = String.format("%02x%02x01ff", rule.shape, rule.type);
        Update update = Frames.decodeUpdate(
            Frames.update(
                "", BASE + "400206 0201 0000fde9" + one + "01".repeat(length) + other, "180a2a01"),
            Frames.context("i4"));
        assertEquals(1, update.announced().size(), rule::toString);
        assertEquals(
            List.of(Problem.Remedy.ATTRIBUTE_DISCARD),
            update.problems().stream().map(Problem::remedy).toList());
      }
    }
  }

  /** RFC 7606 §5.2: what would be withdrawn is not there, so the session must go. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void withoutAPrefixWhatWouldBeWithdrawnEndsTheSession(Rule rule) {
    for (int length = 0; length <= LONGEST; length++) {
      int octets = length;
      if (expected(rule, "i4", rule.shape, length) == Verdict.WITHDRAW) {
        assertThrows(
            WireException.class,
            () -> Frames.decodeUpdate(
                Frames.update(
                    "180a2a09",
                    String.format("%02x%02x%02x", rule.shape, rule.type, octets)
                        + "01".repeat(octets),
                    ""),
                Frames.context("i4")),
            rule::toString);
      }
    }
  }
}
