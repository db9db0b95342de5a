package dev.catwalk.bgp.netty;

import static dev.catwalk.bgp.netty.TransportRig.FLOOD;
import static dev.catwalk.bgp.netty.TransportRig.FLOODS;
import static dev.catwalk.bgp.netty.TransportRig.HERE;
import static dev.catwalk.bgp.netty.TransportRig.call;
import static dev.catwalk.bgp.netty.TransportRig.close;
import static dev.catwalk.bgp.netty.TransportRig.hold;
import static dev.catwalk.bgp.netty.TransportRig.next;
import static dev.catwalk.bgp.netty.TransportRig.send;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.netty.TransportRig.Ears;
import dev.catwalk.bgp.netty.TransportRig.Sound;
import dev.catwalk.bgp.wire.Wire;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that share a thread: none of them has it for long. */
class TransportTest {
  /** One may have begun before. */
  private static final int MOST_WORDS = Transport.READ_AT_ONCE / Wire.HEADER_LENGTH + 1;

  /** More than Netty takes at once by itself, which is 16. */
  private static final int CALLS = 40;

  private static final int SPEAKERS = 3 * Transport.SOCKETS_AT_ONCE;

  private static Transport transport(Ears ears, boolean epoll) {
    return new Transport(
        ears, (connection, dialled) -> new MessageHandler(ears, connection, dialled), false, epoll);
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
}
