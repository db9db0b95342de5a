package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.Environment;
import dev.catwalk.bgp.exabgp.Events;
import dev.catwalk.bgp.exabgp.JsonVersion;
import dev.catwalk.bgp.exabgp.MalformedException;
import dev.catwalk.bgp.exabgp.NeighborConfig;
import dev.catwalk.bgp.exabgp.ProcessConfig;
import dev.catwalk.bgp.fsm.State;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The processes: which run, which of them hears what, and whether one that ends is started again. */
final class Children {
  /** A process that was started so often within {@link #WINDOW_MICROS} stays ended. */
  static final int MOST_STARTS = 5;

  static final long WINDOW_MICROS = 60_000_000;

  /** One process. */
  static final class Child {
    final ProcessConfig config;
    final List<Long> starts = new ArrayList<>();
    boolean running;
    boolean acknowledged;

    Child(ProcessConfig config, boolean acknowledged) {
      this.config = config;
      this.acknowledged = acknowledged;
    }
  }

  private final Environment environment;
  private final Events.Origin origin;
  private final JsonVersion version;
  private final TreeMap<String, Child> all = new TreeMap<>();

  Children(Environment environment, Events.Origin origin, JsonVersion version) {
    this.environment = environment;
    this.origin = origin;
    this.version = version;
  }

  @Nullable
  Child get(String process) {
    return all.get(process);
  }

  /** Unless it runs. */
  List<ExaDeed> start(ProcessConfig process, long now) {
    Child child =
        all.computeIfAbsent(process.name(), n -> new Child(process, environment.acknowledge()));
    if (child.running) {
      return List.of();
    }
    child.running = true;
    child.starts.add(now);
    return List.of(new ExaDeed.Launch(process));
  }

  List<ExaDeed> stop(String process) {
    Child child = all.remove(process);
    return child != null && child.running ? List.of(new ExaDeed.Terminate(process)) : List.of();
  }

  /** It is started again, unless that was done too often of late. */
  List<ExaDeed> ended(String process, String why, long now) {
    Child child = all.get(process);
    if (child == null) {
      return List.of();
    }
    child.running = false;
    child.starts.removeIf(at -> now - at > WINDOW_MICROS);
    String what = "process " + process + " ended: " + why;
    if (!child.config.respawn() || !environment.respawn()) {
      return List.of(new ExaDeed.Note(true, what + "; it is not to be started again"));
    }
    if (child.starts.size() >= MOST_STARTS) {
      return List.of(new ExaDeed.Note(
          true,
          what + "; it was started " + MOST_STARTS
              + " times within a minute and stays ended until the configuration is read again"));
    }
    List<ExaDeed> deeds = new ArrayList<>();
    deeds.add(new ExaDeed.Note(true, what + "; it is started again"));
    child.running = true;
    child.starts.add(now);
    child.acknowledged = environment.acknowledge();
    deeds.add(new ExaDeed.Launch(child.config));
    return deeds;
  }

  List<ExaDeed> shutdown(long now) {
    List<ExaDeed> deeds = new ArrayList<>();
    for (Child child : all.values()) {
      if (child.running) {
        String name = child.config.name();
        deeds.add(new ExaDeed.Tell(
            name, List.of(Events.shutdown(origin, version, child.config.json(), now))));
        deeds.add(new ExaDeed.Terminate(name));
      }
    }
    return deeds;
  }

  /** Says how an event is written; null: that encoder has none. */
  private interface Words {
    @Nullable
    String in(boolean json) throws MalformedException;
  }

  private List<ExaDeed> tell(Peer peer, Predicate<NeighborConfig.Api> who, Words words) {
    List<ExaDeed> deeds = new ArrayList<>();
    for (NeighborConfig.Api api : peer.config.api()) {
      if (!who.test(api)) {
        continue;
      }
      for (String process : api.processes()) {
        Child child = all.get(process);
        if (child == null || !child.running) {
          continue;
        }
        try {
          String line = words.in(child.config.json());
          if (line != null) {
            deeds.add(new ExaDeed.Tell(process, List.of(line)));
          }
        } catch (MalformedException e) {
          deeds.add(new ExaDeed.Note(
              true,
              "neighbor " + peer.address() + ": a message cannot be shown to process " + process
                  + ": " + e.getMessage()));
        }
      }
    }
    return deeds;
  }

  List<ExaDeed> state(Peer peer, long now, String state, String reason) {
    return tell(
        peer, NeighborConfig.Api::changes, json -> peer.events.state(json, now, state, reason));
  }

  List<ExaDeed> fsm(Peer peer, long now, State state) {
    String name = state.name().replace("_", "");
    return tell(peer, NeighborConfig.Api::fsm, json -> json ? peer.events.fsm(now, name) : null);
  }

  List<ExaDeed> negotiated(Peer peer, long now) {
    Events.Agreed agreed = peer.agreed;
    return tell(
        peer,
        NeighborConfig.Api::negotiated,
        json -> json && agreed != null ? peer.events.negotiated(now, agreed) : null);
  }

  /** A message that was sent or received; what is received is kept for those who ask. */
  List<ExaDeed> message(Peer peer, long now, String direction, byte[] message) {
    String kind = switch (message[18]) {
      case 1 -> "open";
      case 2 -> "update";
      case 3 -> "notification";
      case 4 -> "keepalive";
      default -> "refresh";
    };
    boolean inward = direction.equals("receive");
    List<ExaDeed> deeds = new ArrayList<>();
    for (NeighborConfig.Api api : peer.config.api()) {
      List<String> wanted = List.copyOf(inward ? api.receive() : api.send());
      if (wanted.contains(kind)) {
        boolean parsed = wanted.contains("parsed") || !wanted.contains("packets");
        boolean packets = wanted.contains("packets");
        boolean together = wanted.contains("consolidate") || !(parsed && packets);
        deeds.addAll(tell(
            peer,
            api::equals,
            json -> peer.events.message(
                json, now, direction, message, packets && together, parsed, peer.agreed)));
        if (!together) {
          deeds.addAll(tell(
              peer,
              api::equals,
              json ->
                  peer.events.message(json, now, direction, message, true, false, peer.agreed)));
        }
      }
    }
    if (inward && kind.equals("update") && peer.config.telling().received() && !all.isEmpty()) {
      try {
        peer.received.apply(peer.events.routes(message));
      } catch (MalformedException e) {
        deeds.add(new ExaDeed.Note(
            true,
            "neighbor " + peer.address() + " sent an UPDATE that is none: " + e.getMessage()));
      }
    }
    return deeds;
  }
}
