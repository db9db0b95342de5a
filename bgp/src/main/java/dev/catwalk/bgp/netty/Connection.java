package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.net.addr.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One TCP connection that carries BGP messages. Its verbs may be called from any thread. */
@SuppressWarnings("FutureReturnValueIgnored") // what fails is told by the pipeline
final class Connection {
  /**
   * How long a closed connection waits for the peer to take what was sent last, a NOTIFICATION as a
   * rule, and to close its own side. Closing at once with unread input would reset the connection,
   * and the peer would lose what it has not read yet.
   */
  static final long FAREWELL_MS = 1_000;

  /**
   * So many connections of a speaker may be in that state at once; a further one is closed when what
   * was sent is flushed.
   */
  static final int FAREWELLS = 1024;

  /**
   * What waits of it for the speaker may weigh that much, in octets; then the socket is not read
   * further.
   */
  static final int WAITING_LIMIT = 1 << 20;

  private static final int READ_AGAIN = WAITING_LIMIT / 4;

  /** What the least message weighs: of these two batches may wait. */
  private static final int LEAST_WEIGHT = 1 << 10;

  /** What one weighs that may have us walk through all that its peer has told. */
  private static final int REFRESH_WEIGHT = 1 << 14;

  /** And so long it weighs: one who asks without end is read no faster than a thousand times a second. */
  private static final int REFRESH_MS = 50;

  final Channel channel;
  final Mailbox.Inbox inbox;

  private final Move move = new Move();
  private volatile boolean aside;
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile @Nullable Open sentOpen;
  private final AtomicInteger farewells;
  private volatile boolean closing;
  private volatile boolean impatient;
  private volatile boolean recorded;
  private final ConcurrentLinkedQueue<Raw> raw = new ConcurrentLinkedQueue<>();

  /** An UPDATE that waits for the speaker, as it came. */
  private record Raw(Message message, Octets octets) {}

  /** @param farewells how many of the same transport are being closed */
  Connection(Channel channel, AtomicInteger farewells) {
    this(channel, farewells, false);
  }

  /** @param aside whether it lives on the callers' thread, see {@link Loops} */
  Connection(Channel channel, AtomicInteger farewells, boolean aside) {
    this.channel = channel;
    this.farewells = farewells;
    this.aside = aside;
    this.inbox = new Mailbox.Inbox(!aside);
  }

  /** Whether it lives on the callers' thread, see {@link Loops}. */
  boolean isAside() {
    return aside;
  }

  /**
   * It has a session: from now on it lives on their thread, and has their turn. On the speaker's
   * thread.
   *
   * @param arrived on that thread, where it was not there before
   */
  void settle(EventLoop sessions, Runnable arrived) {
    inbox.isOfSession();
    if (aside) {
      move.begin(channel, sessions, () -> {
        aside = false;
        arrived.run();
      });
    }
  }

  /** The OPEN that we sent; it and the peer's decide how to read what follows. */
  @Nullable
  Open sentOpen() {
    return sentOpen;
  }

  /**
   * The kernel ends the connection when for so long nothing that was sent is taken at the other end
   * (tcp(7), TCP_USER_TIMEOUT); 0: it does not. Epoll channels only.
   */
  void giveUpAfter(long ms) {
    if (ms > 0 && channel instanceof EpollSocketChannel epoll) {
      impatient = true;
      try {
        epoll.config().setTcpUserTimeout((int) Math.min(ms, Integer.MAX_VALUE));
      } catch (ChannelException e) {
        impatient = false; // closed already: that is told next
      }
    }
  }

  /** Whether the kernel ends it so. */
  boolean isImpatient() {
    return impatient;
  }

  boolean isClosing() {
    return closing;
  }

  void send(Message message, EncodeContext context) {
    if (message instanceof Open open) {
      sentOpen = open; // before the peer can answer it
    }
    ByteBuf out = channel.alloc().buffer();
    Wire.encode(message, context, out);
    send(out);
  }

  /** Whole messages, as {@link Wire#encode} made them; releases the buffer. */
  void send(ByteBuf messages) {
    move.act(() -> channel.writeAndFlush(messages, channel.voidPromise()));
  }

  /** Signs with that password from the next segment on. Only of a connection that is open. */
  void secure(Secret password) throws IOException {
    TcpMd5.set(channel, Passwords.host(remote()), password);
  }

  /** Whether the send buffer is below its marks: ask before each batch of UPDATEs. */
  boolean isWritable() {
    return channel.isWritable() && !move.isUnderWay();
  }

  /** What a message of that length weighs while it waits. */
  static int weight(Message message, int octets) {
    return Math.max(message instanceof RouteRefresh ? REFRESH_WEIGHT : LEAST_WEIGHT, octets);
  }

  /** Whether the octets of UPDATEs are kept for {@link #takeRaw}. */
  void record(boolean wanted) {
    recorded = wanted;
  }

  boolean isRecorded() {
    return recorded;
  }

  /** As many of them as messages wait for the speaker. On the transport's thread. */
  void keepRaw(Message message, Octets octets) {
    raw.add(new Raw(message, octets));
  }

  /** The octets of that message, which is the next in order; null if they were not kept. */
  @Nullable
  Octets takeRaw(Message message) {
    Raw first = raw.peek();
    if (first == null || first.message() != message) {
      return null;
    }
    raw.remove();
    return first.octets();
  }

  /** One more message waits for the speaker; whether it is the only one. On its transport's thread. */
  boolean handedOn(int weight) {
    int now = waiting.addAndGet(weight);
    if (now >= WAITING_LIMIT && now - weight < WAITING_LIMIT) {
      pauseReading(true);
      if (waiting.get() <= READ_AGAIN) {
        pauseReading(false); // the speaker was quicker than we were
      }
    }
    return now == weight;
  }

  /**
   * One less; whether it was the last. On the speaker's thread, which thereby decides when there is
   * more.
   */
  boolean workedOff(int weight) {
    int now = waiting.addAndGet(-weight);
    if (now <= READ_AGAIN && now + weight > READ_AGAIN) {
      pauseReading(false);
    }
    return now == 0;
  }

  /**
   * As above, but only after {@link #REFRESH_MS}.
   *
   * @param last what to do then if it was the last; on the transport's thread
   */
  void workedOffLater(int weight, Runnable last) {
    channel
        .eventLoop()
        .schedule(
            () -> {
              if (workedOff(weight)) {
                last.run();
              }
            },
            REFRESH_MS,
            TimeUnit.MILLISECONDS);
  }

  /** Stops or resumes reading from the socket, so that a full mailbox slows the peer down. */
  void pauseReading(boolean pause) {
    move.act(() -> channel.config().setAutoRead(!pause || closing));
  }

  /** Closes after what was sent is flushed. Nothing more is told of this connection. */
  void close() {
    closing = true;
    move.act(this::bidFarewell);
  }

  private void bidFarewell() {
    channel.config().setAutoRead(true); // to see the peer's end
    if (!channel.isActive()) {
      channel.close();
      return;
    }
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> {
      if (channel instanceof DuplexChannel duplex && channel.isActive()) {
        duplex.shutdownOutput();
      }
    });
    boolean patient = farewells.incrementAndGet() <= FAREWELLS;
    channel.closeFuture().addListener(closed -> farewells.decrementAndGet());
    channel
        .eventLoop()
        .schedule((Runnable) channel::close, patient ? FAREWELL_MS : 0, TimeUnit.MILLISECONDS);
  }

  /** Closes at once, with nothing said: a stranger costs no more than the call. */
  void refuse() {
    closing = true;
    move.act(channel::close);
  }

  /** The peer's address. Only of a connection that is or was open. */
  IpAddress remote() {
    return address(channel.remoteAddress());
  }

  /** Our end's address. Only of a connection that is or was open. */
  IpAddress local() {
    return address(channel.localAddress());
  }

  /** The same with the interface where it is link-local. */
  InetSocketAddress localSocket() {
    return (InetSocketAddress) channel.localAddress();
  }

  /** Of our end; 0 where it was not asked for before the connection closed. */
  int localPort() {
    return channel.localAddress() instanceof InetSocketAddress at ? at.getPort() : 0;
  }

  /** Of the peer's end; as {@link #localPort}. */
  int remotePort() {
    return channel.remoteAddress() instanceof InetSocketAddress at ? at.getPort() : 0;
  }

  static IpAddress address(SocketAddress socket) {
    InetAddress address = ((InetSocketAddress) socket).getAddress();
    return IpAddress.of(address.getAddress());
  }

  @Override
  public String toString() {
    return channel.localAddress() + " - " + channel.remoteAddress();
  }
}
