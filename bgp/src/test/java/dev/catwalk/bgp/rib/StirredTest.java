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
import org.junit.jupiter.api.Test;

/** A table knows who has to be told something without asking everybody. */
class StirredTest {
  private static final Source TELLER =
      new Source(1, "teller", Source.Kind.EBGP, IpAddress.v4(1), 1);
  private static final PathAttributes ATTRIBUTES =
      PathAttributes.builder(Origin.IGP, AsPath.sequence(1), IpAddress.v4(9)).build();

  private final Rib rib = new Rib(Family.IPV4, 1, false, nextHop -> 0);
  private final ExportGroup group = rib.addGroup((attributes, from) -> attributes);
  private final List<String> said = new ArrayList<>();

  private final Feed feed = new Feed() {
    @Override
    public void announce(List<AdjRibOut> to, PathAttributes attributes, Nlri prefixes) {
      to.forEach(member -> said.add(member.slot() + "+" + prefixes));
    }

    @Override
    public void withdraw(List<AdjRibOut> to, Nlri prefixes) {
      to.forEach(member -> said.add(member.slot() + "-" + prefixes));
    }

    @Override
    public void endOfRib(AdjRibOut to, Family family) {
      said.add(to.slot() + " end");
    }

    @Override
    public void endOfRefresh(AdjRibOut to, Family family) {
      said.add(to.slot() + " end of refresh");
    }
  };

  private AdjRibOut greeted(int slot) {
    AdjRibOut member = group.join(slot);
    assertTrue(rib.isTelling());
    rib.tell(10, feed);
    assertFalse(rib.isTelling());
    said.clear();
    return member;
  }

  private void announce(String... prefixes) {
    for (String prefix : prefixes) {
      rib.announce(TELLER, Nlri.of(Prefix.parse(prefix)), ATTRIBUTES, null);
    }
    rib.decide(100, null, feed);
  }

  /** Many who come at once are told by turns, so that nobody else waits for all of them. */
  @Test
  void allTogetherAreGivenNotMuchMoreThanOne() {
    announce("10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16");
    for (int slot = 2; slot < 6; slot++) {
      group.join(slot);
    }
    List<String> shares = new ArrayList<>();
    while (rib.isTelling()) {
      said.clear();
      rib.tell(4, feed);
      shares.add(said.stream().filter(s -> s.endsWith("end")).toList().toString());
    }
    assertEquals(List.of("[2 end, 3 end]", "[4 end, 5 end]"), shares);
  }

  @Test
  void whoTakesNothingHearsWhenHeTakesItAgain() {
    AdjRibOut slow = greeted(2);
    greeted(3);
    slow.setWritable(false);
    announce("10.1.0.0/16");
    assertEquals(List.of("3+[10.1.0.0/16]"), said);
    assertFalse(rib.isTelling());
    slow.setWritable(true);
    assertTrue(rib.isTelling());
    rib.tell(10, feed);
    assertEquals("2+[10.1.0.0/16]", said.getLast());
    assertFalse(rib.isTelling());
  }

  @Test
  void whatDoesNotFitIntoATurnWaitsForTheNext() {
    announce("10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16");
    group.join(2);
    rib.tell(2, feed);
    assertEquals(List.of("2+[10.1.0.0/16, 10.2.0.0/16]"), said);
    assertTrue(rib.isTelling());
    rib.tell(2, feed);
    assertEquals(List.of("2+[10.3.0.0/16]", "2 end"), said.subList(1, said.size()));
    assertFalse(rib.isTelling());
  }

  @Test
  void whoHasLeftIsNotTold() {
    announce("10.1.0.0/16");
    AdjRibOut gone = group.join(2);
    group.leave(gone);
    assertFalse(rib.isTelling());
    rib.tell(10, feed);
    assertEquals(List.of(), said);
  }

  @Test
  void markersAreWorkToo() {
    AdjRibOut held = group.join(2, true);
    assertFalse(rib.isTelling());
    held.releaseEndOfRib();
    assertTrue(rib.isTelling());
    rib.tell(10, feed);
    assertTrue(held.beginRefresh());
    assertTrue(rib.isTelling());
    rib.tell(10, feed);
    assertEquals(List.of("2 end", "2 end of refresh"), said);
  }

  @Test
  void whoGoesOverToAnotherGroupHearsWhatThatOneSays() {
    AdjRibOut member = greeted(2);
    announce("10.1.0.0/16");
    said.clear();
    ExportGroup silent = rib.addGroup((attributes, from) -> null);
    group.move(member, silent);
    assertTrue(rib.isTelling());
    rib.tell(10, feed);
    assertEquals(List.of("2-[10.1.0.0/16]"), said);
  }
}
