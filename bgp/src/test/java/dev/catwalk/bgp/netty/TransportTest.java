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
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All connections have one thread: none of them has it for long. */
class TransportTest {
  private static final IpAddress HERE = IpAddress.v4(0x7f00_0001);
  private static final byte[] KEEPALIVE = HexFormat.of().parseHex("ff".repeat(16) + "001304");

  /** Twice what is read at once, and no more than two sockets hold while nobody reads. */
  private static final int FLOOD = 2 * Transport.READ_AT_ONCE / Wire.HEADER_LENGTH;

  private static final int FLOODS = 8;

  /** One may have begun before. */
  private static final int MOST_WORDS = Transport.READ_AT_ONCE / Wire.HEADER_LENGTH + 1;

  /** More than Netty takes at once by itself, which is 16. */
  private static final int CALLS = 40;

  private static final int SPEAKERS = 3 * Transport.SOCKETS_AT_ONCE;

  /**
   * A call, or a word.
   *
   * @param turn how many tasks had had their turn before: one is always there
   */
  private record Sound(Connection from, int turn) {}

  /** Says who called and who spoke, in their order. */
  private static final class Ears implements Receiver {
    final BlockingQueue<Sound> callers = new LinkedBlockingQueue<>();
    final BlockingQueue<Sound> heard = new LinkedBlockingQueue<>();
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
      heard.add(sound(connection));
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

  private static Transport transport(Ears ears, boolean epoll) {
    return new Transport(
        ears, (connection, dialled) -> new MessageHandler(ears, connection, dialled), epoll);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWordOfOneIsReadBeforeAllThatAnotherHasSent(boolean epoll) throws Exception {
    Ears ears = new Ears();
    List<Socket> sockets = new ArrayList<>();
    try (Transport transport = transport(ears, epoll)) {
      int port = transport.listen(HERE, 0);
      Socket loud = call(port, sockets);
      Connection first = next(ears.callers).from();
      Socket quiet = call(port, sockets);
      Connection second = next(ears.callers).from();
      CountDownLatch busy = hold(transport);
      send(loud, FLOOD);
      send(quiet, 1);
      busy.countDown();
      int before = 0;
      Connection from = next(ears.heard).from();
      while (from == first) {
        before++;
        from = next(ears.heard).from();
      }
      assertEquals(second, from);
      assertTrue(before <= MOST_WORDS, "after " + before);
    } finally {
      close(sockets);
    }
  }

  /** The more comes of a socket the more is taken of it, up to that. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTaskHasItsTurnBeforeAllThatIsSaid(boolean epoll) throws Exception {
    Ears ears = new Ears();
    List<Socket> sockets = new ArrayList<>();
    try (Transport transport = transport(ears, epoll)) {
      Socket loud = call(transport.listen(HERE, 0), sockets);
      next(ears.callers);
      CountDownLatch busy = hold(transport);
      send(loud, FLOOD);
      busy.countDown();
      for (int i = 1; i < FLOODS; i++) {
        send(loud, FLOOD);
      }
      int most = mostInOneTurn(ears.heard, FLOODS * FLOOD);
      assertTrue(most <= MOST_WORDS, "words: " + most);
    } finally {
      close(sockets);
    }
  }

  /** All of them are taken in the end. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTaskHasItsTurnBeforeAllWhoCall(boolean epoll) throws Exception {
    Ears ears = new Ears();
    List<Socket> sockets = new ArrayList<>();
    try (Transport transport = transport(ears, epoll)) {
      int port = transport.listen(HERE, 0);
      CountDownLatch busy = hold(transport);
      for (int i = 0; i < CALLS; i++) {
        call(port, sockets);
      }
      busy.countDown();
      int most = mostInOneTurn(ears.callers, CALLS);
      assertTrue(most <= Transport.CALLS_AT_ONCE, "callers: " + most);
    } finally {
      close(sockets);
    }
  }

  /** Only epoll can be told how many. */
  @Test
  void aTaskHasItsTurnBeforeAllWhoSpeak() throws Exception {
    Ears ears = new Ears();
    List<Socket> sockets = new ArrayList<>();
    try (Transport transport = transport(ears, true)) {
      int port = transport.listen(HERE, 0);
      for (int i = 0; i < SPEAKERS; i++) {
        call(port, sockets);
        next(ears.callers);
      }
      CountDownLatch busy = hold(transport);
      for (Socket socket : sockets) {
        send(socket, 1);
      }
      busy.countDown();
      int most = mostInOneTurn(ears.heard, SPEAKERS);
      assertTrue(most <= Transport.SOCKETS_AT_ONCE, "speakers: " + most);
    } finally {
      close(sockets);
    }
  }

  /** How many of the next ones came while no task had its turn. */
  private static int mostInOneTurn(BlockingQueue<Sound> sounds, int count)
      throws InterruptedException {
    TreeMap<Integer, Integer> turns = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      turns.merge(next(sounds).turn(), 1, Integer::sum);
    }
    return Collections.max(turns.values());
  }

  private static Socket call(int port, List<Socket> sockets) throws IOException {
    Socket socket = new Socket(InetAddress.getByAddress(HERE.toBytes()), port);
    sockets.add(socket);
    return socket;
  }

  private static void close(List<Socket> sockets) throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(20, TimeUnit.SECONDS), "nothing more came");
  }

  /** Its thread does nothing else from now on until that is counted down. */
  private static CountDownLatch hold(Transport transport) {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    transport.thread().execute(() -> {
      held.countDown();
      await(busy);
    });
    await(held);
    return busy;
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
