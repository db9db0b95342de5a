package dev.catwalk.raftstore.atomix;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection with one other member, whoever of the two dialled it; dialled again while the store
 * is open. A request fails at once if there is no connection or too much is under way, and when its
 * time is over: Raft and the door ask again. Its state belongs to the event loop.
 *
 * <p>When both dial at the same time, two connections may be there. The newest is used, and of the
 * older one is let go where that cannot be what the other one does with the newest: if that was
 * accepted here, or was dialled by the member whose name is the smaller.
 */
final class PeerLink {
  private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);
  private static final int CONNECT_TIMEOUT_MS = 1000;
  private static final long REDIAL_MS = 200;
  private static final long MAX_REDIAL_MS = 1000;

  /** So long after a connection is there the other side has welcomed this one, or it is closed. */
  private static final long WELCOME_MS = 5000;

  /** In the place of an address: the other member dials this one. */
  static final String UNKNOWN = "";

  private final Supplier<Hello> greeting;
  private final Hello hello;
  private volatile String address;
  private final EventLoopGroup loops;
  private final EventExecutor loop;
  private final ChannelGroup channels;
  private final @Nullable TlsGate tls;
  private final IntFunction<@Nullable String> unwelcome;
  private final Outstanding outstanding;

  /** The connection that is asked on: {@link #dialled} or {@link #accepted}. */
  private @Nullable Channel ready;

  private @Nullable Channel dialled;
  private @Nullable Channel accepted;
  private PeerServer.@Nullable Handler handler;
  private Runnable reachable = () -> {};
  private boolean dialling;
  private long redialMs = REDIAL_MS;
  private volatile @Nullable String refusal;
  private volatile int format = Format.OLDEST;
  private volatile long roster;
  private volatile boolean closed;

  /**
   * A link that is not dialled yet.
   *
   * @param greeting said on every connection that is dialled
   * @param address host:port, or {@link #UNKNOWN}
   * @param channels gets every connection, to be closed at the end
   * @param tls null where members talk in plain text
   * @param unwelcome why a member that knows this format, and welcomes this one, is left; null if not
   */
  PeerLink(
      Supplier<Hello> greeting,
      String address,
      EventLoopGroup loops,
      ChannelGroup channels,
      @Nullable TlsGate tls,
      IntFunction<@Nullable String> unwelcome) {
    this.greeting = greeting;
    this.hello = greeting.get();
    this.address = address;
    this.loops = loops;
    this.loop = loops.next();
    this.channels = channels;
    this.tls = tls;
    this.unwelcome = unwelcome;
    this.outstanding = new Outstanding(hello.to(), loop, this::giveUpIfSilent);
  }

  /**
   * Before the first connection.
   *
   * @param handler answers what the other member asks
   * @param reachable runs on the event loop when a connection is there
   */
  void open(PeerServer.Handler handler, Runnable reachable) {
    this.handler = handler;
    this.reachable = reachable;
  }

  /**
   * The other member is there from now on, and is dialled there when no connection is left. One that
   * lives stays: it is with that member, wherever an old roster says it was.
   */
  void moveTo(String newAddress) {
    if (!newAddress.equals(address)) {
      address = newAddress;
      dialNow();
    }
  }

  /** Begins to dial. Any thread. */
  void dialNow() {
    loop.execute(this::dial);
  }

  /** The other member has dialled this one: what was there before is left behind. */
  PeerTalk accepted(Channel channel, Hello from) {
    format = from.format();
    roster = from.roster();
    Channel before = accepted;
    Channel own = dialled;
    accepted = channel;
    PeerTalk talk = ready(channel);
    close(before);
    close(own);
    return talk;
  }

  /** This member was welcomed on a connection that it dialled. */
  private PeerTalk dialled(Channel channel, int theirs) {
    format = theirs;
    dialled = channel;
    PeerTalk talk = ready(channel);
    if (hello.from().compareTo(hello.to()) < 0) {
      close(accepted);
    }
    if (closed) {
      close(channel);
    }
    return talk;
  }

  private PeerTalk ready(Channel channel) {
    ready = channel;
    outstanding.heard();
    redialMs = REDIAL_MS;
    refusal = null;
    channel.closeFuture().addListener(closed -> gone(channel));
    reachable.run();
    return new PeerTalk(
        hello.to(), channel, Objects.requireNonNull(handler), outstanding::answered);
  }

  private static void close(@Nullable Channel channel) {
    if (channel != null) {
      var unused = channel.close();
    }
  }

  private void gone(Channel channel) {
    dialled = channel == dialled ? null : dialled;
    accepted = channel == accepted ? null : accepted;
    if (channel == ready) {
      ready = dialled != null ? dialled : accepted;
      outstanding.heard();
    }
    outstanding.fail(channel, "connection to " + hello.to() + " is lost");
    if (ready == null && !dialling) {
      redial();
    }
  }

  /** What the other side has against us, if it refused. Any thread. */
  @Nullable
  String refusal() {
    return refusal;
  }

  /** The newest format that the other side knows, by its last greeting. Any thread. */
  int format() {
    return format;
  }

  /** The number of the roster that the other side went by when it last dialled. Any thread. */
  long roster() {
    return roster;
  }

  /** How many are there, on the event loop: one, or two for a moment. */
  int connections() {
    return (dialled == null ? 0 : 1) + (accepted == null ? 0 : 1);
  }

  /** Asks the other member. Any thread; completed on the event loop. */
  CompletableFuture<byte[]> request(Packet.Kind kind, byte[] body, long timeoutMs) {
    CompletableFuture<byte[]> future = new CompletableFuture<>();
    if (loop.inEventLoop()) {
      send(kind, body, timeoutMs, future);
    } else {
      loop.execute(() -> send(kind, body, timeoutMs, future));
    }
    return future;
  }

  private void send(
      Packet.Kind kind, byte[] body, long timeoutMs, CompletableFuture<byte[]> future) {
    Channel channel = ready;
    if (channel == null) {
      future.completeExceptionally(new IOException("no connection to " + hello.to()));
      return;
    }
    if (outstanding.isFull() || !channel.isWritable()) {
      future.completeExceptionally(new IOException(hello.to() + " takes nothing more just now"));
      giveUpIfSilent(); // What was asked before may be over, and nothing more is.
      return;
    }
    long id = outstanding.add(channel, future, timeoutMs);
    var unused = PeerTalk.write(channel, new Packet(kind, id, body));
  }

  private void giveUpIfSilent() {
    Channel channel = ready;
    if (channel != null && outstanding.isSilent()) {
      LOG.info(
          "{} has been silent for {} ms: dialling it again", hello.to(), Outstanding.SILENT_MS);
      var unused = channel.close();
    }
  }

  private void dial() {
    if (closed || dialling || ready != null || address.equals(UNKNOWN)) {
      return;
    }
    dialling = true;
    int colon = address.lastIndexOf(':');
    InetSocketAddress target = new InetSocketAddress(
        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    new Bootstrap()
        .group(loops)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
        .handler(new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            channels.add(channel);
            if (tls != null) {
              channel.pipeline().addLast(tls.dialling());
            }
            Packet.addFraming(channel.pipeline());
            channel.pipeline().addLast(new Dialled());
          }
        })
        .connect(target)
        .addListener(done -> {
          if (done.isSuccess()) {
            Channel channel = ((ChannelFuture) done).channel();
            var unused = loop.schedule(
                () -> giveUpUnlessWelcome(channel), WELCOME_MS, TimeUnit.MILLISECONDS);
          } else {
            dialling = false;
            redial();
          }
        });
  }

  private void giveUpUnlessWelcome(Channel channel) {
    if (channel != dialled) {
      close(channel);
    }
  }

  private void redial() {
    if (closed) {
      return;
    }
    var unused = loop.schedule(this::dial, redialMs, TimeUnit.MILLISECONDS);
    redialMs = Math.min(MAX_REDIAL_MS, redialMs * 2);
  }

  /** What a member does not know may come from now on: it is not talked with. On the event loop. */
  void leaveIfOlder(int leastFormat) {
    if (format < leastFormat) {
      close(dialled);
      close(accepted);
    }
  }

  /** Dials no more and fails what is under way. Any thread. */
  void close() {
    closed = true;
    loop.execute(() -> {
      outstanding.fail(null, "the store is closed, or " + hello.to() + " has left it");
      close(dialled);
      close(accepted);
    });
  }

  /** On a connection that this member dialled. */
  private final class Dialled extends SimpleChannelInboundHandler<ByteBuf> {
    private @Nullable PeerTalk talk;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      if (tls == null) {
        greet(context);
      }
    }

    private void greet(ChannelHandlerContext context) {
      var unused = PeerTalk.write(
          context.channel(), new Packet(Packet.Kind.HELLO, 0, greeting.get().encode()));
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent handshake) {
        String why = handshake.isSuccess()
            ? TlsGate.refusal(context.channel(), hello.cluster(), hello.to())
            : explain(handshake.cause());
        if (why == null) {
          greet(context);
        } else {
          refused("no connection to " + hello.to() + ": " + why);
          var unused = context.close();
        }
      }
    }

    private String explain(Throwable cause) {
      return cause instanceof ClosedChannelException
          ? "it hangs up on TLS: store.insecure has to be the same on all members"
          : TlsGate.explain(cause);
    }

    /** Says it once, though the next attempt fails too. */
    private void refused(String why) {
      if (!why.equals(refusal)) {
        LOG.warn(why);
        refusal = why;
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
      Packet packet = Packet.decode(message);
      PeerTalk with = talk;
      if (with != null) {
        with.received(packet);
      } else if (packet.kind() == Packet.Kind.WELCOME) {
        int theirs = Hello.format(Unpooled.wrappedBuffer(packet.body()));
        String why = unwelcome.apply(theirs);
        if (why == null) {
          talk = dialled(context.channel(), theirs);
        } else {
          refused(why);
          var unused = context.close();
        }
      } else if (packet.kind() == Packet.Kind.REFUSED) {
        refused(hello.to() + " refuses this member: "
            + new String(packet.body(), StandardCharsets.UTF_8));
      } else {
        throw new IllegalArgumentException(hello.to() + " answers with " + packet.kind());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      dialling = false;
      if (ready == null) {
        redial();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (talk == null && cause instanceof DecoderException) {
        refused("no connection to " + hello.to() + ": " + TlsGate.explain(cause));
      } else {
        LOG.info("connection to {}: {}", hello.to(), cause.getMessage());
      }
      var unused = context.close();
    }
  }
}
