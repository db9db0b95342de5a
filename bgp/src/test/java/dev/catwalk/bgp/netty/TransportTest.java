package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** All connections have one thread: none of them has it for long. */
class TransportTest {
  private static final byte[] KEEPALIVE = HexFormat.of().parseHex("ff".repeat(16) + "001304");

  /** Twice what is read at once, and no more than two sockets hold while nobody reads. */
  private static final int FLOOD = 2 * Transport.READ_AT_ONCE / Wire.HEADER_LENGTH;

  /** Says who spoke, by the order of their calls. */
  private static final class Ears implements Receiver {
    final BlockingQueue<Connection> callers = new LinkedBlockingQueue<>();
    final BlockingQueue<Connection> heard = new LinkedBlockingQueue<>();

    @Override
    public void accepted(Connection connection) {
      callers.add(connection);
    }

    @Override
    public void connected(Connection connection) {}

    @Override
    public void received(Connection connection, Message message, int octets) {
      heard.add(connection);
    }

    @Override
    public void malformed(Connection connection, WireException fault) {}

    @Override
    public void blocked(Connection connection) {}

    @Override
    public void writable(Connection connection) {}

    @Override
    public void closed(Connection connection, String why) {}
  }

  @Test
  void aWordOfOneIsReadBeforeAllThatAnotherHasSent() throws Exception {
    Ears ears = new Ears();
    CountDownLatch busy = new CountDownLatch(1);
    InetAddress here = InetAddress.getLoopbackAddress();
    try (Transport transport = new Transport(ears);
        Socket loud = new Socket();
        Socket quiet = new Socket()) {
      int port = transport.listen(IpAddress.of(here.getAddress()), 0);
      loud.connect(new InetSocketAddress(here, port));
      Connection first = ears.callers.poll(20, TimeUnit.SECONDS);
      quiet.connect(new InetSocketAddress(here, port));
      Connection second = ears.callers.poll(20, TimeUnit.SECONDS);
      transport.thread().execute(() -> await(busy));
      send(loud, FLOOD);
      send(quiet, 1);
      busy.countDown();
      int before = 0;
      Connection from = ears.heard.poll(20, TimeUnit.SECONDS);
      while (from == first) {
        before++;
        from = ears.heard.poll(20, TimeUnit.SECONDS);
      }
      assertEquals(second, from);
      assertTrue(before * Wire.HEADER_LENGTH <= Transport.READ_AT_ONCE, "after " + before);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void send(Socket to, int keepalives) {
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
