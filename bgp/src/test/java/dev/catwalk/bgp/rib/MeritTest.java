package dev.catwalk.bgp.rib;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The short way to a decision against the whole ladder. */
class MeritTest {
  private static final Prefix PREFIX = Prefix.parse("10.0.0.0/24");
  private static final List<Rung> ABOVE = Arrays.stream(Rung.values())
      .takeWhile(rung -> rung != Rung.LOWEST_MED_PER_NEIGHBOUR_AS)
      .toList();
  private static final List<Origin> ORIGINS = List.of(Origin.values());
  private static final long[] PREFS = {0, 99, 100, 101, 0xffff_ffffL};

  private final Random random = new Random(7);

  private static Source source(int slot) {
    Source.Kind kind = slot % 3 == 0 ? Source.Kind.IBGP : Source.Kind.EBGP;
    return slot == Source.LOCAL_SLOT
        ? Source.LOCAL
        : new Source(slot, "p" + slot, kind, IpAddress.v4(0x0a00_0000 + slot), 100 - slot / 2);
  }

  private PathAttributes attributes() {
    long[] path = new long[random.nextInt(3)];
    Arrays.setAll(path, i -> 1 + random.nextInt(2));
    Origin origin = ORIGINS.get(random.nextInt(4) == 0 ? random.nextInt(ORIGINS.size()) : 0);
    AsPath as = path.length == 0 ? AsPath.EMPTY : AsPath.sequence(path);
    PathAttributes.Builder made = PathAttributes.builder(origin, as, IpAddress.v4(0x0a01_0000));
    if (random.nextInt(3) == 0) {
      made.localPref(PREFS[random.nextInt(PREFS.length)]);
    }
    if (random.nextBoolean()) {
      made.med(random.nextInt(3));
    }
    if (random.nextInt(8) == 0) {
      made.communities(Communities.of(new int[] {Communities.LLGR_STALE}));
    }
    return made.build();
  }

  @Test
  void lessIsWhatTheRungsAboveTheMedLikeBetter() {
    AttributePool pool = new AttributePool();
    for (int i = 0; i < 20_000; i++) {
      Candidate a = candidate(pool);
      Candidate b = candidate(pool);
      int byRungs = ABOVE.stream()
          .mapToInt(rung -> Integer.signum(rung.compare(a, b)))
          .filter(order -> order != 0)
          .findFirst()
          .orElse(0);
      assertEquals(
          byRungs,
          Long.compare(Merit.of(pool, a.set, a.source), Merit.of(pool, b.set, b.source)),
          () -> a.attributes() + " and " + b.attributes());
    }
  }

  private Candidate candidate(AttributePool pool) {
    return new Candidate(pool, nextHop -> 0)
        .become(0, 0, source(random.nextInt(4)), pool.acquire(attributes()));
  }

  @Test
  void whatIsSelectedIsWhatTheWholeLadderSelects() {
    for (int maximum : new int[] {1, 3}) {
      Rib rib = new Rib(Family.IPV4, maximum, true, nextHop -> 0);
      List<Source> selected = List.of();
      for (int i = 0; i < 5_000; i++) {
        for (int changes = random.nextInt(3); changes >= 0; changes--) {
          Source from = source(random.nextInt(9));
          if (random.nextInt(4) == 0) {
            rib.withdraw(from, Nlri.of(PREFIX));
          } else {
            rib.announce(from, Nlri.of(PREFIX), attributes(), null);
          }
        }
        List<RouteChange> said = new ArrayList<>();
        rib.decide(10, said, new Listeners());
        for (RouteChange change : said) {
          selected = change.paths().stream().map(Path::source).toList();
        }
        List<Source> wanted = rib.explain(PREFIX).stream()
            .filter(PathInfo::used)
            .map(PathInfo::source)
            .toList();
        assertEquals(wanted, selected, "round " + i + " of " + maximum);
      }
    }
  }
}
