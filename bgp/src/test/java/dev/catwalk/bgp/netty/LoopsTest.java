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
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.netty.TransportRig.Ears;
import dev.catwalk.net.addr.IpAddress;
import io.netty.channel.EventLoop;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose connection is on which thread, and how it goes from one to the other. */
class LoopsTest {
  private static final IpAddress PEER = IpAddress.v4(0x7f00_0002);
  private static final int SAID = 100;

  /** Callers whom nobody expects have a thread of their own. */
  private static Transport apart(Ears ears, boolean epoll) {
    Transport transport = new Transport(
        ears, (connection, dialled) -> new MessageHandler(ears, connection, dialled), true, epoll);
    transport.expect(Set.of(PEER));
    return transport;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPeerIsHeardWhileNobodyLooksAtCallers(boolean epoll) throws Exception {
    Ears ears = new Ears();
    List<Socket> sockets = new ArrayList<>();
    try (Transport transport = apart(ears, epoll)) {
      int port = transport.listen(HERE, 0);
      Socket peer = call(PEER, port, sockets);
      Connection known = next(ears.callers).from();
      Socket stranger = call(port, sockets);
      Connection caller = next(ears.callers).from();
      assertFalse(known.isAside());
      assertTrue(caller.isAside());
      CountDownLatch busy = hold(caller.channel.eventLoop());
      send(stranger, 1);
      send(peer, 1);
      assertEquals(known, next(ears.heard).from());
      busy.countDown();
      assertEquals(caller, next(ears.heard).from());
    } finally {
      close(sockets);
    }
  }

  /** Nor do a peer's own half sessions keep others waiting. */
  @Test
  void aPeerThatOpensManyConnectionsIsACallerToo() throws Exception {
    Ears ears = new Ears();
    List<Socket> sockets = new ArrayList<>();
    try (Transport transport = apart(ears, true)) {
      int port = transport.listen(HERE, 0);
      for (int i = 0; i < Loops.OF_ONE_PEER; i++) {
        call(PEER, port, sockets);
        assertFalse(next(ears.callers).from().isAside());
      }
      call(PEER, port, sockets);
      assertTrue(next(ears.callers).from().isAside());
      sockets.getFirst().close();
      next(ears.gone);
      call(PEER, port, sockets);
      assertFalse(next(ears.callers).from().isAside(), "there is a place again");
    } finally {
      close(sockets);
    }
  }

  /** Whatever is said to it and by it meanwhile arrives, in order. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoHasASessionGoesToTheThreadOfThese(boolean epoll) throws Exception {
    Ears ears = new Ears();
    List<Socket> sockets = new ArrayList<>();
    try (Transport transport = apart(ears, epoll)) {
      Socket guest = call(transport.listen(HERE, 0), sockets);
      Connection connection = next(ears.callers).from();
      EventLoop callers = connection.channel.eventLoop();
      CountDownLatch busy = hold(transport);
      say(connection, 0);
      transport.settle(connection);
      assertFalse(connection.isWritable(), "what is said now is held");
      while (connection.channel.isRegistered()) {
        callers.submit(() -> {}).get(20, TimeUnit.SECONDS);
      }
      assertEquals(0, guest.getInputStream().read());
      for (int i = 1; i < SAID; i++) {
        say(connection, i);
      }
      callers.submit(() -> {}).get(20, TimeUnit.SECONDS);
      assertEquals(0, guest.getInputStream().available(), "it is on no thread now");
      send(guest, 1);
      busy.countDown();
      assertEquals(connection, next(ears.writable));
      assertTrue(connection.isWritable());
      say(connection, SAID);
      assertEquals(connection, next(ears.heard).from());
      assertFalse(connection.isAside());
      assertEquals(transport.thread(), connection.channel.eventLoop());
      for (int i = 1; i <= SAID; i++) {
        assertEquals(i, guest.getInputStream().read());
      }
      CountDownLatch callersBusy = hold(callers);
      send(guest, 1);
      assertEquals(connection, next(ears.heard).from());
      callersBusy.countDown();
    } finally {
      close(sockets);
    }
  }

  /** Between two reads of one flood, too: the loop that it leaves has meant to go on with it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsSaidOnTheWayIsHeard(boolean epoll) throws Exception {
    Ears ears = new Ears();
    List<Socket> sockets = new ArrayList<>();
    try (Transport transport = apart(ears, epoll)) {
      Socket guest = call(transport.listen(HERE, 0), sockets);
      Connection connection = next(ears.callers).from();
      ears.spoke = from -> {
        ears.spoke = further -> {};
        transport.settle(from);
      };
      for (int i = 0; i < FLOODS; i++) {
        send(guest, FLOOD);
      }
      for (int i = 0; i < FLOODS * FLOOD; i++) {
        assertEquals(connection, next(ears.heard).from());
      }
      assertEquals(connection, next(ears.writable));
    } finally {
      close(sockets);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoIsClosedOnItsWayHearsWhatWasSaidBefore(boolean epoll) throws Exception {
    Ears ears = new Ears();
    List<Socket> sockets = new ArrayList<>();
    try (Transport transport = apart(ears, epoll)) {
      Socket guest = call(transport.listen(HERE, 0), sockets);
      Connection connection = next(ears.callers).from();
      CountDownLatch busy = hold(connection.channel.eventLoop());
      transport.settle(connection);
      say(connection, 1);
      connection.close();
      busy.countDown();
      assertEquals(1, guest.getInputStream().read());
      assertEquals(-1, guest.getInputStream().read());
    } finally {
      close(sockets);
    }
  }

  @Test
  void whoCallsAgainIsHeardAfterHisEnd() throws Exception {
    Ears ears = new Ears();
    List<Socket> sockets = new ArrayList<>();
    try (Transport transport = apart(ears, true)) {
      int port = transport.listen(HERE, 0);
      Socket guest = call(port, sockets);
      Connection connection = next(ears.callers).from();
      EventLoop callers = connection.channel.eventLoop();
      transport.settle(connection);
      assertEquals(connection, next(ears.writable));
      CountDownLatch busy = hold(transport);
      guest.close();
      call(port, sockets);
      for (int look = 0; look < 2; look++) {
        callers.submit(() -> {}).get(20, TimeUnit.SECONDS);
      }
      assertTrue(ears.callers.isEmpty(), "his end has not been read");
      busy.countDown();
      next(ears.callers);
      assertEquals(connection, ears.gone.poll());
    } finally {
      close(sockets);
    }
  }

  /** Somebody who was silent for long may have spoken where nobody has looked yet. */
  @Test
  void bothThreadsHaveReadBeforeASilenceIsJudged() throws Exception {
    Ears ears = new Ears();
    List<Socket> sockets = new ArrayList<>();
    try (Transport transport = apart(ears, true)) {
      Socket stranger = call(transport.listen(HERE, 0), sockets);
      Connection caller = next(ears.callers).from();
      CountDownLatch busy = hold(caller.channel.eventLoop());
      send(stranger, 1);
      CompletableFuture<Boolean> judged = new CompletableFuture<>();
      transport.whenRead(() -> judged.complete(ears.heard.isEmpty()));
      transport.thread().schedule(() -> {}, 5, TimeUnit.MILLISECONDS).get(20, TimeUnit.SECONDS);
      assertFalse(judged.isDone(), "the sessions' thread alone has read");
      busy.countDown();
      assertFalse(judged.get(20, TimeUnit.SECONDS), "it had not been read");
    } finally {
      close(sockets);
    }
  }

  private static void say(Connection to, int octet) {
    to.send(to.channel.alloc().buffer().writeByte(octet));
  }
}
