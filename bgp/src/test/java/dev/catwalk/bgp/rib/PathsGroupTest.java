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
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several paths of a prefix in and out (RFC 7911). */
class PathsGroupTest {
  private static final int PREFIXES = 20;
  private static final int MOST = 3;
  private static final Exporter EXPORTER = (attributes, from) ->
      attributes.med().orElse(0) == 3 ? null : attributes.with().withoutMed().build();

  private final List<Source> sources = new ArrayList<>();
  private final Rib rib = new Rib(Family.IPV4, 4, true, nextHop -> 0);
  private final ExportGroup group = rib.addGroup(EXPORTER, MOST);
  private final List<AdjRibOut> members = new ArrayList<>();
  private final Believers believers = new Believers();

  /** Peers that hold paths by prefix and identifier. */
  private static final class Believers implements Feed {
    final TreeMap<String, PathAttributes> table = new TreeMap<>();
    int needless;
    int endsOfRib;
    int endsOfRefresh;

    private static String key(AdjRibOut to, Nlri nlri, int i) {
      return to.slot() + " " + nlri.get(i) + " " + nlri.pathId(i);
    }

    @Override
    public void announce(List<AdjRibOut> to, PathAttributes attributes, Nlri prefixes) {
      for (int i = 0; i < prefixes.size(); i++) {
        assertTrue(prefixes.pathId(i) != 0);
        PathAttributes before = table.put(key(to.getFirst(), prefixes, i), attributes);
        needless += attributes.equals(before) ? 1 : 0;
      }
    }

    @Override
    public void withdraw(List<AdjRibOut> to, Nlri prefixes) {
      for (int i = 0; i < prefixes.size(); i++) {
        needless += table.remove(key(to.getFirst(), prefixes, i)) == null ? 1 : 0;
      }
    }

    @Override
    public void endOfRib(AdjRibOut to, Family family) {
      endsOfRib++;
    }

    @Override
    public void endOfRefresh(AdjRibOut to, Family family) {
      endsOfRefresh++;
    }
  }

  PathsGroupTest() {
    for (int slot = 1; slot <= 4; slot++) {
      sources.add(new Source(slot, "p" + slot, Source.Kind.EBGP, IpAddress.v4(slot), slot % 2));
      members.add(group.join(slot));
    }
  }

  private static Nlri nlri(int prefix, int pathId) {
    return new Nlri.Builder(Family.IPV4)
        .add(pathId, 0, 0x0a00_0000L | prefix << 8, 24)
        .build();
  }

  private static PathAttributes attributes(SplittableRandom random) {
    return PathAttributes.builder(
            Origin.IGP, AsPath.sequence(1 + random.nextInt(3)), IpAddress.v4(0x0a00_0001))
        .med(random.nextInt(4))
        .localPref(random.nextInt(3))
        .build();
  }

  private void settle() {
    while (rib.hasWork()) {
      rib.decide(7, null, believers);
    }
    for (AdjRibOut member : members) {
      while (member.hasWork()) {
        group.pull(member, 5, believers);
      }
    }
  }

  /** Every member holds the best of what the others have, as {@code explain} ranks it. */
  private void check() {
    int count = 0;
    for (int i = 0; i < PREFIXES; i++) {
      Prefix prefix = nlri(i, 0).getFirst();
      for (AdjRibOut member : members) {
        List<String> expected = rib.explain(prefix).stream()
            .filter(path -> !path.why().startsWith("refused"))
            .filter(path -> path.source().slot() != member.slot())
            .map(path -> EXPORTER.export(path.attributes(), path.source()))
            .filter(path -> path != null)
            .limit(MOST)
            .map(PathAttributes::toString)
            .sorted()
            .toList();
        String key = member.slot() + " " + prefix + " ";
        List<String> held = believers.table.subMap(key, key + "~").values().stream()
            .map(PathAttributes::toString)
            .sorted()
            .toList();
        assertEquals(expected, held, key);
        count += held.size();
      }
    }
    assertEquals(believers.table.size(), count);
    assertEquals(0, believers.needless);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyMemberHoldsTheBestOfTheOthers(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 20; round++) {
      for (int i = 0; i < 60; i++) {
        Source source = sources.get(random.nextInt(sources.size()));
        Nlri prefix = nlri(random.nextInt(PREFIXES), random.nextInt(3));
        switch (random.nextInt(10)) {
          case 0, 1, 2, 3, 4 ->
            rib.announce(
                source,
                prefix,
                attributes(random),
                random.nextInt(8) == 0 ? Refusal.OWN_AS_IN_PATH : null);
          case 5, 6, 7 -> rib.withdraw(source, prefix);
          case 8 -> rib.decide(1 + random.nextInt(9), null, believers);
          case 9 -> group.pull(members.get(random.nextInt(4)), 3, believers);
          default -> throw new AssertionError();
        }
      }
      settle();
      check();
    }
    sources.forEach(rib::drop);
    settle();
    check();
    assertEquals(4, believers.endsOfRib);
    assertEquals(List.of(), rib.prefixes());
    assertEquals(0, rib.pool().size());
    members.forEach(group::leave);
    rib.removeGroup(group);
  }

  @Test
  void pathsOfOnePeerStandSideBySide() {
    SplittableRandom random = new SplittableRandom(7);
    Source source = sources.getFirst();
    for (int id = 0; id < 3; id++) {
      rib.announce(source, nlri(1, id), attributes(random).with().med(id).build(), null);
    }
    settle();
    check();
    assertEquals(3, rib.receivedCount(1));
    rib.announce(source, nlri(1, 1), attributes(random), null);
    assertEquals(3, rib.receivedCount(1), "the same identifier replaces");
    rib.mark(source);
    rib.announce(source, nlri(1, 2), attributes(random), null);
    rib.withdraw(source, nlri(1, 9));
    assertEquals(2, rib.staleCount(1));
    rib.sweep(source);
    settle();
    check();
    assertEquals(1, rib.receivedCount(1));
  }

  @Test
  void aRefreshTellsItAllAgain() {
    SplittableRandom random = new SplittableRandom(7);
    rib.announce(sources.get(0), nlri(1, 1), attributes(random).with().med(0).build(), null);
    rib.announce(sources.get(1), nlri(1, 2), attributes(random).with().med(0).build(), null);
    settle();
    assertTrue(members.get(2).beginRefresh());
    group.refresh(members.get(2));
    settle();
    assertEquals(2, believers.needless);
    assertEquals(1, believers.endsOfRefresh);
  }
}
