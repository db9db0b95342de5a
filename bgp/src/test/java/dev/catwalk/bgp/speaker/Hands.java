package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A speaker of AS 65000 whose peers are played by hand, message by message. */
final class Hands {
  static final IpAddress SELF = IpAddress.parse("10.0.0.1");
  static final long AS = 65000;
  static final AfiSafi IPV4 = AfiSafi.IPV4_UNICAST;

  final Speaker speaker;
  final TreeMap<Prefix, List<Path>> selected = new TreeMap<>();
  final List<String> notes = new ArrayList<>();
  private final TreeMap<String, List<Message>> said = new TreeMap<>();
  private final TreeMap<String, Deed.Remind> reminders = new TreeMap<>();
  private final TreeMap<Long, Deed.Target> adopted = new TreeMap<>();
  private final TreeMap<String, Boolean> closed = new TreeMap<>();
  private long numbers;
  long nowMs = 1_000_000;
  boolean converged;

  Hands(PeerConfig... peers) {
    this(config(peers));
  }

  Hands(SpeakerConfig config) {
    this(config, new Happening.Start());
  }

  Hands(SpeakerConfig config, Happening.Start start) {
    speaker = new Speaker(config, true);
    happen(start);
  }

  static SpeakerConfig config(PeerConfig... peers) {
    return new SpeakerConfig(AS, SELF, List.of(), Multipath.OFF, List.of(peers), List.of());
  }

  /** A session of IPv4 unicast without graceful restart that waits to be called. */
  static SessionConfig session() {
    return new SessionConfig(90, 0, true, false, List.of(Family.IPV4));
  }

  /** {@code 10.0.0.n}. */
  static IpAddress address(int n) {
    return IpAddress.v4(0x0a000000 + n);
  }

  static PeerConfig peer(int n, long as, SessionConfig session) {
    return new PeerConfig("p" + n, address(n), PeerConfig.PORT, as, session);
  }

  /** Peer {@code n} calls and comes up. */
  Deed.Target up(int n, long as, Capability... capabilities) {
    return up(n, Open.offering(as, 90, n, List.of(IPV4), List.of(capabilities)));
  }

  Deed.Target up(int n, Open open) {
    Deed.Target target = call(n);
    hear(target, open);
    hear(target, new Keepalive());
    return target;
  }

  Deed.Target call(int n) {
    return call(address(n), new Locals(SELF, null));
  }

  Deed.Target call(IpAddress from, Locals locals) {
    long number = ++numbers;
    happen(new Happening.Incoming(number, from, locals));
    Deed.Target target = adopted.get(number);
    if (target == null) {
      throw new AssertionError("refused: " + from);
    }
    return target;
  }

  void hear(Deed.Target from, Message message) {
    happen(new Happening.OfPeer(from.peer(), new Event.Received(from.connection(), message)));
  }

  void closed(Deed.Target target) {
    happen(new Happening.OfPeer(
        target.peer(), new Event.Closed(target.connection(), "closed by peer")));
  }

  /** Of that AS path, with the peer's own address as next hop. */
  static PathAttributes path(int n, long... as) {
    return PathAttributes.builder(Origin.IGP, AsPath.sequence(as), address(n)).build();
  }

  void announce(Deed.Target from, PathAttributes attributes, String prefix) {
    hear(from, Update.announce(attributes, Nlri.of(Prefix.parse(prefix))));
  }

  void withdraw(Deed.Target from, String prefix) {
    hear(from, Update.withdraw(Nlri.of(Prefix.parse(prefix))));
  }

  void happen(Happening happening) {
    perform(speaker.step(nowMs, happening));
    while (speaker.hasWork()) {
      perform(speaker.work());
    }
  }

  /** The reminder of that kind that was asked for last runs out. */
  void due(long peer, Deadline deadline) {
    Deed.Remind remind = reminders.get(peer + " " + deadline);
    if (remind == null) {
      throw new AssertionError("nobody waits for " + deadline);
    }
    nowMs += remind.delayMs();
    happen(new Happening.Due(peer, deadline, remind.generation()));
  }

  boolean awaits(long peer, Deadline deadline) {
    return reminders.containsKey(peer + " " + deadline);
  }

  /** What was said to it since the last time. */
  List<Message> said(Deed.Target to) {
    List<Message> messages = said.remove(to.toString());
    return messages == null ? List.of() : messages;
  }

  /** As {@link #said}: announcements, {@code -} withdrawals, {@code EoR}, other messages. */
  List<String> words(Deed.Target to) {
    List<String> words = new ArrayList<>();
    for (Message message : said(to)) {
      switch (message) {
        case Update update -> {
          if (update.endOfRib() != null) {
            words.add("EoR");
          }
          update.withdrawn().forEach(nlri -> nlri.forEach(p -> words.add("-" + p)));
          update
              .announced()
              .forEach(r ->
                  r.prefixes().forEach(p -> words.add(p + " [" + r.attributes().asPath() + "]")));
        }
        default -> words.add(message.toString());
      }
    }
    return words;
  }

  /** The attributes that were announced to it since the last time, by prefix. */
  TreeMap<Prefix, PathAttributes> announced(Deed.Target to) {
    TreeMap<Prefix, PathAttributes> announced = new TreeMap<>();
    for (Message message : said(to)) {
      if (message instanceof Update update) {
        update
            .announced()
            .forEach(r -> r.prefixes().forEach(p -> announced.put(p, r.attributes())));
      }
    }
    return announced;
  }

  boolean isClosed(Deed.Target target) {
    return closed.containsKey(target.toString());
  }

  PeerView view(int index) {
    return speaker.peers(nowMs).get(index);
  }

  private void perform(List<Deed> deeds) {
    for (Deed deed : deeds) {
      switch (deed) {
        case Deed.Adopt(long number, Deed.Target target, var settings) ->
          adopted.put(number, target);
        case Deed.Send(Deed.Target target, var context, Message message) -> say(target, message);
        case Deed.Tell(List<Deed.Target> targets, var context, Update update) ->
          targets.forEach(target -> say(target, update));
        case Deed.Remind remind -> reminders.put(remind.peer() + " " + remind.deadline(), remind);
        case Deed.Routes(List<RouteChange> changes) ->
          changes.forEach(change -> {
            if (change.paths().isEmpty()) {
              selected.remove(change.prefix());
            } else {
              selected.put(change.prefix(), change.paths());
            }
          });
        case Deed.Note note -> notes.add(note.pattern() + " " + note.arguments());
        case Deed.Close(Deed.Target target) -> closed.put(target.toString(), true);
        case Deed.Up up -> {}
        case Deed.Down down -> {}
        case Deed.Dial d -> {}
        case Deed.Refuse r -> {}
        case Deed.Arm a -> {}
        case Deed.Disarm d -> {}
        case Deed.Converged c -> converged = true;
        case Deed.Departed d -> {}
      }
    }
  }

  private void say(Deed.Target target, Message message) {
    said.computeIfAbsent(target.toString(), t -> new ArrayList<>()).add(message);
  }
}
