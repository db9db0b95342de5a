package dev.catwalk.bgp.fsm;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.net.sim.Link;
import dev.catwalk.net.sim.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Two peerings that look at each other through a network in virtual time. */
final class TwoSpeakers {
  final VirtualTime time;
  final Side left;
  final Side right;
  final long maxDelayMs;
  private long accepted;

  /** One speaker: its peering, its timers, its ends of the connections, and what it did. */
  final class Side {
    Peering peering;
    Side other;
    boolean listens = true;
    final List<Action> done = new ArrayList<>();
    private final Map<String, VirtualTime.Task> timers = new TreeMap<>();
    private final Map<String, Link<Runnable>> out = new TreeMap<>();
    private final Map<String, ConnectionId> farEnd = new TreeMap<>();

    void post(Event event) {
      Peering.Step step = Peering.step(peering, event);
      peering = step.next();
      time.trace(this == left ? "left" : "right");
      time.trace(event.toString());
      for (Action action : step.actions()) {
        done.add(action);
        perform(action);
      }
    }

    private void perform(Action action) {
      switch (action) {
        case Action.Dial(ConnectionId connection) -> dial(this, connection);
        case Action.Send(ConnectionId connection, Message message) ->
          transmit(connection, far -> new Event.Received(far, message));
        case Action.Close(ConnectionId connection) -> {
          transmit(connection, far -> new Event.Closed(far, "closed by peer"));
          out.remove(connection.toString());
        }
        case Action.Arm(Timer timer, long owner, long generation, long delayMs) -> {
          cancel(timer, owner);
          timers.put(
              timer + "/" + owner,
              time.after(delayMs, () -> post(new Event.Expired(timer, owner, generation))));
        }
        case Action.Disarm(Timer timer, long owner) -> cancel(timer, owner);
        case Action.Up a -> {}
        case Action.Down a -> {}
        case Action.Failed a -> {}
        case Action.Deliver a -> {}
        case Action.Refresh a -> {}
      }
    }

    private void cancel(Timer timer, long owner) {
      VirtualTime.Task task = timers.remove(timer + "/" + owner);
      if (task != null) {
        task.cancel();
      }
    }

    private void transmit(
        ConnectionId connection, java.util.function.Function<ConnectionId, Event> event) {
      Link<Runnable> link = out.get(connection.toString());
      ConnectionId far = farEnd.get(connection.toString());
      if (link != null && far != null) {
        link.send(() -> other.post(event.apply(far)));
      }
    }

    void cutAll() {
      out.values().forEach(Link::cut);
    }

    long count(Class<? extends Action> kind) {
      return done.stream().filter(kind::isInstance).count();
    }

    State state() {
      return peering.state();
    }
  }

  TwoSpeakers(long seed, long maxDelayMs, Settings ofLeft, Settings ofRight) {
    this.time = new VirtualTime(seed);
    this.maxDelayMs = maxDelayMs;
    left = new Side();
    right = new Side();
    left.other = right;
    right.other = left;
    left.peering = Peering.of(ofLeft);
    right.peering = Peering.of(ofRight);
  }

  static Settings settings(long as, int id, long peerAs) {
    return new Settings(
        as, id, peerAs, false, 90, 0, 5, List.of(AfiSafi.IPV4_UNICAST, AfiSafi.IPV6_UNICAST));
  }

  static Settings passive(Settings s) {
    return new Settings(
        s.localAs(),
        s.localId(),
        s.peerAs(),
        true,
        s.holdTime(),
        s.keepalive(),
        s.connectRetry(),
        s.families());
  }

  static Settings holdTime(Settings s, int holdTime) {
    return new Settings(
        s.localAs(),
        s.localId(),
        s.peerAs(),
        s.passive(),
        holdTime,
        s.keepalive(),
        s.connectRetry(),
        s.families());
  }

  TwoSpeakers start() {
    left.post(new Event.Start());
    right.post(new Event.Start());
    return this;
  }

  boolean bothUp() {
    return left.state() == State.ESTABLISHED && right.state() == State.ESTABLISHED;
  }

  private void dial(Side from, ConnectionId connection) {
    long delay = time.random().nextLong(0, maxDelayMs + 1);
    time.after(delay, () -> {
      if (!from.other.listens) {
        from.post(new Event.Closed(connection, "connection refused"));
        return;
      }
      ConnectionId far = ConnectionId.accepted(++accepted);
      connect(from, connection, far);
      connect(from.other, far, connection);
      from.post(new Event.Connected(connection));
      from.other.post(new Event.Accepted(far));
    });
  }

  private void connect(Side side, ConnectionId own, ConnectionId far) {
    side.out.put(own.toString(), new Link<>(time, Runnable::run, 0, maxDelayMs, 0));
    side.farEnd.put(own.toString(), far);
  }
}
