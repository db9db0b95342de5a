package dev.catwalk.bgp.rib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A peer with a large table goes: piece by piece, and with all that its routes took. */
class LeavingTest {
  private static final int LARGE = 150_000;
  private static final int FEW = 300;
  private static final int LISTENER = 9;
  private static final Exporter EXPORTER = (attributes, from) -> attributes;

  private final Source small = source(1, "small");
  private final Source large = source(2, "large");
  private final Listeners heard = new Listeners();

  private static Source source(int slot, String name) {
    return new Source(slot, name, Source.Kind.EBGP, IpAddress.v4(slot), slot);
  }

  private static Prefix prefix(Family family, int number) {
    return family == Family.IPV4
        ? new Prefix(IpAddress.v4(0x0a00_0000 + (number << 8)), 24)
        : new Prefix(IpAddress.v6(0x2001_0db8_0000_0000L + number, 0), 64);
  }

  private static void announce(Rib rib, Source from, int begin, int end) {
    PathAttributes attributes = PathAttributes.builder(
            Origin.IGP, AsPath.sequence(from.slot()), IpAddress.v4(9))
        .build();
    for (int i = begin; i < end; ) {
      Nlri.Builder some = new Nlri.Builder(rib.family());
      for (int k = 0; k < 500 && i < end; k++) {
        some.add(prefix(rib.family(), i++));
      }
      rib.announce(from, some.build(), attributes, null);
    }
  }

  private void work(Rib rib) {
    while (rib.hasWork() || rib.isTelling()) {
      rib.decide(4096, null, heard);
      rib.tell(4096, heard);
    }
  }

  private void isAsIfItHadNotBeen(Rib rib, int count) {
    assertEquals(count, heard.table(LISTENER).size());
    assertEquals(count, rib.reachableCount());
    assertEquals(0, rib.receivedCount(large.slot()));
    for (int i = 0; i < count; i += 7) {
      assertEquals(1, rib.explain(prefix(rib.family(), i)).size());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatItTookIsGivenBackAndTheRestIsAsItWas(Family family) {
    Rib rib = new Rib(family, 1, false, nextHop -> 0);
    rib.addGroup(EXPORTER).join(LISTENER);
    AdjRibOut several = rib.addGroup(EXPORTER, 2).join(LISTENER + 1);
    announce(rib, small, 0, FEW);
    announce(rib, large, FEW, LARGE);
    work(rib);
    assertEquals(LARGE, heard.table(LISTENER).size());
    assertTrue(rib.octets(large.slot()) > (long) LARGE * Rib.PREFIX_OCTETS);
    rib.drop(large);
    work(rib);
    isAsIfItHadNotBeen(rib, FEW);
    assertTrue(rib.limit() >= LARGE, "the room stays for who comes back");
    long spare = rib.givenBack();
    rib.giveBack();
    assertTrue(rib.givenBack() >= spare);
    assertTrue(rib.limit() <= FEW, () -> "room for " + rib.limit());
    assertTrue(rib.givenBack() > 64L * (LARGE - AdjRibsIn.TRIM_LEAST));
    assertTrue(rib.octets() < 64L * 2 * FEW);
    announce(rib, large, 0, 3 * FEW);
    announce(rib, small, 2 * FEW, 4 * FEW);
    work(rib);
    assertEquals(4 * FEW, heard.table(LISTENER).size());
    assertEquals(4 * FEW, several.announcedCount());
    rib.drop(large);
    work(rib);
    rib.withdraw(small, Nlri.of(prefix(family, 0)));
    work(rib);
    assertEquals(3 * FEW - 1, heard.table(LISTENER).size());
    assertEquals(3 * FEW - 1, several.announcedCount());
  }

  /** Nobody waits for all of it, and whoever has its slot next has nothing of it. */
  @ParameterizedTest
  @EnumSource
  void itGoesPieceByPiece(Family family) {
    Rib rib = new Rib(family, 1, false, nextHop -> 0);
    rib.addGroup(EXPORTER).join(LISTENER);
    announce(rib, large, 0, LARGE);
    work(rib);
    rib.drop(large);
    assertTrue(rib.hasWork());
    rib.decide(4096, null, heard);
    int left = rib.receivedCount(large.slot());
    assertTrue(left > LARGE / 2 && left < LARGE, () -> "left: " + left);
    Source next = source(large.slot(), "next");
    announce(rib, next, 0, FEW);
    assertEquals(FEW, rib.receivedCount(next.slot()));
    work(rib);
    assertEquals(FEW, heard.table(LISTENER).size());
    assertEquals("next", rib.explain(prefix(family, 0)).getFirst().source().name());
    announce(rib, next, 0, LARGE);
    work(rib);
    rib.drop(next);
    rib.decide(4096, null, heard);
    rib.retain(next); // what has begun to go does not become stale
    assertEquals(0, rib.staleCount(next.slot()));
    work(rib);
    assertEquals(0, heard.table(LISTENER).size());
  }
}
