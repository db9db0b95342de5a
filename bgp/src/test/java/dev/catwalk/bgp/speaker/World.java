package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.bgp.rib.Underlay;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.sim.Link;
import dev.catwalk.net.sim.VirtualTime;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Speakers in virtual time: the shell of each is played here, connections are links with delay that
 * can be cut, and readers that stop reading for a while. Messages travel as values.
 */
final class World {
  final VirtualTime time;
  final TreeMap<IpAddress, Node> nodes = new TreeMap<>();
  private final HashSet<Ends> cuts = new HashSet<>();
  private final HashMap<Ends, Long> stalls = new HashMap<>();
  private final LinkedHashSet<Wire> wires = new LinkedHashSet<>();
  private final long maxDelayMs;
  private final boolean traced;
  private long numbers;
  private boolean pathsWatched;

  /** Connections in an order that is the same in every run. */
  private static final Comparator<Deed.Target> BY_NUMBER = Comparator.comparingLong(
          Deed.Target::peer)
      .thenComparing(
          Deed.Target::connection,
          Comparator.comparing(ConnectionId::side).thenComparing(ConnectionId::number));

  /** Of BFD. */
  private static final long DETECTION_MS = 900;

  /** Two nodes, whichever dials. */
  private record Ends(IpAddress low, IpAddress high) {
    static Ends of(Node a, Node b) {
      return a.address.compareTo(b.address) < 0
          ? new Ends(a.address, b.address)
          : new Ends(b.address, a.address);
    }
  }

  /** A timer or, without one, a deadline. */
  private record Alarm(
      long peer, @Nullable Timer timer, @Nullable Deadline deadline, long owner) {}

  World(long seed) {
    this(seed, 20, true);
  }

  /**
   * @param maxDelayMs the longest that a message is under way, 1 or more
   * @param traced whether all that happens goes into the trace hash
   */
  World(long seed, long maxDelayMs, boolean traced) {
    time = new VirtualTime(seed);
    this.maxDelayMs = maxDelayMs;
    this.traced = traced;
  }

  Node add(SpeakerConfig config) {
    IpAddress address = config.listen().getFirst().address();
    Node node = new Node(address, config);
    nodes.put(address, node);
    return node;
  }

  void start() {
    nodes.values().forEach(node -> node.start(Restart.NONE));
  }

  /** Whether BFD notices from now on when a path has failed. */
  void watchPaths(boolean watched) {
    pathsWatched = watched;
  }

  /** Both ends that there are notice it after a while. */
  private void failLater(Node a, Node b) {
    if (pathsWatched) {
      time.after(DETECTION_MS, () -> {
        if (isCut(a, b) || a.dead || b.dead) {
          a.pathFailed(b);
          b.pathFailed(a);
        }
      });
    }
  }

  void cut(Node a, Node b) {
    cuts.add(Ends.of(a, b));
    failLater(a, b);
    wires.removeIf(w -> {
      boolean joins = w.joins(a, b);
      if (joins) {
        w.toDialler.cut();
        w.toListener.cut();
      }
      return joins;
    });
  }

  void heal(Node a, Node b) {
    cuts.remove(Ends.of(a, b));
  }

  boolean isCut(Node a, Node b) {
    return cuts.contains(Ends.of(a, b));
  }

  /** Nothing passes between them for that time, and nothing is lost: TCP sends it again. */
  void stall(Node a, Node b, long ms) {
    stalls.merge(Ends.of(a, b), time.nowMs() + ms, Math::max);
  }

  boolean isStalled(Node a, Node b) {
    return stalls.getOrDefault(Ends.of(a, b), -1L) >= time.nowMs();
  }

  /** Both directions of one node fall silent, as when its host dies. */
  void isolate(Node node) {
    nodes.values().stream().filter(n -> n != node).forEach(n -> cut(node, n));
  }

  /** One TCP connection. */
  private final class Wire {
    final Node dialler;
    final Node listener;
    final Link<Runnable> toDialler;
    final Link<Runnable> toListener;
    final Deed.Target dialled;
    Deed.@Nullable Target adopted;

    Wire(Node dialler, Deed.Target dialled, Node listener) {
      this.dialler = dialler;
      this.dialled = dialled;
      this.listener = listener;
      this.toDialler = new Link<>(time, Runnable::run, 1, maxDelayMs, 0);
      this.toListener = new Link<>(time, Runnable::run, 1, maxDelayMs, 0);
    }

    /** What is sent at the very end of a stall comes after what the stall has held up. */
    void send(Link<Runnable> link, Runnable message) {
      long until = stalls.getOrDefault(Ends.of(dialler, listener), -1L);
      if (until < time.nowMs()) {
        link.send(message);
      } else {
        time.after(until - time.nowMs(), () -> link.send(message));
      }
    }

    boolean joins(Node a, Node b) {
      return dialler == a && listener == b || dialler == b && listener == a;
    }
  }

  /** One speaker with its shell. */
  final class Node {
    final IpAddress address;
    final TreeMap<Prefix, List<Path>> selected = new TreeMap<>();
    Speaker speaker;
    private final TreeMap<Deed.Target, Wire> connections = new TreeMap<>(BY_NUMBER);
    private final TreeMap<Long, Wire> incoming = new TreeMap<>();
    private final HashMap<Alarm, VirtualTime.Task> timers = new HashMap<>();
    private final HashMap<Deed.Target, Negotiated> up = new HashMap<>();
    private final TreeSet<Prefix> own = new TreeSet<>();
    private @Nullable Underlay underlay;
    private boolean workDue;
    private boolean dead;
    private @Nullable SplittableRandom kernel;
    private final TreeSet<Prefix> forwarded = new TreeSet<>();
    long convergedAtMs = -1;
    long departedAtMs = -1;

    Node(IpAddress address, SpeakerConfig config) {
      this.address = address;
      this.speaker = new Speaker(config, true);
    }

    /** What it finds its way to without BGP, from now on and after each start. */
    void reaches(Underlay known) {
      underlay = known;
      happen(new Happening.Reaches(known));
    }

    /** Its BFD says so of the path of each session with that one; some peers' BFD outlives their BGP. */
    private void pathFailed(Node other) {
      for (Map.Entry<Deed.Target, Wire> entry : List.copyOf(connections.entrySet())) {
        Deed.Target target = entry.getKey();
        Negotiated terms = up.get(target);
        if (entry.getValue().joins(this, other) && terms != null) {
          String why = "BFD: nothing heard";
          Notification cease = Notification.of(Fault.BFD_DOWN);
          boolean independent = address.v4Bits() % 2 == 0;
          Event event = independent
              ? new Event.Malformed(
                  target.connection(), terms.notification() ? cease.asHardReset() : cease, why)
              : new Event.Closed(target.connection(), why);
          happen(new Happening.OfPeer(target.peer(), event));
        }
      }
    }

    /** From its start on it forwards late, and nobody may send it packets before. */
    void forwardsLate(long seed) {
      kernel = new SplittableRandom(seed);
    }

    void start(Restart restart) {
      happen(new Happening.Start(restart));
      if (underlay != null) {
        happen(new Happening.Reaches(underlay));
      }
      if (kernel != null) {
        forwarded.clear();
        happen(new Happening.Forwarding(new TreeSet<>(), new TreeSet<>()));
      }
    }

    /** What is selected by now is what the kernel does. */
    private void forward(Prefix prefix) {
      TreeSet<Prefix> one = new TreeSet<>(List.of(prefix));
      if (selected.containsKey(prefix)) {
        forwarded.add(prefix);
        happen(new Happening.Forwarding(one, new TreeSet<>()));
      } else {
        forwarded.remove(prefix);
        happen(new Happening.Forwarding(new TreeSet<>(), one));
      }
    }

    private static boolean hasPart(SortedSet<Prefix> prefixes, Prefix whole) {
      return prefixes.stream().anyMatch(p -> whole.contains(p) && !p.equals(whole));
    }

    /** Of an eBGP speaker: the paths of its own routes have no other AS than its own. */
    private void check(Update update) {
      for (Update.Reach reach : update.announced()) {
        for (Prefix prefix : reach.prefixes()) {
          boolean others = reach.attributes().asPath().length() > 1;
          boolean way = others || own.contains(prefix)
              ? !others || forwarded.contains(prefix)
              : hasPart(forwarded, prefix) || hasPart(own, prefix);
          if (!way) {
            throw new AssertionError(address + " draws packets for " + prefix + " too early");
          }
        }
      }
    }

    /** The process is killed: its peers see their connections close. */
    void kill() {
      List.copyOf(connections.values()).forEach(wire -> close(wire));
      vanish();
      selected.clear();
    }

    /** The machine stops: its peers see nothing. */
    void vanish() {
      dead = true;
      nodes.values().stream().filter(n -> n != this).forEach(n -> failLater(this, n));
      wires.removeIf(w -> {
        if (w.dialler == this) {
          w.toDialler.cut();
        }
        if (w.listener == this) {
          w.toListener.cut();
        }
        return w.dialler == this || w.listener == this;
      });
      connections.clear();
      incoming.clear();
      timers.values().forEach(VirtualTime.Task::cancel);
      timers.clear();
    }

    /** A new process in the place of one that is dead. */
    void revive(SpeakerConfig config, Restart restart) {
      speaker = new Speaker(config, true);
      dead = false;
      workDue = false;
      convergedAtMs = -1;
      start(restart);
    }

    void happen(Happening happening) {
      if (dead) {
        return;
      }
      if (traced) {
        time.trace(address + " " + happening);
      }
      if (happening instanceof Happening.Originate(SortedMap<Prefix, Origination> routes)) {
        own.clear();
        own.addAll(routes.keySet());
      }
      perform(speaker.step(time.nowMs(), happening));
      if (!workDue && speaker.hasWork()) {
        workDue = true;
        time.after(time.random().nextInt(3), this::work);
      }
    }

    private void work() {
      workDue = false;
      while (!dead && speaker.hasWork()) {
        perform(speaker.work());
      }
    }

    void perform(List<Deed> deeds) {
      for (Deed deed : deeds) {
        switch (deed) {
          case Deed.Dial(Deed.Target target, var to, int port, var settings) -> dial(target, to);
          case Deed.Adopt(long number, Deed.Target target, var settings) -> {
            Wire wire = incoming.remove(number);
            wire.adopted = target;
            connections.put(target, wire);
          }
          case Deed.Refuse(long number) -> close(incoming.remove(number));
          case Deed.Send(Deed.Target target, var context, Message message) -> send(target, message);
          case Deed.Tell(List<Deed.Target> targets, var context, Update update) ->
            targets.forEach(target -> send(target, update));
          case Deed.Close(Deed.Target target) -> {
            Wire wire = connections.remove(target);
            if (wire != null) {
              close(wire);
            }
          }
          case Deed.Arm(long peer, Timer timer, long owner, long generation, long delayMs) -> {
            Alarm key = new Alarm(peer, timer, null, owner);
            cancel(key);
            Event expired = new Event.Expired(timer, owner, generation);
            timers.put(key, time.after(delayMs, () -> happen(new Happening.OfPeer(peer, expired))));
          }
          case Deed.Disarm(long peer, Timer timer, long owner) ->
            cancel(new Alarm(peer, timer, null, owner));
          case Deed.Remind(long peer, Deadline deadline, long generation, long delayMs) -> {
            Alarm key = new Alarm(peer, null, deadline, 0);
            cancel(key);
            timers.put(
                key,
                time.after(delayMs, () -> happen(new Happening.Due(peer, deadline, generation))));
          }
          case Deed.Converged() -> convergedAtMs = time.nowMs();
          case Deed.Departed() -> departedAtMs = time.nowMs();
          case Deed.Routes(List<RouteChange> changes) -> changes.forEach(this::changed);
          case Deed.Up(var target, var peer, var terms, var locals, var sent, var received) ->
            up.put(target, terms);
          case Deed.Down down -> up.remove(down.target());
          case Deed.Note n -> {}
        }
      }
    }

    private void changed(RouteChange change) {
      if (kernel != null) {
        time.after(1 + kernel.nextInt(500), () -> forward(change.prefix()));
      }
      if (change.paths().isEmpty()) {
        selected.remove(change.prefix());
      } else {
        selected.put(change.prefix(), change.paths());
      }
    }

    private void cancel(Alarm timer) {
      VirtualTime.Task task = timers.remove(timer);
      if (task != null) {
        task.cancel();
      }
    }

    private void dial(Deed.Target target, IpAddress to) {
      Node other = nodes.get(to);
      if (other == null || other.dead || isCut(this, other)) {
        time.after(50, () -> closed(target, "unreachable"));
        return;
      }
      Wire wire = new Wire(this, target, other);
      wires.add(wire);
      connections.put(target, wire);
      wire.send(wire.toListener, () -> other.accept(wire));
      wire.send(
          wire.toDialler,
          () -> happen(new Happening.Connected(
              target.peer(), target.connection(), new Locals(address, null))));
    }

    private void accept(Wire wire) {
      long number = ++numbers;
      incoming.put(number, wire);
      happen(new Happening.Incoming(number, wire.dialler.address, new Locals(address, null)));
    }

    private void send(Deed.Target target, Message message) {
      if (kernel != null && message instanceof Update update) {
        check(update);
      }
      Wire wire = connections.get(target);
      if (wire == null) {
        return;
      }
      if (wire.dialler == this) {
        wire.send(wire.toListener, () -> {
          if (wire.adopted != null) {
            wire.listener.received(wire.adopted, message);
          }
        });
      } else {
        wire.send(wire.toDialler, () -> wire.dialler.received(wire.dialled, message));
      }
      if (message instanceof Update && time.random().nextInt(40) == 0) {
        block(target);
      }
    }

    /** The send buffer is full for a while. */
    private void block(Deed.Target target) {
      happenLater(0, target, new Event.Blocked(target.connection()));
      happenLater(1 + time.random().nextInt(200), target, new Event.Writable(target.connection()));
    }

    private void happenLater(long delayMs, Deed.Target target, Event event) {
      time.after(delayMs, () -> happen(new Happening.OfPeer(target.peer(), event)));
    }

    private void received(Deed.Target target, Message message) {
      if (connections.containsKey(target)) {
        happen(
            new Happening.OfPeer(target.peer(), new Event.Received(target.connection(), message)));
      }
    }

    boolean isDead() {
      return dead;
    }

    private void close(Wire wire) {
      if (wire.dialler == this) {
        wire.send(wire.toListener, () -> {
          if (wire.adopted != null) {
            wire.listener.closed(wire.adopted, "closed by peer");
          }
        });
      } else {
        wire.send(wire.toDialler, () -> wire.dialler.closed(wire.dialled, "closed by peer"));
      }
    }

    private void closed(Deed.Target target, String why) {
      wires.remove(connections.remove(target));
      happen(new Happening.OfPeer(target.peer(), new Event.Closed(target.connection(), why)));
    }
  }
}
