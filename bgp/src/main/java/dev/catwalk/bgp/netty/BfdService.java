package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.bfd.BfdAction;
import dev.catwalk.bgp.bfd.BfdException;
import dev.catwalk.bgp.bfd.BfdMachine;
import dev.catwalk.bgp.bfd.BfdPacket;
import dev.catwalk.bgp.bfd.BfdSettings;
import dev.catwalk.bgp.bfd.BfdState;
import dev.catwalk.bgp.bfd.BfdStatus;
import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * BFD sessions on sockets and timers, on a thread of their own, so that a busy speaker fails nobody.
 * There is at most one session with an address. Its verbs may be called from any thread.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a datagram that is lost is what BFD is about
final class BfdService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BfdService.class);

  /** How often a peer is told that we stop: one datagram may be lost. */
  private static final int FAREWELLS = 3;

  private static final long RETRY_MS = 1_000;

  private final Listener listener;
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
      1, new DefaultThreadFactory("bfd", true), EpollIoHandler.newFactory());

  private final TreeMap<String, Channel> receivers = new TreeMap<>();
  private final TreeMap<IpAddress, Running> sessions = new TreeMap<>();
  private final TreeMap<IpAddress, Future<?>> retries = new TreeMap<>();
  private final ConcurrentSkipListMap<IpAddress, BfdStatus> seen = new ConcurrentSkipListMap<>();
  private int lastDiscriminator;

  /** Told of each change. Called on BFD's thread: must not block. */
  @FunctionalInterface
  interface Listener {
    void changed(IpAddress peer, BfdAction.Changed change);
  }

  /** @param seed where to begin with discriminators, which a restart must not repeat */
  BfdService(int seed, Listener listener) {
    this.lastDiscriminator = seed;
    this.listener = listener;
  }

  private static final class Running {
    final BfdMachine machine;
    final BfdSettings settings;
    final Channel out;
    final IpAddress peer;
    final InetSocketAddress to;

    @Nullable
    Future<?> transmit;

    @Nullable
    Future<?> detection;

    int quiet; // datagrams in hand while the detection timer is judged

    Running(
        BfdMachine machine,
        BfdSettings settings,
        Channel out,
        IpAddress peer,
        InetSocketAddress to) {
      this.machine = machine;
      this.settings = settings;
      this.out = out;
      this.peer = peer;
      this.to = to;
    }
  }

  /**
   * There is a session between these addresses from now on; nothing happens if there is one.
   *
   * @param link the interface where these are link-local; else empty
   */
  void open(IpAddress local, IpAddress peer, String link, BfdSettings settings) {
    loop.execute(() -> {
      Running running = sessions.get(peer);
      if (running == null || !running.settings.equals(settings)) {
        end(peer);
        attempt(local, peer, link, settings, 1);
      }
    });
  }

  /** What cannot be had now, as a port that another process is about to leave, is tried again. */
  private void attempt(
      IpAddress local, IpAddress peer, String link, BfdSettings settings, int times) {
    try {
      begin(local, peer, link, settings);
      retries.remove(peer);
    } catch (IOException | ChannelException e) {
      if (times == 1) {
        LOG.error("no BFD as yet with peer={} why={}", peer, Framing.reason(e));
      }
      retries.put(
          peer,
          loop.schedule(
              () -> attempt(local, peer, link, settings, times + 1),
              RETRY_MS,
              TimeUnit.MILLISECONDS));
    }
  }

  /** How the path to that peer is; null where none is watched. */
  @Nullable
  BfdStatus status(IpAddress peer) {
    return seen.get(peer);
  }

  /** Ends a session, and tells the peer that this is no failure. */
  void close(IpAddress peer) {
    loop.execute(() -> end(peer));
  }

  private void begin(IpAddress local, IpAddress peer, String link, BfdSettings settings)
      throws IOException {
    String key = peer.family() + " " + settings.multihop();
    Channel receiver = receivers.get(key);
    if (receiver == null) {
      receiver = BfdSockets.receiver(loop, peer.family(), settings.multihop(), new Inbound());
      receivers.put(key, receiver);
    }
    Channel out = BfdSockets.sender(loop, local, peer, link, settings.multihop());
    lastDiscriminator = lastDiscriminator == -1 ? 1 : lastDiscriminator + 1;
    Running running = new Running(
        new BfdMachine(settings, lastDiscriminator),
        settings,
        out,
        peer,
        Sockets.of(peer, BfdSockets.port(settings.multihop()), link));
    sessions.put(peer, running);
    perform(running, running.machine.start());
  }

  private void end(IpAddress peer) {
    cancel(retries.remove(peer));
    Running running = sessions.remove(peer);
    if (running != null) {
      seen.remove(peer);
      List<BfdAction> farewell = running.machine.stop();
      for (int i = 0; i < FAREWELLS; i++) {
        farewell.forEach(action -> {
          if (action instanceof BfdAction.Send(BfdPacket packet)) {
            send(running, packet);
          }
        });
      }
      cancel(running.transmit);
      cancel(running.detection);
      running.out.close();
    }
  }

  private static void cancel(@Nullable Future<?> timer) {
    if (timer != null) {
      timer.cancel(false);
    }
  }

  private final class Inbound extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket datagram) {
      try {
        received(
            IpAddress.of(datagram.sender().getAddress().getAddress()),
            BfdPacket.decode(datagram.content()));
      } catch (BfdException e) {
        LOG.debug("BFD datagram discarded from={} why={}", datagram.sender(), e.getMessage());
      }
    }
  }

  private void received(IpAddress from, BfdPacket packet) {
    Running running = sessions.get(from);
    if (running != null
        && (packet.yours() == 0 || packet.yours() == running.machine.discriminator())) {
      running.quiet = 0;
      perform(running, running.machine.received(packet));
    }
  }

  private void perform(Running running, List<BfdAction> actions) {
    seen.put(running.peer, running.machine.status());
    for (BfdAction action : actions) {
      switch (action) {
        case BfdAction.Send(BfdPacket packet) -> send(running, packet);
        case BfdAction.ArmTransmit(long delay) -> {
          cancel(running.transmit);
          running.transmit = loop.schedule(
              () -> perform(running, running.machine.transmitDue()), delay, TimeUnit.MICROSECONDS);
        }
        case BfdAction.DisarmTransmit() -> cancel(running.transmit);
        case BfdAction.ArmDetection(long delay) -> armDetection(running, delay);
        case BfdAction.Changed changed -> {
          log(running, changed);
          listener.changed(running.peer, changed);
        }
      }
    }
  }

  /**
   * After a pause of the process the timer is due and the datagrams that came meanwhile lie in the
   * socket: they are read, by one more round of the loop, before silence is judged.
   */
  private void armDetection(Running running, long delay) {
    cancel(running.detection);
    running.detection = loop.schedule(
        () -> {
          if (running.quiet++ == 0) {
            armDetection(running, 1000);
          } else {
            perform(running, running.machine.detectionOver());
          }
        },
        delay,
        TimeUnit.MICROSECONDS);
  }

  private static void log(Running running, BfdAction.Changed changed) {
    if (changed.failed()) {
      LOG.warn(
          "BFD failed peer={} state={} why={}",
          running.peer,
          changed.state().text(),
          changed.why());
    } else if (changed.state() != BfdState.INIT) {
      LOG.info(
          "BFD changed peer={} state={} why={}",
          running.peer,
          changed.state().text(),
          changed.why());
    }
  }

  private static void send(Running running, BfdPacket packet) {
    ByteBuf out = Unpooled.buffer(BfdPacket.LENGTH);
    packet.encode(out);
    running.out.writeAndFlush(new DatagramPacket(out, running.to));
  }

  /** Ends all sessions and waits until that is said, a moment at most. */
  @Override
  public void close() {
    loop.submit(() -> {
          List.copyOf(retries.keySet()).forEach(this::end);
          List.copyOf(sessions.keySet()).forEach(this::end);
          receivers.values().forEach(Channel::close); // whoever comes next finds the port free
        })
        .awaitUninterruptibly(2000);
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2000);
  }
}
