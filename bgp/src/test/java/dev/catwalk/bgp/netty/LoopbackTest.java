package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.fsm.Action;
import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.fsm.Peering;
import dev.catwalk.bgp.fsm.Settings;
import dev.catwalk.bgp.fsm.State;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sockets over 127.0.0.1, driven by peerings. */
class LoopbackTest {
  private static final IpAddress LOCALHOST = IpAddress.parse("127.0.0.1");
  private static final EncodeContext FOUR = new EncodeContext(true, Wire.MESSAGE_LIMIT);
  private static final long PATIENCE_MS = 20_000;

  private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable it : open.reversed()) {
      it.close();
    }
  }

  @Test
  void aSessionComesUpAndCarriesRoutes() throws Exception {
    Node left = new Node(settings(64601, 1, 64602, 90), 0);
    Node right = new Node(passive(settings(64602, 2, 64601, 90)), 0);
    left.peerPort = right.port;
    right.start();
    left.start();
    await(() -> left.state() == State.ESTABLISHED && right.state() == State.ESTABLISHED);
    Nlri prefixes = Nlri.of(Prefix.parse("10.42.1.0/24"), Prefix.parse("10.42.2.0/24"));
    PathAttributes attributes = PathAttributes.builder(
            Origin.IGP, AsPath.sequence(64601), LOCALHOST.plus(1))
        .build();
    left.send(Update.announce(attributes, prefixes));
    await(() -> !right.updates.isEmpty());
    Update got = right.updates.getFirst();
    assertEquals(List.of(), got.announced(), "127/8 is refused as a next hop");
    left.send(
        Update.announce(attributes.with().nextHop(IpAddress.parse("192.0.2.1")).build(), prefixes));
    await(() -> right.updates.size() > 1);
    assertEquals(prefixes, right.updates.get(1).announced().getFirst().prefixes());
  }

  @Test
  void keepalivesHoldTheSession() throws Exception {
    Node left = new Node(settings(64601, 1, 64602, 3), 0);
    Node right = new Node(passive(settings(64602, 2, 64601, 3)), 0);
    left.peerPort = right.port;
    right.start();
    left.start();
    await(() -> left.keepalives.get() >= 6 && right.keepalives.get() >= 6);
    assertEquals(State.ESTABLISHED, left.state());
    assertEquals(1, left.ups.get(), "beyond the hold time of 3 s");
  }

  @Test
  void collisionLeavesOneConnection() throws Exception {
    Node left = new Node(settings(64601, 1, 64602, 90), 0);
    Node right = new Node(settings(64602, 2, 64601, 90), 0);
    left.peerPort = right.port;
    right.peerPort = left.port;
    left.start();
    right.start();
    await(() -> left.state() == State.ESTABLISHED
        && right.state() == State.ESTABLISHED
        && left.connections.size() == 1
        && right.connections.size() == 1);
    left.send(new Keepalive());
    assertEquals(State.ESTABLISHED, left.state());
  }

  @Test
  void ceaseReachesAPeerThatIsStillSending() throws Exception {
    Node left = new Node(settings(64601, 1, 64602, 90), 0);
    Node right = new Node(passive(settings(64602, 2, 64601, 90)), 0);
    left.peerPort = right.port;
    right.start();
    left.start();
    await(() -> left.state() == State.ESTABLISHED && right.state() == State.ESTABLISHED);
    for (int i = 0; i < 2000; i++) {
      right.send(new Keepalive());
    }
    left.post(new Event.Stop(Notification.of(Fault.ADMINISTRATIVE_SHUTDOWN)));
    await(() -> right.peering.lastNotification() != null);
    assertEquals(
        new Peering.Said(false, Notification.of(Fault.ADMINISTRATIVE_SHUTDOWN)),
        right.peering.lastNotification());
  }

  @Test
  void refusedDialIsToldWithItsCause() throws Exception {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    Node left = new Node(settings(64601, 1, 64602, 90), nobody);
    left.start();
    await(() -> left.state() == State.ACTIVE);
    assertTrue(left.peering.lastError().contains("refused"), left.peering.lastError());
  }

  @Test
  void aTakenPortNamesPlaceAndRemedy() throws Exception {
    Node left = new Node(settings(64601, 1, 64602, 90), 0);
    Transport other = new Transport(left);
    open.add(other);
    IOException e = assertThrows(IOException.class, () -> other.listen(LOCALHOST, left.port));
    assertTrue(
        e.getMessage().startsWith("cannot listen for BGP on 127.0.0.1 port " + left.port),
        e.getMessage());
  }

  /** What is sent before the bytes that break the stream still counts; nothing after it does. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 19, 4096})
  void brokenBytesAreAnsweredOnce(int pieces) throws Exception {
    Node node = new Node(passive(settings(64602, 2, 64601, 90)), 0);
    node.start();
    String marker = "ff".repeat(16);
    byte[] bytes = HexFormat.of()
        .parseHex(marker + "001d0104fc59005a0000000100" // OPEN of AS 64601
            + marker + "001304" + marker + "001304" + marker + "0013ff" + marker + "0013ff");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.port)) {
      socket.setSoTimeout((int) PATIENCE_MS);
      OutputStream out = socket.getOutputStream();
      for (int at = 0; at < bytes.length; at += pieces) {
        out.write(bytes, at, Math.min(pieces, bytes.length - at));
        out.flush();
      }
      InputStream in = socket.getInputStream();
      String got = HexFormat.of().formatHex(in.readAllBytes());
      assertTrue(
          got.endsWith(marker + "001603" + "0103ff"), "NOTIFICATION 1/3, then the end: " + got);
    }
    assertEquals(1, node.ups.get());
  }

  @Test
  void aPeerThatDoesNotReadBlocksAndOneThatReadsUnblocks() throws Exception {
    Node node = new Node(passive(settings(64602, 2, 64601, 90)), 0);
    node.start();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.port)) {
      await(() -> node.connections.size() == 1);
      Connection connection = node.connections.values().iterator().next();
      Message bulk = new Notification(6, 0, dev.catwalk.bgp.wire.Octets.of(new byte[4000]));
      int sent = 4000; // more than the kernel buffers
      for (int i = 0; i < sent; i++) {
        connection.send(bulk, FOUR);
      }
      await(() -> node.blocked && !connection.isWritable());
      InputStream in = socket.getInputStream();
      in.skipNBytes(sent * 4021L);
      await(() -> !node.blocked && connection.isWritable());
    }
    await(() -> node.connections.isEmpty());
  }

  @Test
  void pausedReadingHoldsThePeersBytesBack() throws Exception {
    Node node = new Node(passive(settings(64602, 2, 64601, 90)), 0);
    node.start();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), node.port)) {
      await(() -> node.connections.size() == 1);
      Connection connection = node.connections.values().iterator().next();
      connection.pauseReading(true);
      socket
          .getOutputStream()
          .write(HexFormat.of().parseHex("ff".repeat(16) + "001d0104fc59005a0000000100"));
      aTurnOf(connection, node); // a read that had begun may still take the OPEN, and nothing more
      socket.getOutputStream().write(HexFormat.of().parseHex("ff".repeat(16) + "001304"));
      aTurnOf(connection, node);
      assertNotEquals(State.ESTABLISHED, node.state());
      connection.pauseReading(false);
      await(() -> node.state() == State.ESTABLISHED);
    }
  }

  /** What loopback has delivered is read by then, if it is read at all, and worked off. */
  private static void aTurnOf(Connection connection, Node node) throws Exception {
    for (int i = 0; i < 2; i++) {
      connection.channel.eventLoop().submit(() -> {}).get();
    }
    node.loop.submit(() -> {}).get();
  }

  private static Settings settings(long as, int id, long peerAs, int holdTime) {
    return new Settings(as, id, peerAs, false, holdTime, 0, 1, List.of(AfiSafi.IPV4_UNICAST));
  }

  private static Settings passive(Settings s) {
    return new Settings(
        s.localAs(),
        s.localId(),
        s.peerAs(),
        true,
        s.holdTime(),
        s.keepalive(),
        s.connectRetry(),
        s.families());
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "not within " + PATIENCE_MS + " ms");
      TimeUnit.MILLISECONDS.sleep(2);
    }
  }

  /** One peering on real sockets, with a thread of its own: the least that a speaker must do. */
  private final class Node implements Receiver, AutoCloseable {
    private final Transport transport = new Transport(this);
    private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();
    private final Map<String, ScheduledFuture<?>> timers = new ConcurrentHashMap<>();
    private final Map<ConnectionId, Connection> connections = new ConcurrentHashMap<>();
    private final List<Update> updates = new CopyOnWriteArrayList<>();
    private final AtomicLong keepalives = new AtomicLong();
    private final AtomicLong ups = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private final int port;
    private volatile boolean blocked;
    private volatile int peerPort;
    private volatile Peering peering;
    private volatile ConnectionId up;

    Node(Settings settings, int peerPort) throws IOException {
      open.add(this);
      peering = Peering.of(settings);
      port = transport.listen(LOCALHOST, 0);
      this.peerPort = peerPort;
    }

    State state() {
      return peering.state();
    }

    void start() {
      post(new Event.Start());
    }

    void post(Event event) {
      loop.execute(() -> step(event));
    }

    void send(Message message) {
      loop.execute(() -> connections.get(up).send(message, FOUR));
    }

    private void step(Event event) {
      Peering.Step step = Peering.step(peering, event);
      peering = step.next();
      for (Action action : step.actions()) {
        perform(action);
      }
    }

    private void perform(Action action) {
      switch (action) {
        case Action.Dial(ConnectionId id) ->
          connections.put(id, transport.dial(LOCALHOST, LOCALHOST, peerPort, null));
        case Action.Send(ConnectionId id, Message message) ->
          connections.get(id).send(message, EncodeContext.beforeOpen());
        case Action.Close(ConnectionId id) -> {
          Connection connection = connections.remove(id);
          if (connection != null) {
            connection.close();
          }
        }
        case Action.Arm(var timer, long owner, long generation, long delayMs) ->
          cancel(timers.put(
              timer + "/" + owner,
              loop.schedule(
                  () -> step(new Event.Expired(timer, owner, generation)),
                  delayMs,
                  TimeUnit.MILLISECONDS)));
        case Action.Disarm(var timer, long owner) -> cancel(timers.remove(timer + "/" + owner));
        case Action.Up(ConnectionId id, var negotiated) -> {
          up = id;
          ups.incrementAndGet();
        }
        case Action.Deliver(Update update) -> updates.add(update);
        case Action.Down a -> {}
        case Action.Failed a -> {}
        case Action.Refresh a -> {}
      }
    }

    private static void cancel(ScheduledFuture<?> timer) {
      if (timer != null) {
        timer.cancel(false);
      }
    }

    private void tell(
        Connection connection, java.util.function.Function<ConnectionId, Event> event) {
      loop.execute(() -> connections.entrySet().stream()
          .filter(e -> e.getValue() == connection)
          .map(Map.Entry::getKey)
          .findFirst()
          .ifPresent(id -> step(event.apply(id))));
    }

    @Override
    public void accepted(Connection connection) {
      loop.execute(() -> {
        ConnectionId id = ConnectionId.accepted(accepted.incrementAndGet());
        connections.put(id, connection);
        step(new Event.Accepted(id));
      });
    }

    @Override
    public void connected(Connection connection) {
      tell(connection, Event.Connected::new);
    }

    @Override
    public void received(Connection connection, Message message, int octets) {
      if (message instanceof Keepalive) {
        keepalives.incrementAndGet();
      }
      tell(connection, id -> new Event.Received(id, message));
    }

    @Override
    public void malformed(Connection connection, WireException fault) {
      tell(connection, id -> new Event.Malformed(id, fault.notification(), fault.getMessage()));
    }

    @Override
    public void blocked(Connection connection) {
      blocked = true;
      tell(connection, Event.Blocked::new);
    }

    @Override
    public void writable(Connection connection) {
      blocked = false;
      tell(connection, Event.Writable::new);
    }

    @Override
    public void closed(Connection connection, String why) {
      tell(connection, id -> new Event.Closed(id, why));
      loop.execute(() -> connections.values().remove(connection));
    }

    @Override
    public void close() {
      CompletableFuture.runAsync(() -> step(new Event.Stop(null)), loop).join();
      transport.close();
      loop.shutdownNow();
    }
  }
}
