package dev.catwalk.bgp.speaker;

import static dev.catwalk.bgp.speaker.Hands.IPV4;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 8950: IPv4 routes on a link that has IPv6 addresses only. */
class NextHopFamilyTest {
  private static final IpAddress OURS = IpAddress.parse("fd00::1");
  private static final IpAddress THEIRS = IpAddress.parse("fd00::2");

  @ParameterizedTest
  @CsvSource({"true, true, fd00::1", "true, false, ", "false, true, "})
  void ipv4RoutesNeedBothSides(boolean ours, boolean theirs, String nextHop) {
    Extensions s = Extensions.STANDARD;
    SessionConfig session = new SessionConfig(90, 0, true, false, List.of(Family.IPV4))
        .with(new Extensions(true, true, ours, s.addPath(), 0, Optional.empty(), false));
    Speaker speaker = new Speaker(
        new SpeakerConfig(
            65000,
            IpAddress.parse("10.0.0.1"),
            List.of(),
            Multipath.OFF,
            List.of(new PeerConfig("p", THEIRS, 179, 65002, session)),
            List.of()),
        true);
    List<Deed> deeds = new ArrayList<>(speaker.step(0, new Happening.Start()));
    deeds.addAll(speaker.step(
        0,
        new Happening.Originate(
            new TreeMap<>(java.util.Map.of(Prefix.parse("100.1.0.0/24"), Origination.PLAIN)))));
    deeds.addAll(speaker.step(0, new Happening.Incoming(1, THEIRS, new Locals(OURS, null))));
    ConnectionId connection = ConnectionId.accepted(1);
    Open open = Open.offering(
        65002, 90, 7, List.of(IPV4), theirs ? List.of(Capability.ExtendedNextHop.IPV4) : List.of());
    for (Message message : List.of(open, new Keepalive())) {
      deeds.addAll(
          speaker.step(0, new Happening.OfPeer(1, new Event.Received(connection, message))));
    }
    while (speaker.hasWork()) {
      deeds.addAll(speaker.work());
    }
    List<String> hops = new ArrayList<>();
    for (Deed deed : deeds) {
      if (deed instanceof Deed.Tell(var to, var context, Update update)) {
        update.announced().forEach(r -> hops.add(r.attributes().nextHop().toString()));
      }
    }
    assertEquals(nextHop == null ? List.of() : List.of(nextHop), hops);
    assertTrue(speaker.routes(Optional.empty()).getFirst().best().equals(Source.LOCAL.name()));
  }
}
