package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.exabgp.Configuration;
import dev.catwalk.bgp.exabgp.Environment;
import dev.catwalk.bgp.exabgp.NeighborConfig;
import dev.catwalk.bgp.exabgp.ProcessConfig;
import dev.catwalk.bgp.exarun.ExaDeed;
import dev.catwalk.bgp.exarun.ExaDeed.Target;
import dev.catwalk.bgp.exarun.ExaSpeaker;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running {@link ExaSpeaker}: its sockets, its timers and its processes. All of it happens on the
 * transport's one thread; the verbs may be called from any.
 */
public final class ExaService {

  /** The processes, as far as the speaker needs them. */
  public interface Processes {
    void launch(ProcessConfig process);

    void tell(String process, List<String> lines);

    void terminate(String process);

    /** Ends them all; waits a moment for those that take their time. */
    void close();
  }

  /** Reads the configuration again. */
  public interface Source {
    Configuration read() throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(ExaService.class);
  private static final IntegerUnixChannelOption IP_TTL =
      new IntegerUnixChannelOption("IP_TTL", 0, 2);
  private static final IntegerUnixChannelOption IP_MINTTL =
      new IntegerUnixChannelOption("IP_MINTTL", 0, 21);
  private static final IntegerUnixChannelOption IPV6_HOPS =
      new IntegerUnixChannelOption("IPV6_UNICAST_HOPS", 41, 16);
  private static final IntegerUnixChannelOption IPV6_MINHOPCOUNT =
      new IntegerUnixChannelOption("IPV6_MINHOPCOUNT", 41, 73);

  private record Armed(int neighbor, Timer timer, long owner) {}

  private final ExaSpeaker speaker;
  private final Source source;
  private final Processes processes;
  private final Sockets sockets = new Sockets();
  private final Transport transport = new Transport(sockets, sockets::reader);
  private final EventLoop thread = transport.thread();
  private final Map<Target, Connection> connections = new HashMap<>();
  private final Map<Connection, Target> targets = new HashMap<>();
  private final Map<Connection, FrameHandler> readers = new HashMap<>();
  private final Map<Long, Connection> incoming = new HashMap<>();
  private final Map<Armed, Future<?>> timers = new HashMap<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private ExaDeed.@Nullable Dial dialling;
  private long accepted;
  private boolean stopping;

  /**
   * @param processes made with what tells this service of their lines and ends
   */
  private ExaService(ExaSpeaker speaker, Source source, Function<ExaService, Processes> processes) {
    this.speaker = speaker;
    this.source = source;
    this.processes = processes.apply(this);
  }

  /**
   * Listens, dials and starts the processes.
   *
   * @param source reads the configuration again
   * @param processes made with the service, which is to be told of their lines and ends
   * @throws IOException if an address cannot be listened at
   */
  public static ExaService start(
      ExaSpeaker speaker,
      Configuration configuration,
      Environment environment,
      Source source,
      Function<ExaService, Processes> processes)
      throws IOException {
    ExaService service = new ExaService(speaker, source, processes);
    try {
      service.listen(configuration, environment);
    } catch (IOException e) {
      service.transport.close();
      throw e;
    }
    service.thread.execute(() -> service.perform(speaker.start(now())));
    return service;
  }

  private record Place(String address, int port) implements Comparable<Place> {
    @Override
    public int compareTo(Place other) {
      int byAddress = address.compareTo(other.address);
      return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
    }
  }

  private void listen(Configuration configuration, Environment environment) throws IOException {
    TreeSet<Place> places = new TreeSet<>();
    environment.bind().forEach(address -> places.add(new Place(address, environment.port())));
    for (NeighborConfig neighbor : configuration.neighbors()) {
      IpAddress local = neighbor.ends().local();
      int port = neighbor.transport().listen();
      if (port > 0) {
        boolean v4 = neighbor.ends().peers().address().isV4();
        places.add(new Place(local == null ? v4 ? "0.0.0.0" : "::" : local.toString(), port));
      }
      if (neighbor.transport().password() != null) {
        transport.secure(neighbor.ends().peers(), Secret.of(neighbor.transport().password()));
      }
    }
    for (Place place : places) {
      transport.listen(IpAddress.parse(place.address), place.port);
      LOG.info("listening address={} port={}", place.address, place.port);
    }
  }

  private static long now() {
    return System.currentTimeMillis() * 1000;
  }

  /** A line of a process's standard output. */
  public void said(String process, String line, Runnable worked) {
    onThread(() -> {
      perform(speaker.said(now(), process, line));
      worked.run();
    });
  }

  /** A process has ended, or could not be started. */
  public void processEnded(String process, String why) {
    onThread(() -> perform(speaker.ended(now(), process, why)));
  }

  /** Reads the configuration again; if it cannot be used, all stays as it is. */
  public void reload() {
    onThread(this::reread);
  }

  /** Ends sessions and processes, and waits for it. */
  public void stop() {
    onThread(this::leave);
    ended.handle((none, fault) -> null).join();
  }

  /** Completes when all has ended. */
  public CompletableFuture<Void> ended() {
    return ended.copy();
  }

  private void onThread(Runnable deed) {
    try {
      thread.execute(() -> {
        try {
          deed.run();
        } catch (RuntimeException | Error e) {
          LOG.error("the speaker failed and is stopped", e);
          ended.completeExceptionally(e);
        }
      });
    } catch (RejectedExecutionException e) {
      LOG.debug("something happens after the end", e);
    }
  }

  private void reread() {
    try {
      Configuration read = source.read();
      read.warnings().forEach(warning -> LOG.warn("{}", warning));
      perform(speaker.reload(now(), read));
    } catch (IOException e) {
      LOG.error("the configuration cannot be used, all stays as it is: {}", e.getMessage());
    }
  }

  private void leave() {
    if (stopping) {
      return;
    }
    stopping = true;
    perform(speaker.stop(now()));
    Thread.ofPlatform().name("bgp-end").start(() -> {
      processes.close();
      transport.close(); // what was said last is flushed first
      ended.complete(null);
    });
  }

  private void perform(List<ExaDeed> deeds) {
    for (ExaDeed deed : deeds) {
      perform(deed);
    }
  }

  private void perform(ExaDeed deed) {
    switch (deed) {
      case ExaDeed.Dial dial -> dial(dial);
      case ExaDeed.Adopt(long number, Target target, var settings) -> {
        Connection connection = incoming.remove(number);
        if (connection != null) {
          connections.put(target, connection);
          targets.put(connection, target);
          equip(connection.channel, connection.remote().isV4(), settings);
        }
      }
      case ExaDeed.Refuse(long number) -> {
        Connection connection = incoming.remove(number);
        if (connection != null) {
          readers.remove(connection);
          connection.close();
        }
      }
      case ExaDeed.Send(Target target, byte[] messages) -> {
        Connection connection = connections.get(target);
        if (connection != null) {
          connection.send(Unpooled.wrappedBuffer(messages));
        }
      }
      case ExaDeed.Limit(Target target, int octets) -> {
        FrameHandler reader = readers.get(connections.get(target));
        if (reader != null) {
          reader.limit(octets);
        }
      }
      case ExaDeed.Close(Target target) -> {
        Connection connection = connections.remove(target);
        if (connection != null) {
          targets.remove(connection);
          readers.remove(connection);
          connection.close();
        }
      }
      case ExaDeed.Arm(int neighbor, Timer timer, long owner, long generation, long delayMs) ->
        arm(new Armed(neighbor, timer, owner), generation, delayMs);
      case ExaDeed.Disarm(int neighbor, Timer timer, long owner) -> {
        Future<?> armed = timers.remove(new Armed(neighbor, timer, owner));
        if (armed != null) {
          armed.cancel(false);
        }
      }
      case ExaDeed.Wake(Target target) -> thread.execute(() -> pull(target));
      case ExaDeed.Launch(var process) -> processes.launch(process);
      case ExaDeed.Terminate(String process) -> processes.terminate(process);
      case ExaDeed.Tell(String process, List<String> lines) -> processes.tell(process, lines);
      case ExaDeed.Reread() -> thread.execute(this::reread);
      case ExaDeed.Exit() -> thread.execute(this::leave);
      case ExaDeed.Note(boolean warning, String text) -> {
        if (warning) {
          LOG.warn("{}", text);
        } else {
          LOG.info("{}", text);
        }
      }
    }
  }

  private void dial(ExaDeed.Dial dial) {
    dialling = dial; // sockets tell of it before the call returns
    var password = dial.transport().password();
    transport.dial(
        dial.local(), dial.remote(), dial.port(), password == null ? null : Secret.of(password));
    dialling = null;
  }

  private void arm(Armed key, long generation, long delayMs) {
    Future<?> before = timers.put(
        key,
        thread.schedule(
            () -> perform(speaker.expired(now(), key.neighbor, key.timer, key.owner, generation)),
            delayMs,
            TimeUnit.MILLISECONDS));
    if (before != null) {
      before.cancel(false);
    }
  }

  /** As much as the socket takes; one piece at a time, so that all neighbours get their turn. */
  private void pull(Target target) {
    Connection connection = connections.get(target);
    if (connection != null && connection.isWritable()) {
      List<ExaDeed> more = speaker.pull(now(), target);
      perform(more);
      if (!more.isEmpty()) {
        thread.execute(() -> pull(target));
      }
    }
  }

  /** How far packets go, and how far those may have come (RFC 5082). */
  private static void equip(Channel channel, boolean v4, NeighborConfig.Transport settings) {
    if (channel instanceof UnixChannel) {
      if (settings.outgoingTtl() > 0) {
        channel.config().setOption(v4 ? IP_TTL : IPV6_HOPS, settings.outgoingTtl());
      }
      if (settings.incomingTtl() > 0) {
        channel.config().setOption(v4 ? IP_MINTTL : IPV6_MINHOPCOUNT, settings.incomingTtl());
      }
    }
  }

  /** What happens on sockets, on their thread. */
  private final class Sockets implements FrameHandler.Frames {

    FrameHandler reader(Connection connection, boolean dialled) {
      FrameHandler reader = new FrameHandler(this, connection, dialled);
      readers.put(connection, reader);
      return reader;
    }

    @Override
    public void opening(Connection connection, boolean dialled) {
      ExaDeed.Dial dial = dialling;
      if (dialled && dial != null) {
        connections.put(dial.target(), connection);
        targets.put(connection, dial.target());
        equip(connection.channel, dial.remote().isV4(), dial.transport());
      }
    }

    @Override
    public void accepted(Connection connection) {
      long number = ++accepted;
      incoming.put(number, connection);
      perform(speaker.incoming(now(), number, connection.remote(), connection.local()));
    }

    @Override
    public void connected(Connection connection) {
      Target target = targets.get(connection);
      if (target != null) {
        perform(speaker.connected(now(), target, connection.local()));
      }
    }

    @Override
    public void received(Connection connection, Message message, int octets) {
      throw new AssertionError("octets come here, no messages");
    }

    @Override
    public void frame(Connection connection, byte[] message) {
      Target target = targets.get(connection);
      if (target != null) {
        perform(speaker.received(now(), target, message));
      }
    }

    @Override
    public void malformed(Connection connection, WireException fault) {
      Target target = targets.get(connection);
      if (target != null) {
        perform(speaker.malformed(now(), target, fault));
      }
    }

    @Override
    public void blocked(Connection connection) {
      Target target = targets.get(connection);
      if (target != null) {
        perform(speaker.writable(now(), target, false));
      }
    }

    @Override
    public void writable(Connection connection) {
      Target target = targets.get(connection);
      if (target != null) {
        perform(speaker.writable(now(), target, true));
        pull(target);
      }
    }

    @Override
    public void closed(Connection connection, String why) {
      readers.remove(connection);
      Target known = targets.remove(connection);
      Target target = known == null && dialling != null ? dialling.target() : known;
      if (target != null) {
        connections.remove(target);
        thread.execute(() -> perform(speaker.closed(now(), target, why)));
      }
    }
  }
}
