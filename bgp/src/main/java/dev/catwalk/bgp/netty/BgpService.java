package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.bmp.BmpStation;
import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.fsm.SendHold;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.mrt.MrtSettings;
import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.bgp.rib.Underlay;
import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.speaker.Happening;
import dev.catwalk.bgp.speaker.Locals;
import dev.catwalk.bgp.speaker.Origination;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.Restart;
import dev.catwalk.bgp.speaker.Speaker;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerListener;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.bgp.speaker.TcpOptions;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.HashKey;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running speaker: {@link Speaker} on a thread of its own, with sockets and timers. What comes in
 * is worked off in batches, then a bounded piece of deciding and telling is done, and so on. While
 * that thread sleeps a few UPDATEs are worked off on the transport's, see {@link Baton}; "the
 * speaker's thread" is whoever holds that. Its verbs may be called from any thread.
 */
public final class BgpService {
  static { // before the first hash of what a peer says
    if (System.getProperty(HashKey.PROPERTY) == null) {
      System.setProperty(HashKey.PROPERTY, Long.toString(new SecureRandom().nextLong()));
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(BgpService.class);

  /**
   * A loop that wakes this much too late was not run for a while (the machine slept, the process was
   * stopped). What peers sent meanwhile lies in the sockets: it is read before any timer is judged.
   */
  private static final long PAUSE_NANOS = 1_000_000_000L;

  private static final long GRACE_NANOS = 1_000_000_000L;
  /**
   * What routes may take of the heap: attributes lie in twice the room while they are moved together,
   * and tables grow by half of what they are.
   */
  private static final int SHARE_OF_HEAP = 3;

  private static final long LONGEST_SLEEP_NANOS = 60_000_000_000L;

  /** How often the files of passwords are looked at. */
  private static final long PASSWORDS_NANOS = 5_000_000_000L;

  private final Speaker speaker;
  private final @Nullable SpeakerListener listener;
  private final Mailbox mailbox = new Mailbox();
  private final Interfaces interfaces = new Interfaces();
  private final Transport transport = new Transport(mailbox);
  private final Timers timers = new Timers();
  private final HashMap<Deed.Target, Connection> connections = new HashMap<>();
  private final HashMap<Connection, Deed.Target> targets = new HashMap<>();
  private final Outbox outbox;
  private final PathWatch paths;
  private final SlowReaders slow = new SlowReaders();
  private final LinkPeers links;
  private final Inquiry inquiry;
  private final HashMap<Long, Connection> incoming = new HashMap<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final CompletableFuture<Void> departed = new CompletableFuture<>();
  private final Thread thread = new Thread(this::run, "bgp-speaker");
  private final Baton baton = new Baton(thread, this::fewMore);
  private final List<ListenAddress> listen;
  private final Monitoring monitoring;
  private final MrtRecorder recorder;
  private final HeapKeeper heap = new HeapKeeper();
  private Passwords passwords;
  private long passwordsDue = System.nanoTime() + PASSWORDS_NANOS;
  private long accepted;
  private int port;
  private long graceUntil = System.nanoTime();
  private long wakeNanos = System.nanoTime();
  private boolean stopping;

  private BgpService(SpeakerConfig config, @Nullable SpeakerListener listener) throws IOException {
    this.passwords = Passwords.read(config);
    this.speaker = new Speaker(config, listener != null);
    this.speaker.limitMemory(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
    this.outbox = new Outbox(connections, (target, n) -> speaker.told(target.peer(), n));
    this.monitoring = new Monitoring(
        speaker, config, h -> happen(h), task -> mailbox.post(new Mailbox.Question(task)));
    this.recorder =
        new MrtRecorder(speaker, config, task -> mailbox.post(new Mailbox.Question(task)));
    this.paths = new PathWatch(
        config,
        found -> mailbox.post(new Mailbox.Question(() -> found.get().ifPresent(this::happen))));
    expect(config);
    this.links = new LinkPeers(
        config, known -> mailbox.post(new Mailbox.Question(() -> become(links().found(known)))));
    this.inquiry = new Inquiry(
        speaker, paths, links, task -> mailbox.post(new Mailbox.Question(task)), ended::isDone);
    this.listener = listener;
    this.listen = config.listen();
  }

  /** A speaker whose routes interest nobody here: a reflector, a test target. */
  public static BgpService start(SpeakerConfig config) throws IOException {
    return started(new BgpService(config, null), Restart.NONE);
  }

  /** {@link #start(SpeakerConfig, Restart, SpeakerListener)} for the first time since boot. */
  public static BgpService start(SpeakerConfig config, SpeakerListener listener)
      throws IOException {
    return start(config, Restart.NONE, listener);
  }

  /**
   * Listens, dials and speaks from now on. {@link Speaker} says what an owner with forwarding state
   * is to do over a restart: say {@link #originate} at once, keep what the kernel has until {@link
   * SpeakerListener#converged}, {@link #stop} with {@code RESTART}.
   *
   * @param restart what is left of an earlier life
   * @param listener called by whoever holds the speaker, one at a time: must not block
   * @throws IOException if an address cannot be listened on
   */
  public static BgpService start(SpeakerConfig config, Restart restart, SpeakerListener listener)
      throws IOException {
    return started(new BgpService(config, listener), restart);
  }

  private static BgpService started(BgpService service, Restart restart) throws IOException {
    try {
      service.secure(Passwords.NONE);
      for (ListenAddress address : service.listen) {
        service.port = service.transport.listen(address.address(), address.port());
        LOG.info("listening address={}", address);
      }
    } catch (IOException e) {
      service.transport.close();
      throw e;
    }
    service.mailbox.post(new Happening.Start(restart));
    service.mailbox.whenRead(() -> service.baton.lend(service.transport.thread()));
    service.thread.start();
    return service;
  }

  /** Where it listens last of all; 0: nowhere. */
  int port() {
    return port;
  }

  /** All that is to be originated: what was there before and is not in it is withdrawn. */
  public void originate(SortedMap<Prefix, Origination> routes) {
    mailbox.post(new Happening.Originate(new TreeMap<>(routes)));
  }

  /**
   * Peers that the new configuration does not change keep their sessions.
   *
   * @throws IllegalArgumentException if it listens elsewhere, which takes a restart, or if a
   *     password cannot be read; all stays as it was then
   */
  public void reconfigure(SpeakerConfig config) {
    if (!config.listen().equals(listen)) {
      throw new IllegalArgumentException(
          "the addresses to listen on cannot change while the speaker runs: restart it");
    }
    Passwords next;
    try {
      next = Passwords.read(config);
    } catch (IOException e) {
      throw new IllegalArgumentException(Framing.reason(e), e);
    }
    mailbox.post(new Mailbox.Question(() -> {
      Passwords before = passwords;
      passwords = next;
      try {
        secure(before);
      } catch (IOException e) {
        LOG.error("a password cannot be used why={}", e.getMessage());
      }
      try {
        become(links.configure(config));
      } catch (IOException e) {
        LOG.error("peers by interface stay as they were why={}", e.getMessage());
      }
    }));
  }

  private LinkPeers links() {
    return links;
  }

  private void become(SpeakerConfig config) {
    expect(config);
    paths.configure(config);
    happen(new Happening.Reconfigure(config));
  }

  private void expect(SpeakerConfig config) {
    transport.expect(config.peers().stream().map(PeerConfig::address).collect(Collectors.toSet()));
  }

  /** Callers must sign from now on as {@link #passwords} has it. */
  private void secure(Passwords before) throws IOException {
    for (Map.Entry<Prefix, @Nullable Secret> change : passwords.since(before).entrySet()) {
      transport.secure(change.getKey(), change.getValue());
    }
  }

  /** A password that changed is put on listeners and open connections: no session falls. */
  private void followPasswords() {
    passwordsDue = System.nanoTime() + PASSWORDS_NANOS;
    for (Prefix peers : passwords.refresh()) {
      try {
        transport.secure(peers, passwords.of(peers.address()));
        for (Connection connection : connections.values()) {
          if (connection.channel.isActive()
              && peers.equals(passwords.prefixOf(connection.remote()))) {
            connection.secure(Objects.requireNonNull(passwords.of(connection.remote())));
          }
        }
      } catch (IOException e) {
        LOG.error("a changed password cannot be used peers={} why={}", peers, e.getMessage());
      }
    }
  }

  /** Tells these stations what happens from now on, after all that is there (RFC 7854). */
  public void monitor(List<BmpStation> stations) {
    mailbox.post(new Mailbox.Question(() -> {
      monitoring.stations(stations);
      connections.values().forEach(c -> c.record(monitoring.isWatched()));
    }));
  }

  /** Records what peers say and what is held (RFC 6396), or nothing from now on. */
  public void record(Optional<MrtSettings> settings) {
    mailbox.post(new Mailbox.Question(() -> recorder.configure(settings)));
  }

  /** What people and scripts ask: peers, routes, what they come to. */
  public Inquiry inquiry() {
    return inquiry;
  }

  /** {@link Inquiry#peers}. */
  public List<PeerView> peers() {
    return inquiry.peers();
  }

  /** Completes when the speaker has ended; exceptionally, where that was a fault of ours. */
  public CompletableFuture<Void> ended() {
    return ended.copy();
  }

  /**
   * The kernel has what peers had told by {@link SpeakerListener#converged}: from now on others are
   * told of it. Needed once, and only where the {@link Restart} promised it.
   */
  public void forwards() {
    mailbox.post(new Happening.Forwards());
  }

  /**
   * The kernel has these of the peers' routes by now, and those no more: others are told of what it
   * has alone, from the first such word on.
   */
  public void forwarding(SortedSet<Prefix> more, SortedSet<Prefix> fewer) {
    mailbox.post(new Happening.Forwarding(new TreeSet<>(more), new TreeSet<>(fewer)));
  }

  /** What packets find their way to without BGP, from now on: see {@link Happening.Reaches}. */
  public void reaches(Underlay underlay) {
    mailbox.post(new Happening.Reaches(underlay));
  }

  /**
   * Leaves so that nobody notices who has another way: marks all that is told with GRACEFUL_SHUTDOWN
   * (RFC 8326), withdraws it after {@code wait}, and completes. Sessions stay up and routes go on
   * coming in; then {@link #stop}.
   */
  public CompletableFuture<Void> drain(Duration wait) {
    mailbox.post(new Happening.Depart(wait.toMillis()));
    return departed.copy();
  }

  /** Ends all sessions and waits until the peers have been told, a moment at most. */
  public void stop(StopMode mode) {
    mailbox.post(new Happening.Stop(mode));
    ended.handle((none, fault) -> null).join();
  }

  private void run() {
    baton.take();
    try {
      loop();
      departed.complete(null);
      ended.complete(null);
    } catch (RuntimeException | Error e) {
      LOG.error("the speaker failed and is stopped", e);
      links.close();
      recorder.close();
      paths.close();
      monitoring.close();
      transport.close();
      departed.completeExceptionally(e);
      ended.completeExceptionally(e);
    } finally {
      baton.drop();
    }
  }

  /**
   * A turn on the sessions' thread: a few UPDATEs are decided, and told on the spot. Returns whether
   * the speaker's thread is needed: for the rest of it, or for a timer before those that it knew.
   */
  private boolean fewMore() {
    boolean left = mailbox.drainFew(this::on);
    if (speaker.hasWork()) {
      perform(speaker.work());
    }
    return left || speaker.hasWork() || timers.nextNanos(wakeNanos) - wakeNanos < 0;
  }

  private void loop() {
    while (!stopping) {
      boolean idle = !mailbox.drain(this::on);
      fireTimers();
      if (!passwords.isEmpty() && System.nanoTime() - passwordsDue >= 0) {
        followPasswords();
      }
      monitoring.tick(System.nanoTime());
      if (heap.isDue(speaker.givenBack(), System.nanoTime())) {
        speaker.giveBack();
        System.gc();
      }
      if (speaker.hasWork()) {
        perform(speaker.work());
      } else if (idle) {
        sleep();
      }
    }
    links.close();
    recorder.close();
    paths.close();
    monitoring.close();
    transport.close(); // what was said last is flushed first
  }

  private void sleep() {
    long now = System.nanoTime();
    long wake = timers.nextNanos(now + LONGEST_SLEEP_NANOS);
    wake = wake - graceUntil < 0 ? graceUntil : wake;
    if (!passwords.isEmpty() && passwordsDue - wake < 0) {
      wake = passwordsDue;
    }
    wake = heap.nextNanos(wake);
    wakeNanos = wake;
    baton.sleep(() -> mailbox.await(wakeNanos - now));
    if (System.nanoTime() - wakeNanos > PAUSE_NANOS) {
      graceUntil = System.nanoTime() + GRACE_NANOS;
    }
  }

  private void fireTimers() {
    long now = System.nanoTime();
    if (now - graceUntil >= 0) {
      for (Happening due : timers.expired(now)) {
        if (isSilence(due)) {
          afterReading(due);
        } else {
          happen(due);
        }
      }
    }
  }

  private static boolean isSilence(Happening due) {
    return due instanceof Happening.OfPeer(long peer, Event event)
        && event instanceof Event.Expired expired
        && (expired.timer() == Timer.HOLD || expired.timer() == Timer.SEND_HOLD);
  }

  /**
   * Behind all that lies in the sockets and waits here: whoever has spoken in time, and was not heard
   * because we were busy or stopped, has armed the timer again by then.
   */
  private void afterReading(Happening due) {
    Deed.@Nullable Target blocked = blocked(due);
    Connection connection = blocked == null ? null : connections.get(blocked);
    transport.whenRead(() -> {
      if (blocked == null || connection == null || !slow.reads(connection.channel)) {
        mailbox.post(due);
      } else if (!connection.isWritable()) { // else it has said so already
        mailbox.post(new Happening.OfPeer(blocked.peer(), new Event.Blocked(blocked.connection())));
      }
    });
  }

  /** Whose send hold timer that is; null: it is another timer, or there is room again. */
  private Deed.@Nullable Target blocked(Happening due) {
    if (due instanceof Happening.OfPeer(long peer, Event event)
        && event instanceof Event.Expired expired
        && expired.timer() == Timer.SEND_HOLD) {
      for (Map.Entry<Deed.Target, Connection> each : connections.entrySet()) {
        if (each.getKey().peer() == peer && !each.getValue().isWritable()) {
          return each.getKey();
        }
      }
    }
    return null;
  }

  private void on(Mailbox.Letter letter) {
    switch (letter) {
      case Mailbox.Told(Happening happening) -> happen(happening);
      case Mailbox.Question(Runnable answer) -> answer.run();
      case Mailbox.Accepted(Connection connection) -> {
        long number = ++accepted;
        incoming.put(number, connection);
        happen(new Happening.Incoming(
            number,
            connection.remote(),
            interfaces.locals(connection.localSocket(), System.nanoTime())));
      }
      case Mailbox.Connected(Connection connection) -> {
        Deed.Target target = targets.get(connection);
        if (target != null) {
          Locals locals = interfaces.locals(connection.localSocket(), System.nanoTime());
          happen(new Happening.Connected(target.peer(), target.connection(), locals));
        }
      }
      case Mailbox.Received(Connection connection, Message message, int weight) -> {
        mailbox.workedOff(connection, message, weight);
        Deed.Target from = targets.get(connection);
        if (message instanceof Update update && from != null) {
          monitoring.received(connection.remote(), from, update, connection.takeRaw(update));
          recorder.received(connection.remote(), from, update);
        }
        happen(connection, id -> new Event.Received(id, message));
        if (message instanceof RouteRefresh marker && from != null) {
          monitoring.marked(from, marker);
        }
      }
      case Mailbox.Malformed(Connection connection, var fault) ->
        happen(
            connection, id -> new Event.Malformed(id, fault.notification(), Framing.reason(fault)));
      case Mailbox.Writable(Connection connection) -> happen(connection, Event.Writable::new);
      case Mailbox.Closed(Connection connection, String why) -> {
        happen(connection, id -> new Event.Closed(id, why));
        Deed.Target target = targets.remove(connection);
        if (target != null) {
          connections.remove(target);
        }
      }
    }
  }

  private void happen(
      Connection connection, java.util.function.Function<ConnectionId, Event> event) {
    Deed.Target target = targets.get(connection);
    if (target != null) {
      happen(new Happening.OfPeer(target.peer(), event.apply(target.connection())));
    }
  }

  /** One that cannot be limited as it must be is closed before anything is said on it. */
  private void limit(Connection connection, TcpOptions options) {
    try {
      transport.limit(connection, connection.remote().family(), options);
    } catch (IOException e) {
      LOG.error("a caller is closed peer={} why={}", connection.remote(), e.getMessage());
      connection.close();
      mailbox.closed(connection, Framing.reason(e));
    }
  }

  private void happen(Happening happening) {
    perform(speaker.step(System.currentTimeMillis(), happening));
    stopping |= happening instanceof Happening.Stop;
  }

  private void perform(List<Deed> deeds) {
    for (Deed deed : deeds) {
      if (deed instanceof Deed.Tell(List<Deed.Target> to, EncodeContext context, Update update)) {
        outbox.add(to, context, update);
      } else {
        outbox.flush(); // what is said stays in order
        perform(deed);
      }
    }
    outbox.flush();
    for (Connection full : outbox.takeFull()) {
      happen(full, Event.Blocked::new);
      transport.thread().execute(() -> slow.mark(full.channel));
    }
  }

  private void perform(Deed deed) {
    switch (deed) {
      case Deed.Dial(Deed.Target target, IpAddress address, int port, var options) -> {
        Connection connection = transport.dial(address, port, options, passwords.of(address));
        connection.record(monitoring.isWatched());
        connections.put(target, connection);
        targets.put(connection, target);
      }
      case Deed.Adopt(long number, Deed.Target target, var options) -> {
        Connection connection = incoming.remove(number);
        if (connection != null) {
          limit(connection, options);
          connection.record(monitoring.isWatched());
          connections.put(target, connection);
          targets.put(connection, target);
        }
      }
      case Deed.Refuse(long number) -> {
        Connection connection = incoming.remove(number);
        if (connection != null) {
          connection.refuse();
        }
      }
      case Deed.Send(Deed.Target target, EncodeContext context, Message message) -> {
        Connection connection = connections.get(target);
        if (connection != null) {
          connection.send(message, context);
        }
      }
      case Deed.Tell tell -> throw new AssertionError("goes through the outbox");
      case Deed.Close(Deed.Target target) -> {
        Connection connection = connections.remove(target);
        if (connection != null) {
          targets.remove(connection);
          connection.close();
        }
      }
      case Deed.Arm(long peer, Timer timer, long owner, long generation, long delayMs) ->
        timers.arm(peer, timer, owner, generation, System.nanoTime() + delayMs * 1_000_000);
      case Deed.Disarm(long peer, Timer timer, long owner) -> timers.disarm(peer, timer, owner);
      case Deed.Remind(long peer, var deadline, long generation, long delayMs) ->
        timers.remind(peer, deadline, generation, System.nanoTime() + delayMs * 1_000_000);
      case Deed.Converged() -> {
        if (listener != null) {
          listener.converged();
        }
      }
      case Deed.Departed() -> departed.complete(null);
      case Deed.Up up -> {
        Connection connection = connections.get(up.target());
        if (connection != null) {
          transport.settle(connection);
          int configured = up.config().session().tcp().sendHoldTime();
          connection.giveUpAfter(SendHold.timeMs(configured, up.terms().holdTime()));
        }
        paths.up(up);
        monitoring.up(up, connection);
        recorder.up(up);
      }
      case Deed.Down down -> {
        paths.down(down);
        monitoring.down(down);
        recorder.down(down);
      }
      case Deed.Routes(List<RouteChange> changes) -> {
        monitoring.changed(changes);
        if (listener != null) {
          listener.changed(changes);
        }
      }
      case Deed.Note(boolean warning, String pattern, List<Object> arguments) -> {
        if (warning) {
          LOG.warn(pattern, arguments.toArray());
        } else {
          LOG.info(pattern, arguments.toArray());
        }
      }
    }
  }
}
