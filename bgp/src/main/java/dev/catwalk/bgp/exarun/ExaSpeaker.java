package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.Configuration;
import dev.catwalk.bgp.exabgp.Environment;
import dev.catwalk.bgp.exabgp.Events;
import dev.catwalk.bgp.exabgp.JsonVersion;
import dev.catwalk.bgp.exabgp.MalformedException;
import dev.catwalk.bgp.exabgp.NeighborConfig;
import dev.catwalk.bgp.exabgp.PeerOpen;
import dev.catwalk.bgp.exabgp.ProcessConfig;
import dev.catwalk.bgp.exarun.ExaDeed.Target;
import dev.catwalk.bgp.fsm.Action;
import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.fsm.Peering;
import dev.catwalk.bgp.fsm.State;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All neighbours and processes of one configuration. Its verbs are what happens, with the time in
 * microseconds since 1970; each returns what is to be done, in this order. One thread.
 */
public final class ExaSpeaker {
  /** So many neighbours that called from a configured range have a session at a time. */
  static final int MOST_DYNAMIC = 1024;

  private final Environment environment;
  private final Events.Origin origin;
  private final JsonVersion version;
  private final String software;
  private final TreeMap<Integer, Peer> peers = new TreeMap<>();
  private final Children children;
  private final Commander commander;
  private final Teller teller = new Teller(this);
  private final List<ExaDeed> deeds = new ArrayList<>();
  private Configuration configuration;
  private int nextId;
  private long now;
  private boolean stopping;

  /** @param software what the software version capability says */
  public ExaSpeaker(
      Configuration configuration,
      Environment environment,
      Events.Origin origin,
      JsonVersion version,
      String software) {
    this.configuration = configuration;
    this.environment = environment;
    this.origin = origin;
    this.version = version;
    this.software = software;
    this.children = new Children(environment, origin, version);
    this.commander = new Commander(this);
  }

  private List<ExaDeed> done() {
    List<ExaDeed> all = List.copyOf(deeds);
    deeds.clear();
    return all;
  }

  void deed(ExaDeed deed) {
    deeds.add(deed);
  }

  void note(boolean warning, String text) {
    deeds.add(new ExaDeed.Note(warning, text));
  }

  /** The time of what happens, microseconds since 1970. */
  long now() {
    return now;
  }

  TreeMap<Integer, Peer> peers() {
    return peers;
  }

  Teller teller() {
    return teller;
  }

  Children children() {
    return children;
  }

  String software() {
    return software;
  }

  /** Starts the processes and the sessions. */
  public List<ExaDeed> start(long micros) {
    now = micros;
    for (ProcessConfig process : configuration.processes().values()) {
      deeds.addAll(children.start(process, now));
    }
    for (NeighborConfig neighbor : configuration.neighbors()) {
      add(neighbor);
    }
    return done();
  }

  private void add(NeighborConfig neighbor) {
    if (neighbor.transport().passive()
        && neighbor.transport().listen() == 0
        && environment.bind().isEmpty()) {
      note(
          true,
          "neighbor " + neighbor.ends().address() + " is passive and nothing listens for it:"
              + " add listen PORT to it, or set exabgp.tcp.bind");
    }
    if (neighbor.telling().rateLimit() > 0) {
      note(
          true,
          "neighbor " + neighbor.ends().address()
              + ": rate-limit has no meaning here, its receiving window is the limit");
    }
    if (neighbor.ends().isOne()) {
      Peer peer = new Peer(nextId++, neighbor, false, origin, version);
      peer.since = now;
      peers.put(peer.id, peer);
      step(peer, new Event.Start());
    }
  }

  /** Somebody called. */
  public List<ExaDeed> incoming(long micros, long number, IpAddress remote, IpAddress local) {
    now = micros;
    Peer peer = callee(remote, local);
    if (peer == null) {
      note(true, "a call from " + remote + " to " + local + " is for no neighbor, it is refused");
      deeds.add(new ExaDeed.Refuse(number));
    } else {
      ConnectionId connection = ConnectionId.accepted(number);
      peer.locals.put(connection, local);
      deeds.add(
          new ExaDeed.Adopt(number, new Target(peer.id, connection), peer.config.transport()));
      step(peer, new Event.Accepted(connection));
    }
    return done();
  }

  private @Nullable Peer callee(IpAddress remote, IpAddress local) {
    for (Peer peer : peers.values()) {
      if (peer.config.ends().peers().address().equals(remote)
          && (peer.config.ends().local() == null
              || local.equals(peer.config.ends().local()))) {
        return peer;
      }
    }
    long dynamic = peers.values().stream().filter(peer -> peer.dynamic).count();
    for (NeighborConfig range : configuration.neighbors()) {
      if (!range.ends().isOne()
          && range.ends().peers().contains(remote)
          && dynamic < MOST_DYNAMIC) {
        Peer peer = new Peer(nextId++, range.calledBy(remote), true, origin, version);
        peer.since = now;
        peers.put(peer.id, peer);
        step(peer, new Event.Start());
        return peer;
      }
    }
    return null;
  }

  /** A connection that was dialled is open. */
  public List<ExaDeed> connected(long micros, Target target, IpAddress local) {
    now = micros;
    Peer peer = peers.get(target.neighbor());
    if (peer != null) {
      peer.locals.put(target.connection(), local);
      step(peer, new Event.Connected(target.connection()));
    }
    return done();
  }

  /** A whole message with a plausible header. */
  public List<ExaDeed> received(long micros, Target target, byte[] message) {
    now = micros;
    Peer peer = peers.get(target.neighbor());
    if (peer == null) {
      return done();
    }
    peer.incoming.add(message);
    ConnectionId connection = target.connection();
    try {
      Message read = ExaMessages.read(message);
      if (read instanceof Open) {
        peer.opens.put(connection, message);
      }
      tellOf(peer, "receive", message);
      step(peer, new Event.Received(connection, read));
    } catch (WireException e) {
      step(peer, ExaMessages.malformed(connection, e));
    }
    return done();
  }

  /** Octets that are no message. */
  public List<ExaDeed> malformed(long micros, Target target, WireException fault) {
    now = micros;
    Peer peer = peers.get(target.neighbor());
    if (peer != null) {
      step(peer, ExaMessages.malformed(target.connection(), fault));
    }
    return done();
  }

  /** A connection is gone, or could not be opened. */
  public List<ExaDeed> closed(long micros, Target target, String why) {
    now = micros;
    Peer peer = peers.get(target.neighbor());
    if (peer != null) {
      step(peer, new Event.Closed(target.connection(), why));
    }
    return done();
  }

  /** The neighbour does not read, or reads again. */
  public List<ExaDeed> writable(long micros, Target target, boolean writable) {
    now = micros;
    Peer peer = peers.get(target.neighbor());
    if (peer != null) {
      ConnectionId connection = target.connection();
      step(peer, writable ? new Event.Writable(connection) : new Event.Blocked(connection));
    }
    return done();
  }

  public List<ExaDeed> expired(
      long micros, int neighbor, Timer timer, long owner, long generation) {
    now = micros;
    Peer peer = peers.get(neighbor);
    if (peer != null) {
      step(peer, new Event.Expired(timer, owner, generation));
    }
    return done();
  }

  /** A line of a process's standard output. */
  public List<ExaDeed> said(long micros, String process, String line) {
    now = micros;
    if (!stopping) {
      commander.command(process, line);
    }
    return done();
  }

  /** A process is gone, or could not be started. */
  public List<ExaDeed> ended(long micros, String process, String why) {
    now = micros;
    if (!stopping) {
      deeds.addAll(children.ended(process, why, now));
    }
    return done();
  }

  /** The configuration as it is now: neighbours that did not change keep their sessions. */
  public List<ExaDeed> reload(long micros, Configuration changed) {
    now = micros;
    List<NeighborConfig> added = new ArrayList<>(changed.neighbors());
    for (Peer peer : List.copyOf(peers.values())) {
      NeighborConfig next = peer.dynamic
          ? null
          : added.stream().filter(n -> n.isSameSession(peer.config)).findFirst().orElse(null);
      if (next != null) {
        added.remove(next);
        replace(peer, next);
      } else if (!peer.dynamic
          || changed.neighbors().stream().noneMatch(n -> n.isRangeOf(peer.config))) {
        stop(peer, Fault.PEER_DECONFIGURED);
        peers.remove(peer.id);
      }
    }
    for (String process : configuration.processes().keySet()) {
      if (!Objects.equals(
          configuration.processes().get(process), changed.processes().get(process))) {
        deeds.addAll(children.stop(process));
      }
    }
    configuration = changed;
    for (ProcessConfig process : changed.processes().values()) {
      deeds.addAll(children.start(process, now));
    }
    added.forEach(this::add);
    note(
        false,
        "the configuration was read again: " + changed.neighbors().size() + " neighbors, "
            + changed.routes() + " routes");
    return done();
  }

  private void replace(Peer peer, NeighborConfig next) {
    peer.routes.fix(Peer.offered(next));
    peer.config = next;
    teller.wake(peer);
  }

  /** Ends all sessions with CEASE, and the processes. */
  public List<ExaDeed> stop(long micros) {
    now = micros;
    if (!stopping) {
      stopping = true;
      peers.values().forEach(peer -> stop(peer, Fault.ADMINISTRATIVE_SHUTDOWN));
      deeds.addAll(children.shutdown(now));
    }
    return done();
  }

  private void stop(Peer peer, Fault fault) {
    step(peer, new Event.Stop(Notification.of(fault)));
  }

  /** Ends that session; it comes back. */
  void tearDown(Peer peer, int subcode) {
    step(
        peer,
        new Event.Stop(
            new Notification(Fault.ADMINISTRATIVE_SHUTDOWN.code(), subcode, Octets.EMPTY)));
    step(peer, new Event.Start());
  }

  /** What goes next to that neighbour; nothing: it has been told all. */
  public List<ExaDeed> pull(long micros, Target target) {
    now = micros;
    Peer peer = peers.get(target.neighbor());
    if (peer != null && target.connection().equals(peer.up)) {
      teller.pull(peer, target.connection());
    }
    return done();
  }

  /** The processes hear of a message. */
  void tellOf(Peer peer, String direction, byte[] message) {
    deeds.addAll(children.message(peer, now, direction, message));
  }

  private void step(Peer peer, Event event) {
    Peering.Step step = Peering.step(peer.peering, event);
    peer.peering = step.next();
    for (Action action : step.actions()) {
      perform(peer, action);
    }
    State state = peer.peering.state();
    if (state != peer.told) {
      peer.told = state;
      deeds.addAll(children.fsm(peer, now, state));
      if (state == State.OPEN_SENT) {
        deeds.addAll(children.state(peer, now, "connected", ""));
      }
    }
  }

  private void perform(Peer peer, Action action) {
    switch (action) {
      case Action.Dial(ConnectionId connection) -> {
        NeighborConfig.Transport transport = peer.config.transport();
        deeds.add(new ExaDeed.Dial(
            new Target(peer.id, connection),
            peer.config.ends().local(),
            peer.config.ends().peers().address(),
            transport.connect() > 0 ? transport.connect() : environment.port(),
            transport));
      }
      case Action.Send(ConnectionId connection, Message message) ->
        teller.send(peer, connection, ExaMessages.write(peer, message, software));
      case Action.Close(ConnectionId connection) -> {
        peer.locals.remove(connection);
        peer.opens.remove(connection);
        deeds.add(new ExaDeed.Close(new Target(peer.id, connection)));
      }
      case Action.Arm(Timer timer, long owner, long generation, long delayMs) ->
        deeds.add(new ExaDeed.Arm(peer.id, timer, owner, generation, delayMs));
      case Action.Disarm(Timer timer, long owner) ->
        deeds.add(new ExaDeed.Disarm(peer.id, timer, owner));
      case Action.Up(ConnectionId connection, Negotiated negotiated) ->
        up(peer, connection, negotiated);
      case Action.Down(ConnectionId connection, String why, boolean retain) -> {
        note(true, "neighbor " + peer.address() + " is down: " + why);
        peer.disagree();
        peer.since = now;
        deeds.addAll(children.state(peer, now, "down", why));
        if (peer.dynamic) {
          peers.remove(peer.id);
        }
      }
      case Action.Failed(String why) -> {
        note(false, "neighbor " + peer.address() + ": " + why);
        if (peer.told.compareTo(State.OPEN_SENT) >= 0) {
          deeds.addAll(children.state(peer, now, "down", why));
        }
        if (peer.dynamic) {
          peers.remove(peer.id);
        }
      }
      case Action.Deliver deliver -> {} // the processes were told
      case Action.Refresh refresh -> teller.again(peer, refresh.request().family());
    }
  }

  private void up(Peer peer, ConnectionId connection, Negotiated negotiated) {
    byte[] open = Objects.requireNonNull(peer.opens.get(connection));
    try {
      peer.agree(connection, negotiated, PeerOpen.read(open));
    } catch (MalformedException e) {
      throw new AssertionError("it was read before", e);
    }
    peer.since = now;
    Target target = new Target(peer.id, connection);
    deeds.add(new ExaDeed.Limit(target, Objects.requireNonNull(peer.agreed).messageLimit()));
    note(
        false,
        "neighbor " + peer.address() + " is up: " + peer.families.size() + " families, "
            + peer.routes.all().size() + " routes to tell");
    deeds.addAll(children.negotiated(peer, now));
    peer.told = State.ESTABLISHED;
    deeds.addAll(children.fsm(peer, now, State.ESTABLISHED));
    deeds.addAll(children.state(peer, now, "up", ""));
    deeds.add(new ExaDeed.Wake(target));
  }
}
