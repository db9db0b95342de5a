package dev.catwalk.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class TallyTest {
  private static final IpAddress ADDRESS = IpAddress.parse("10.42.7.1");
  private static final List<Flow> FLOWS = List.of(
      new Flow(0, "a", "b", ADDRESS, true),
      new Flow(1, "b", "a", ADDRESS, true),
      new Flow(2, "c", "a", ADDRESS, false));

  @Test
  void lossesDoublesAndWhatCameThoughForbidden() {
    Tally tally = Tally.of(
        FLOWS,
        100,
        10,
        List.of(
            "sent 0 1000 3\ngot 1 1000 2\ngot 2 1 0\ngap 2 0 41\n",
            "sent 1 1000 0\nsent 2 1000 0\ngot 0 985 0\ngap 0 200 209\n"));
    assertEquals(2000, tally.sent());
    assertEquals(15, tally.lost());
    assertEquals(2, tally.duplicates());
    assertEquals(1000, tally.forbidden());
    assertEquals(1, tally.through());
    assertEquals(300, tally.perSecond());
    assertEquals(
        List.of(
            "a -> b: 15 of 1000 lost, 3 refused by its own kernel, at 2.00-2.10 s, the last 5",
            "c -> a: 1 of 1000 came though forbidden, beside 0.00-0.42 s, the last 957"),
        tally.losses());
    Tally twice = tally.and(tally);
    assertEquals(30, twice.lost());
    assertEquals(300, twice.perSecond());
    assertEquals(4, twice.losses().size());
  }

  @Test
  void aFlowThatNobodySentIsNoSuccess() {
    List<Flow> one = FLOWS.subList(0, 1);
    assertThrows(IllegalArgumentException.class, () -> Tally.of(one, 1, 1, List.of("got 0 5 0\n")));
    assertThrows(IllegalArgumentException.class, () -> Tally.of(one, 1, 1, List.of("what\n")));
  }
}
