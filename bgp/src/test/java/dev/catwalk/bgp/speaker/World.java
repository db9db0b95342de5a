package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.sim.Link;
import dev.catwalk.net.sim.VirtualTime;
import java.util.ArrayList;
import java.util.List;
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
  private final TreeSet<String> cuts = new TreeSet<>();
  private final List<Wire> wires = new ArrayList<>();
  private long numbers;

  World(long seed) {
    time = new VirtualTime(seed);
  }

  Node add(SpeakerConfig config) {
    IpAddress address = config.listen().getFirst().address();
    Node node = new Node(address, config);
    nodes.put(address, node);
    return node;
  }

  void start() {
    nodes.values().forEach(node -> node.happen(new Happening.Start()));
  }

  void cut(Node a, Node b) {
    cuts.add(key(a.address, b.address));
    wires.stream().filter(w -> w.joins(a, b)).forEach(w -> {
      w.toDialler.cut();
      w.toListener.cut();
    });
  }

  void heal(Node a, Node b) {
    cuts.remove(key(a.address, b.address));
  }

  boolean isCut(Node a, Node b) {
    return cuts.contains(key(a.address, b.address));
  }

  /** Both directions of one node fall silent, as when its host dies. */
  void isolate(Node node) {
    nodes.values().stream().filter(n -> n != node).forEach(n -> cut(node, n));
  }

  private static String key(IpAddress a, IpAddress b) {
    return a.compareTo(b) < 0 ? a + " " + b : b + " " + a;
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
      this.toDialler = new Link<>(time, Runnable::run, 1, 20, 0);
      this.toListener = new Link<>(time, Runnable::run, 1, 20, 0);
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
    private final TreeMap<String, Wire> connections = new TreeMap<>();
    private final TreeMap<Long, Wire> incoming = new TreeMap<>();
    private final TreeMap<String, VirtualTime.Task> timers = new TreeMap<>();
    private boolean workDue;
    private boolean dead;
    long convergedAtMs = -1;
    long departedAtMs = -1;

    Node(IpAddress address, SpeakerConfig config) {
      this.address = address;
      this.speaker = new Speaker(config, true);
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
      wires.forEach(w -> {
        if (w.dialler == this) {
          w.toDialler.cut();
        }
        if (w.listener == this) {
          w.toListener.cut();
        }
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
      happen(new Happening.Start(restart));
    }

    void happen(Happening happening) {
      if (dead) {
        return;
      }
      time.trace(address + " " + happening);
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
            connections.put(target.toString(), wire);
          }
          case Deed.Refuse(long number) -> close(incoming.remove(number));
          case Deed.Send(Deed.Target target, var context, Message message) -> send(target, message);
          case Deed.Tell(List<Deed.Target> targets, var context, Update update) ->
            targets.forEach(target -> send(target, update));
          case Deed.Close(Deed.Target target) -> {
            Wire wire = connections.remove(target.toString());
            if (wire != null) {
              close(wire);
            }
          }
          case Deed.Arm(long peer, Timer timer, long owner, long generation, long delayMs) -> {
            String key = peer + " " + timer + " " + owner;
            cancel(key);
            Event expired = new Event.Expired(timer, owner, generation);
            timers.put(key, time.after(delayMs, () -> happen(new Happening.OfPeer(peer, expired))));
          }
          case Deed.Disarm(long peer, Timer timer, long owner) ->
            cancel(peer + " " + timer + " " + owner);
          case Deed.Remind(long peer, Deadline deadline, long generation, long delayMs) -> {
            String key = peer + " " + deadline;
            cancel(key);
            timers.put(
                key,
                time.after(delayMs, () -> happen(new Happening.Due(peer, deadline, generation))));
          }
          case Deed.Converged() -> convergedAtMs = time.nowMs();
          case Deed.Departed() -> departedAtMs = time.nowMs();
          case Deed.Routes(List<RouteChange> changes) -> changes.forEach(this::changed);
          case Deed.Note n -> {}
        }
      }
    }

    private void changed(RouteChange change) {
      if (change.paths().isEmpty()) {
        selected.remove(change.prefix());
      } else {
        selected.put(change.prefix(), change.paths());
      }
    }

    private void cancel(String timer) {
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
      connections.put(target.toString(), wire);
      wire.toListener.send(() -> other.accept(wire));
      wire.toDialler.send(() -> happen(
          new Happening.Connected(target.peer(), target.connection(), new Locals(address, null))));
    }

    private void accept(Wire wire) {
      long number = ++numbers;
      incoming.put(number, wire);
      happen(new Happening.Incoming(number, wire.dialler.address, new Locals(address, null)));
    }

    private void send(Deed.Target target, Message message) {
      Wire wire = connections.get(target.toString());
      if (wire == null) {
        return;
      }
      if (wire.dialler == this) {
        wire.toListener.send(() -> {
          if (wire.adopted != null) {
            wire.listener.received(wire.adopted, message);
          }
        });
      } else {
        wire.toDialler.send(() -> wire.dialler.received(wire.dialled, message));
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
      if (connections.containsKey(target.toString())) {
        happen(
            new Happening.OfPeer(target.peer(), new Event.Received(target.connection(), message)));
      }
    }

    private void close(Wire wire) {
      if (wire.dialler == this) {
        wire.toListener.send(() -> {
          if (wire.adopted != null) {
            wire.listener.closed(wire.adopted, "closed by peer");
          }
        });
      } else {
        wire.toDialler.send(() -> wire.dialler.closed(wire.dialled, "closed by peer"));
      }
    }

    private void closed(Deed.Target target, String why) {
      connections.remove(target.toString());
      happen(new Happening.OfPeer(target.peer(), new Event.Closed(target.connection(), why)));
    }
  }
}
