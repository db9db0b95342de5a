package dev.catwalk.bgp.rib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Who changes little does not wait for all that another one changes. */
class TouchedTest {
  private static final int LOUD = 1;
  private static final int QUIET = 2;
  private static final int HEARER = 9;
  private static final int FLOOD = 10 * Touched.GO;

  private final Touched touched = new Touched();

  private List<Integer> take(int most) {
    List<Integer> taken = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      taken.add(touched.take());
    }
    return taken;
  }

  private void flood() {
    for (int p = 0; p < FLOOD; p++) {
      touched.add(p, LOUD);
    }
  }

  @Test
  void aFewOfOneComeBetweenTheManyOfAnother() {
    flood();
    touched.add(FLOOD, QUIET);
    List<Integer> first = take(Touched.GO + 1);
    assertEquals(FLOOD, first.getLast());
    assertEquals(0, first.getFirst());
    assertEquals(Touched.GO, touched.take(), "the rest is in order");
    assertEquals(FLOOD + 1 - Touched.GO - 2, touched.count());
  }

  @Test
  void whatAnotherTouchedFirstDoesNotWaitForAllOfThat() {
    flood();
    int last = FLOOD - 1;
    touched.add(last, QUIET);
    assertEquals(FLOOD, touched.count());
    assertTrue(take(Touched.GO + 1).contains(last));
    assertFalse(touched.get(last));
    touched.add(last, QUIET);
    List<Integer> rest = take(FLOOD - Touched.GO);
    assertEquals(1, rest.stream().filter(p -> p == last).count(), "once for each time");
    assertEquals(PrefixIndex.NONE, touched.take());
  }

  /** Whoever went before, and however much or little of the own go it had. */
  @Test
  void everyGoIsAWholeOne() {
    flood();
    for (int p = 0; p < 3; p++) {
      touched.add(FLOOD + p, QUIET);
    }
    for (int p = 0; p < 2 * Touched.GO; p++) {
      touched.add(FLOOD + 3 + p, LOUD + QUIET);
    }
    List<Integer> expected = new ArrayList<>(count(0, Touched.GO));
    expected.addAll(count(FLOOD, 3 + Touched.GO));
    expected.addAll(count(Touched.GO, Touched.GO));
    expected.addAll(count(FLOOD + 3 + Touched.GO, Touched.GO));
    expected.addAll(count(2 * Touched.GO, FLOOD - 2 * Touched.GO));
    assertEquals(expected, take(expected.size()));
    assertEquals(PrefixIndex.NONE, touched.take());
  }

  private static List<Integer> count(int from, int count) {
    return IntStream.range(from, from + count).boxed().toList();
  }

  /** Else whoever touches one prefix again and again would have a queue without an end. */
  @Test
  void whatWaitsHasNoPlaceBehindMoreThanAGo() {
    flood();
    for (int p = 0; p < Touched.GO; p++) {
      touched.add(FLOOD + p, QUIET);
    }
    touched.add(FLOOD - 1, QUIET);
    List<Integer> expected = new ArrayList<>(count(0, Touched.GO));
    expected.addAll(count(FLOOD, Touched.GO));
    expected.addAll(count(Touched.GO, FLOOD - Touched.GO));
    assertEquals(expected, take(expected.size()));
  }

  /** Against a set: all that is in is taken once, whoever put it there how often. */
  @Test
  void nothingIsForgottenOrTakenTwice() {
    Random chance = new Random(7);
    TreeSet<Integer> expected = new TreeSet<>();
    for (int round = 0; round < 200; round++) {
      for (int i = chance.nextInt(3_000); i > 0; i--) {
        int p = chance.nextInt(5_000);
        touched.add(p, chance.nextInt(40));
        expected.add(p);
      }
      for (int i = chance.nextInt(3_000); i > 0; i--) {
        int p = touched.take();
        assertEquals(expected.isEmpty(), p == PrefixIndex.NONE);
        assertTrue(p == PrefixIndex.NONE || expected.remove(p));
      }
      assertEquals(expected.size(), touched.count());
    }
  }

  private static Source source(int slot) {
    return new Source(slot, "s" + slot, Source.Kind.EBGP, IpAddress.v4(slot), slot);
  }

  private static void announce(Rib rib, int slot, int begin, int end) {
    Nlri.Builder some = new Nlri.Builder(Family.IPV4);
    for (int i = begin; i < end; i++) {
      some.add(new Prefix(IpAddress.v4(0x0a00_0000 + (i << 8)), 24));
    }
    PathAttributes path = PathAttributes.builder(Origin.IGP, AsPath.sequence(slot), IpAddress.v4(9))
        .build();
    rib.announce(source(slot), some.build(), path, null);
  }

  @Test
  void aChangeIsToldBeforeTheRestOfAnothersTable() {
    Rib rib = new Rib(Family.IPV4, 1, false, nextHop -> 0);
    rib.addGroup((attributes, from) -> attributes).join(HEARER);
    Listeners heard = new Listeners();
    rib.tell(1, heard);
    announce(rib, LOUD, 0, FLOOD);
    announce(rib, QUIET, FLOOD, FLOOD + 1);
    rib.decide(2 * Touched.GO, null, heard);
    assertEquals(2 * Touched.GO, heard.table(HEARER).size());
    assertTrue(
        heard.table(HEARER).containsKey(new Prefix(IpAddress.v4(0x0a00_0000 + (FLOOD << 8)), 24)));
    rib.drop(source(LOUD));
    announce(rib, QUIET, FLOOD + 1, FLOOD + 2);
    rib.decide(2 * Touched.GO, null, heard);
    assertTrue(heard
        .table(HEARER)
        .containsKey(new Prefix(IpAddress.v4(0x0a00_0000 + (FLOOD + 1 << 8)), 24)));
    while (rib.hasWork()) {
      rib.decide(2 * Touched.GO, null, heard);
    }
    assertEquals(2, heard.table(HEARER).size());
  }
}
