package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.IpAddress;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What tests of {@link Transport} have in common: who listens, who calls, and who is kept busy. */
final class TransportRig {
  static final IpAddress HERE = IpAddress.v4(0x7f00_0001);
  private static final byte[] KEEPALIVE = HexFormat.of().parseHex("ff".repeat(16) + "001304");

  /** Twice what is read at once, and no more than two sockets hold while nobody reads. */
  static final int FLOOD = 2 * Transport.READ_AT_ONCE / Wire.HEADER_LENGTH;

  static final int FLOODS = 8;

  private TransportRig() {}

  /**
   * A call, or a word.
   *
   * @param turn how many tasks had had their turn before: one is always there
   */
  record Sound(Connection from, int turn) {}

  /** Says who called and who spoke, in their order. */
  static final class Ears implements Receiver {
    final BlockingQueue<Sound> callers = new LinkedBlockingQueue<>();
    final BlockingQueue<Sound> heard = new LinkedBlockingQueue<>();
    final BlockingQueue<Connection> writable = new LinkedBlockingQueue<>();
    final BlockingQueue<Connection> gone = new LinkedBlockingQueue<>();
    volatile Consumer<Connection> spoke = from -> {};
    private int turn; // these on the transport's thread
    private boolean waiting;

    private Sound sound(Connection from) {
      if (!waiting) {
        waiting = true;
        from.channel.eventLoop().execute(() -> {
          waiting = false;
          turn++;
        });
      }
      return new Sound(from, turn);
    }

    @Override
    public void accepted(Connection connection) {
      callers.add(sound(connection));
    }

    @Override
    public void connected(Connection connection) {}

    @Override
    public void received(Connection connection, Message message, int octets) {
      spoke.accept(connection);
      heard.add(sound(connection));
    }

    @Override
    public void malformed(Connection connection, WireException fault) {}

    @Override
    public void blocked(Connection connection) {}

    @Override
    public void writable(Connection connection) {
      writable.add(connection);
    }

    @Override
    public void closed(Connection connection, String why) {
      gone.add(connection);
    }
  }

  static Socket call(int port, List<Socket> sockets) throws IOException {
    return call(HERE, port, sockets);
  }

  static Socket call(IpAddress from, int port, List<Socket> sockets) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.setSoTimeout(20_000);
    socket.bind(new InetSocketAddress(InetAddress.getByAddress(from.toBytes()), 0));
    socket.connect(new InetSocketAddress(InetAddress.getByAddress(HERE.toBytes()), port));
    return socket;
  }

  static void close(List<Socket> sockets) throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(20, TimeUnit.SECONDS), "nothing more came");
  }

  static CountDownLatch hold(Transport transport) {
    return hold(transport.thread());
  }

  /** That thread does nothing else from now on until that is counted down. */
  static CountDownLatch hold(EventLoop thread) {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    thread.execute(() -> {
      held.countDown();
      await(busy);
    });
    await(held);
    return busy;
  }

  static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static void send(Socket to, int keepalives) {
    try {
      OutputStream out = to.getOutputStream();
      byte[] all = new byte[keepalives * KEEPALIVE.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = KEEPALIVE[i % KEEPALIVE.length];
      }
      out.write(all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
