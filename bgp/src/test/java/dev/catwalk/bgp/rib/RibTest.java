package dev.catwalk.bgp.rib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables under random change: what they say depends on what is there, not on how it came. */
class RibTest {
  private static final int PEERS = 6;
  private static final int PREFIXES = 40;

  /** Says the AS_PATH with 65000 in front, and nothing of routes with an odd MED. */
  private static final Exporter EXPORTER =
      (attributes, from) -> attributes.med().orElse(0) % 2 == 1
          ? null
          : attributes
              .with()
              .asPath(attributes.asPath().prepend(65000))
              .withoutMed()
              .build();

  private final List<Source> sources = new ArrayList<>();

  RibTest() {
    for (int slot = 1; slot <= PEERS; slot++) {
      sources.add(new Source(
          slot,
          "p" + slot,
          slot % 3 == 0 ? Source.Kind.IBGP : Source.Kind.EBGP,
          IpAddress.v4(slot),
          slot % 2));
    }
  }

  /** RFC 4724 §4.2, for one source among others. */
  @Test
  void whatIsRetainedStaysUntilItIsSwept() {
    Rib rib = new Rib(Family.IPV4, 4, true, nextHop -> 0);
    Source one = sources.get(0);
    Source other = sources.get(1);
    PathAttributes before =
        PathAttributes.builder(Origin.IGP, AsPath.sequence(1), IpAddress.v4(9)).build();
    PathAttributes after = before.with().med(7).build();
    Prefix same = Prefix.parse("10.1.0.0/16");
    Prefix changed = Prefix.parse("10.2.0.0/16");
    Prefix gone = Prefix.parse("10.3.0.0/16");
    Prefix forgotten = Prefix.parse("10.4.0.0/16");
    for (Prefix prefix : List.of(same, changed, gone, forgotten)) {
      rib.announce(one, Nlri.of(prefix), before, null);
      rib.announce(other, Nlri.of(prefix), before, null);
    }
    rib.retain(one);
    assertEquals(4, rib.staleCount(one.slot()));
    assertEquals(0, rib.staleCount(other.slot()));
    assertEquals(4, rib.prefixesOf(one).size());
    rib.announce(one, Nlri.of(same), before, null);
    rib.announce(one, Nlri.of(changed), after, null);
    rib.withdraw(one, Nlri.of(gone));
    assertEquals(1, rib.staleCount(one.slot()));
    rib.sweep(one);
    assertEquals(List.of(same, changed), rib.prefixesOf(one));
    assertEquals(4, rib.prefixesOf(other).size());
    rib.retain(one);
    rib.announce(one, Nlri.of(same), before, null);
    rib.retain(one);
    assertEquals(List.of(same), rib.prefixesOf(one), "stale twice is gone");
    rib.drop(one);
    assertEquals(0, rib.staleCount(one.slot()));
  }

  /**
   * One peer changes the attributes of its prefixes without end, in every length: no more room is
   * kept than a multiple of what it has, and everything is as it should be after each move.
   */
  @Test
  void whatIsChangedWithoutEndTakesNoMoreRoom() {
    int count = 1_500;
    Rib rib = new Rib(Family.IPV4, 1, false, nextHop -> 0);
    Listeners best = new Listeners();
    ExportGroup one = rib.addGroup(EXPORTER);
    ExportGroup several = rib.addGroup(EXPORTER, 2);
    one.join(7);
    several.join(8);
    Source other = sources.get(1);
    PathAttributes lasting = PathAttributes.builder(
            Origin.IGP, AsPath.sequence(3, 3, 3, 3), IpAddress.v4(9))
        .build();
    rib.announce(other, Nlri.of(prefix(0)), lasting, null);
    int epoch = rib.pool().epoch();
    long most = 0;
    for (int round = 0; round < 60; round++) {
      int communities = 2 * (60 - round); // the last ones are the shortest
      for (int k = 0; k < count; k++) {
        rib.announce(sources.get(0), Nlri.of(prefix(k)), changed(round, k, communities), null);
      }
      while (rib.hasWork() || rib.isTelling()) {
        rib.decide(4096, null, best);
        rib.tell(4096, best);
      }
      most = Math.max(most, rib.pool().room());
    }
    assertTrue(rib.pool().epoch() > epoch, "nothing was moved");
    assertTrue(
        most <= 2 * AttributePool.SPARSE_LEAST, () -> "it grew: " + rib.pool().room());
    for (int k = 0; k < count; k++) {
      PathAttributes last = changed(59, k, 2);
      PathAttributes told = EXPORTER.export(last, sources.get(0));
      assertEquals(last, rib.explain(prefix(k)).getFirst().attributes());
      assertEquals(told, best.table(7).get(prefix(k)));
      assertEquals(told, best.table(8).get(prefix(k)));
    }
    assertEquals(lasting, rib.explain(prefix(0)).get(1).attributes());
    rib.drop(sources.get(0));
    rib.drop(other);
    rib.decide(4096, null, best);
    rib.tell(4096, best);
    assertEquals(0, rib.pool().size(), "each use was given back");
  }

  private static Prefix prefix(int k) {
    return new Prefix(IpAddress.v4(0x0a00_0000 | k << 8), 24);
  }

  private static PathAttributes changed(int round, int k, int communities) {
    int[] values = new int[communities];
    values[0] = round << 20 | k;
    return PathAttributes.builder(Origin.IGP, AsPath.sequence(1), IpAddress.v4(9))
        .communities(Communities.of(values))
        .build();
  }

  /** A table, its peers, and a plain model of what every peer has announced. */
  private final class Bench {
    final Rib rib = new Rib(Family.IPV4, 4, true, nextHop -> 0);
    final TreeMap<Prefix, TreeMap<Integer, PathAttributes>> model = new TreeMap<>();
    final Listeners listeners = new Listeners();
    final TreeMap<Prefix, List<Path>> selected = new TreeMap<>();
    final ExportGroup group = rib.addGroup(EXPORTER);
    final List<AdjRibOut> members = new ArrayList<>();

    void join() {
      for (Source source : sources) {
        members.add(group.join(source.slot()));
      }
    }

    void announce(Source source, Prefix prefix, PathAttributes attributes) {
      rib.announce(source, Nlri.of(prefix), attributes, null);
      model.computeIfAbsent(prefix, p -> new TreeMap<>()).put(source.slot(), attributes);
    }

    void withdraw(Source source, Prefix prefix) {
      rib.withdraw(source, Nlri.of(prefix));
      model.getOrDefault(prefix, new TreeMap<>()).remove(source.slot());
    }

    void drop(Source source) {
      rib.drop(source);
      model.values().forEach(paths -> paths.remove(source.slot()));
    }

    void decide(int limit) {
      List<RouteListener.RouteChange> changes = new ArrayList<>();
      rib.decide(limit, changes, listeners);
      for (RouteListener.RouteChange change : changes) {
        if (change.paths().isEmpty()) {
          selected.remove(change.prefix());
        } else {
          selected.put(change.prefix(), change.paths());
        }
      }
    }

    void pull(AdjRibOut member, int limit) {
      if (member.hasWork()) {
        group.pull(member, limit, listeners);
      }
    }

    void settle() {
      while (rib.hasWork()) {
        decide(7);
      }
      for (AdjRibOut member : members) {
        member.setWritable(true);
        while (member.hasWork()) {
          pull(member, 5);
        }
      }
    }

    /** Everything against a table that was told the final state at once. */
    void check() {
      Rib fresh = new Rib(Family.IPV4, 4, true, nextHop -> 0);
      model.forEach((prefix, paths) -> paths
          .descendingMap()
          .forEach((slot, attributes) ->
              fresh.announce(sources.get(slot - 1), Nlri.of(prefix), attributes, null)));
      List<RouteListener.RouteChange> changes = new ArrayList<>();
      fresh.decide(Integer.MAX_VALUE, changes, new Listeners());
      TreeMap<Prefix, List<Path>> expected = new TreeMap<>();
      changes.forEach(c -> expected.put(c.prefix(), c.paths()));
      assertEquals(expected, selected);
      assertEquals(fresh.prefixes(), rib.prefixes());
      for (Prefix prefix : rib.prefixes()) {
        assertEquals(fresh.explain(prefix), rib.explain(prefix));
      }
      for (Source source : sources) {
        TreeMap<Prefix, PathAttributes> told = new TreeMap<>();
        expected.forEach((prefix, paths) -> {
          PathAttributes out =
              EXPORTER.export(paths.get(0).attributes(), paths.get(0).source());
          if (out != null && paths.get(0).source().slot() != source.slot()) {
            told.put(prefix, out);
          }
        });
        assertEquals(told, listeners.table(source.slot()), source.name());
        assertEquals(told.size(), members.get(source.slot() - 1).announcedCount());
        assertEquals(
            model.values().stream().filter(m -> m.containsKey(source.slot())).count(),
            rib.receivedCount(source.slot()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void whatIsSaidIsAFunctionOfWhatIsThere(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Bench bench = new Bench();
    bench.join();
    for (int round = 0; round < 8; round++) {
      for (int i = 0; i < 300; i++) {
        change(bench, random);
      }
      bench.settle();
      bench.check();
    }
    sources.forEach(bench::drop);
    bench.settle();
    bench.check();
    assertEquals(List.of(), bench.rib.prefixes());
    assertEquals(0, bench.rib.pool().size(), "attribute sets nobody uses are forgotten");
  }

  private void change(Bench bench, SplittableRandom random) {
    Source source = sources.get(random.nextInt(PEERS));
    Prefix prefix = new Prefix(IpAddress.v4(random.nextInt(PREFIXES) << 8), 24);
    AdjRibOut member = bench.members.get(random.nextInt(PEERS));
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4 -> bench.announce(source, prefix, attributes(random));
      case 5, 6, 7 -> bench.withdraw(source, prefix);
      case 8 -> bench.decide(1 + random.nextInt(20));
      case 9 -> member.setWritable(random.nextBoolean());
      case 10 -> bench.pull(member, 1 + random.nextInt(10));
      case 11 -> {
        if (random.nextInt(10) == 0) {
          bench.drop(source);
        }
      }
      default -> throw new AssertionError();
    }
  }

  private static PathAttributes attributes(SplittableRandom random) {
    long[] path = new long[1 + random.nextInt(3)];
    for (int i = 0; i < path.length; i++) {
      path[i] = 1L + random.nextInt(3);
    }
    return PathAttributes.builder(
            Origin.IGP, AsPath.sequence(path), IpAddress.v4(0x0a00_0001 + random.nextInt(2)))
        .med(random.nextInt(4))
        .build();
  }

  @Test
  void membersInStepGetOnePackAndNobodyHearsItselfOrTheSameTwice() {
    Bench bench = new Bench();
    bench.join();
    bench.settle();
    assertEquals(List.of(1, 2, 3, 4, 5, 6), bench.listeners.endOfRib);
    PathAttributes attributes =
        attributes(new SplittableRandom(4)).with().withoutMed().build();
    for (int i = 0; i < 100; i++) {
      bench.announce(sources.get(0), new Prefix(IpAddress.v4(i << 8), 24), attributes);
    }
    bench.decide(1000);
    assertEquals(1, bench.listeners.messages);
    assertEquals(0, bench.listeners.table(1).size());
    assertEquals(100, bench.listeners.table(2).size());
    bench.announce(
        sources.get(0),
        new Prefix(IpAddress.v4(0), 24),
        attributes.with().med(2).build());
    bench.decide(1000);
    assertEquals(1, bench.listeners.messages, "a MED that is not passed on is no news");
    bench.drop(sources.get(0));
    bench.decide(1000);
    assertEquals(2, bench.listeners.messages);
    assertEquals(0, bench.listeners.needless);
  }

  @Test
  void aFlapWhileAPeerDoesNotReadCostsItNothing() {
    Bench bench = new Bench();
    bench.join();
    bench.settle();
    bench.members.get(1).setWritable(false);
    Prefix prefix = Prefix.parse("10.0.0.0/24");
    for (int i = 0; i < 1000; i++) {
      bench.announce(sources.get(0), prefix, attributes(new SplittableRandom(i)));
      bench.decide(10);
    }
    assertTrue(bench.listeners.table(2).isEmpty());
    bench.settle();
    bench.check();
  }

  @Test
  void aLateMemberHearsEverythingThenEndOfRib() {
    Bench bench = new Bench();
    PathAttributes attributes =
        attributes(new SplittableRandom(4)).with().withoutMed().build();
    for (int i = 0; i < 100; i++) {
      bench.announce(sources.get(0), new Prefix(IpAddress.v4(i << 8), 24), attributes);
    }
    bench.decide(1000);
    AdjRibOut late = bench.group.join(2);
    bench.group.pull(late, 60, bench.listeners);
    assertEquals(List.of(), bench.listeners.endOfRib);
    bench.group.pull(late, 60, bench.listeners);
    assertEquals(List.of(2), bench.listeners.endOfRib);
    assertEquals(100, bench.listeners.table(2).size());
    bench.group.refresh(late);
    bench.group.pull(late, 200, bench.listeners);
    assertEquals(100, bench.listeners.needless, "asked for again (RFC 2918)");
    bench.group.leave(late);
    bench.rib.removeGroup(bench.group);
    ExportGroup other = bench.rib.addGroup((a, from) -> a);
    AdjRibOut again = other.join(3);
    other.pull(again, 200, bench.listeners);
    assertEquals(attributes, bench.listeners.table(3).firstEntry().getValue());
  }
}
