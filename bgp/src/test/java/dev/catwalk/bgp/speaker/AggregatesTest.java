package dev.catwalk.bgp.speaker;

import static dev.catwalk.bgp.speaker.Hands.path;
import static dev.catwalk.bgp.speaker.Hands.peer;
import static dev.catwalk.bgp.speaker.Hands.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.policy.Aggregate;
import dev.catwalk.bgp.wire.Aggregator;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** RFC 4271 §9.2.2.2: told as long as something contributes, and instead of it where wanted. */
class AggregatesTest {
  private static final Prefix WHOLE = Prefix.parse("10.8.0.0/16");
  private static final PeerConfig FROM = peer(2, 65002, session());
  private static final PeerConfig TO = peer(3, 65003, session());

  private final Hands hands = new Hands(aggregating(false));
  private final Deed.Target from = hands.up(2, 65002);
  private final Deed.Target to = hands.up(3, 65003);

  private static SpeakerConfig aggregating(boolean summaryOnly) {
    return Hands.config(FROM, TO).aggregating(List.of(new Aggregate(WHOLE, summaryOnly)));
  }

  private static PathAttributes marked(int community) {
    return path(2, 65002).with().communities(Communities.of(community)).build();
  }

  @Test
  void theFirstPartBringsItAndTheLastTakesItAway() {
    hands.said(to);
    hands.announce(from, path(2, 65002), "10.9.0.0/24");
    assertEquals(List.of("10.9.0.0/24 [65000 65002]"), hands.words(to));
    hands.announce(from, path(2, 65002), "10.8.1.0/24");
    hands.announce(from, path(2, 65002, 7), "10.8.2.0/24");
    TreeMap<Prefix, PathAttributes> told = hands.announced(to);
    assertEquals(3, told.size());
    PathAttributes whole = told.get(WHOLE);
    assertEquals(AsPath.sequence(65000), whole.asPath());
    assertTrue(whole.atomicAggregate());
    assertEquals(Optional.of(new Aggregator(65000, Hands.SELF)), whole.aggregator());
    hands.withdraw(from, "10.8.1.0/24");
    assertEquals(List.of("-10.8.1.0/24"), hands.words(to));
    hands.closed(from);
    List<String> gone = hands.words(to);
    assertEquals(3, gone.size(), gone.toString());
    assertTrue(gone.contains("-10.8.0.0/16"), gone.toString());
  }

  /** Whoever tells it draws packets for its parts: there must be one that finds a way. */
  @Test
  void aPartCountsWhenItIsForwarded() {
    Prefix part = Prefix.parse("10.8.1.0/24");
    TreeSet<Prefix> none = new TreeSet<>();
    hands.happen(new Happening.Forwarding(none, none));
    hands.said(to);
    hands.announce(from, path(2, 65002), "10.8.1.0/24");
    assertEquals(List.of(), hands.words(to));
    hands.happen(new Happening.Forwarding(new TreeSet<>(List.of(part)), none));
    assertEquals(
        List.of("10.8.0.0/16 [65000]", "10.8.1.0/24 [65000 65002]"),
        hands.words(to).stream().sorted().toList());
    hands.happen(new Happening.Forwarding(none, new TreeSet<>(List.of(part))));
    assertEquals(
        List.of("-10.8.0.0/16", "-10.8.1.0/24"),
        hands.words(to).stream().sorted().toList());
    hands.happen(originate("10.8.3.0/24"));
    assertTrue(hands.announced(to).containsKey(WHOLE), "our own need nobody's word");
  }

  @Test
  void itsOriginIsTheWorstOfThem() {
    hands.announce(from, path(2, 65002), "10.8.1.0/24");
    assertEquals(Origin.IGP, hands.announced(to).get(WHOLE).origin());
    hands.announce(from, path(2, 65002).with().origin(Origin.INCOMPLETE).build(), "10.8.2.0/24");
    assertEquals(Origin.INCOMPLETE, hands.announced(to).get(WHOLE).origin());
    hands.withdraw(from, "10.8.2.0/24");
    assertEquals(Origin.IGP, hands.announced(to).get(WHOLE).origin());
  }

  @Test
  void anotherOriginForTheSamePartCountsOnce() {
    hands.announce(from, path(2, 65002).with().origin(Origin.INCOMPLETE).build(), "10.8.2.0/24");
    hands.announce(from, path(2, 65002), "10.8.2.0/24");
    assertEquals(Origin.IGP, hands.announced(to).get(WHOLE).origin());
    hands.withdraw(from, "10.8.2.0/24");
    assertFalse(hands.selected.containsKey(WHOLE));
  }

  @Test
  void ownRoutesOfOursHaveAnEmptyPathWhichIsNothingLost() {
    hands.happen(originate("10.8.3.0/24"));
    assertFalse(hands.announced(to).get(WHOLE).atomicAggregate());
  }

  @Test
  void whatMustNotLeaveDoesNotCount() {
    hands.said(to);
    hands.announce(from, marked(Communities.NO_EXPORT), "10.8.1.0/24");
    hands.announce(from, marked(Communities.NO_ADVERTISE), "10.8.2.0/24");
    assertEquals(List.of(), hands.words(to));
    assertFalse(hands.selected.containsKey(WHOLE));
  }

  @Test
  void whatIsOriginatedItselfStaysAsItIsAndIsFollowedByTheAggregate() {
    TreeMap<Prefix, Origination> own = new TreeMap<>(java.util.Map.of(WHOLE, new Origination(5)));
    hands.happen(new Happening.Originate(own));
    hands.announce(from, path(2, 65002), "10.8.1.0/24");
    PathAttributes told = hands.announced(to).get(WHOLE);
    assertEquals(5, told.med().orElseThrow());
    assertTrue(told.aggregator().isEmpty());
    hands.happen(new Happening.Originate(new TreeMap<>()));
    assertTrue(hands.announced(to).get(WHOLE).aggregator().isPresent());
  }

  @Test
  void aSummaryIsToldInPlaceOfItsPartsAndAChangeOfThatIsFollowed() {
    hands.announce(from, path(2, 65002), "10.8.1.0/24");
    hands.announce(from, path(2, 65002), "10.9.1.0/24");
    hands.said(to);
    hands.happen(new Happening.Reconfigure(aggregating(true)));
    List<String> words = hands.words(to);
    assertTrue(words.contains("-10.8.1.0/24"), words.toString());
    assertFalse(words.contains("10.8.1.0/24 [65000 65002]"), words.toString());
    hands.announce(from, path(2, 65002), "10.8.2.0/24");
    assertEquals(List.of(), hands.words(to));
    hands.happen(new Happening.Reconfigure(Hands.config(FROM, TO)));
    assertEquals(
        List.of(
            "-10.8.0.0/16",
            "10.8.1.0/24 [65000 65002]",
            "10.8.2.0/24 [65000 65002]",
            "10.9.1.0/24 [65000 65002]"),
        hands.words(to).stream().sorted().toList());
  }

  /** Who passes nothing on makes an aggregate of its own routes, and hides those alone. */
  @Test
  void withoutTransitOwnRoutesAloneAreParts() {
    SpeakerConfig open = aggregating(true);
    SpeakerConfig closed = new SpeakerConfig(
        open.as(),
        open.routerId(),
        open.listen(),
        open.multipath(),
        List.of(FROM, peer(4, 65000, session())),
        open.dynamic(),
        false,
        open.deferralTime(),
        open.aggregates(),
        List.of());
    Hands node = new Hands(closed);
    Deed.Target outside = node.up(2, 65002);
    Deed.Target inside = node.up(4, 65000);
    node.said(outside);
    node.said(inside);
    node.announce(outside, path(2, 65002), "10.8.1.0/24");
    assertEquals(List.of("10.8.1.0/24 [65002]"), node.words(inside));
    assertFalse(node.selected.containsKey(WHOLE));
    node.happen(originate("10.8.3.0/24"));
    assertEquals(List.of("10.8.0.0/16 []"), node.words(inside));
    assertEquals(List.of("10.8.0.0/16 [65000]"), node.words(outside));
    SpeakerConfig opened = open.with(closed.peers());
    node.happen(new Happening.Reconfigure(opened));
    assertEquals(List.of("-10.8.1.0/24", "10.8.0.0/16 []"), node.words(inside));
  }

  /** What others told us is no part of it before it is forwarded. */
  @Test
  void whoHasJustStartedWaitsForItsKernel() {
    Hands node = new Hands(
        aggregating(true), new Happening.Start(new Restart(false, List.of(), false, true)));
    Deed.Target source = node.up(2, 65002);
    Deed.Target sink = node.up(3, 65003);
    node.said(sink);
    node.announce(source, path(2, 65002), "10.8.1.0/24");
    assertEquals(List.of(), node.words(sink));
    node.happen(new Happening.Forwards());
    assertEquals(List.of("10.8.0.0/16 [65000]"), node.words(sink));
  }

  private static Happening.Originate originate(String prefix) {
    return new Happening.Originate(
        new TreeMap<>(java.util.Map.of(Prefix.parse(prefix), Origination.PLAIN)));
  }

  @Test
  void oneThatIsConfiguredLaterFindsWhatIsThere() {
    Hands later = new Hands(FROM, TO);
    Deed.Target source = later.up(2, 65002);
    Deed.Target sink = later.up(3, 65003);
    later.announce(source, path(2, 65002), "10.8.1.0/24");
    later.said(sink);
    later.happen(new Happening.Reconfigure(aggregating(true)));
    assertEquals(
        List.of("-10.8.1.0/24", "10.8.0.0/16 [65000]"),
        later.words(sink).stream().sorted().toList());
  }

  @Test
  void anAggregateContributesToALargerOne() {
    Prefix larger = Prefix.parse("10.0.0.0/8");
    Hands both = new Hands(Hands.config(FROM, TO)
        .aggregating(List.of(new Aggregate(WHOLE, true), new Aggregate(larger, true))));
    Deed.Target source = both.up(2, 65002);
    both.announce(source, path(2, 65002), "10.8.1.0/24");
    assertTrue(both.selected.containsKey(larger));
    both.withdraw(source, "10.8.1.0/24");
    assertTrue(both.selected.isEmpty(), both.selected.toString());
  }
}
