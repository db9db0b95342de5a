package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.store.StoreConfig;
import io.atomix.cluster.MemberId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a member missed while it or its host was slow, it goes on by itself soon after. */
class OverloadTest {
  @TempDir
  Path directory;

  private final CountDownLatch diskWorks = new CountDownLatch(1);

  private LogSync.Disk hanging(LogSync.Disk disk) {
    return new LogSync.Disk() {
      @Override
      public void sync() throws IOException {
        try {
          diskWorks.await();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
        disk.sync();
      }

      @Override
      public void close() throws IOException {
        disk.close();
      }
    };
  }

  /** A member that was away for more than one append holds, and cannot acknowledge the first. */
  private AtomixStore behind(Cluster cluster, String late) {
    long before = cluster.open.get(late).status().revision();
    cluster.stop(late);
    for (int i = 0; i < 60; i++) {
      ClusterTest.put(cluster.open.get(cluster.leader()), "k" + i, 2000).join();
    }
    cluster.disk = this::hanging;
    AtomixStore store = cluster.start(late);
    Cluster.await("a first part", () -> store.status().revision() > before);
    return store;
  }

  @Test
  void aMemberThatHasNotCaughtUpNoticesThatItsLeaderIsGone() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      ClusterTest.write(cluster.open.get(cluster.leader()), 1, "a/");
      String late = cluster.follower();
      AtomixStore store = behind(cluster, late);
      try {
        String leader = store.engine().getLeader().memberId().id();
        for (String other : cluster.open.keySet().toArray(String[]::new)) {
          if (!other.equals(late)) {
            cluster.stop(other);
          }
        }
        Cluster.await("no leader in place of " + leader, () -> store.engine().getLeader() == null);
      } finally {
        diskWorks.countDown();
      }
    }
  }

  @Test
  void aLeaderTriesAMemberAgainHoweverOftenItFailed() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      ClusterTest.write(cluster.open.get(cluster.leader()), 1, "a/");
      String late = cluster.follower();
      behind(cluster, late);
      try {
        int failed = 0;
        int last = 0;
        while (failed < 7) {
          int now = failures(cluster, late);
          assertTrue(now < 5, "Atomix would wait for up to a minute now");
          failed += Math.max(0, now - last);
          last = now;
          LockSupport.parkNanos(2_000_000);
        }
      } finally {
        diskWorks.countDown();
      }
      cluster.assertAgreement(61);
    }
  }

  /** At a leader, which another one may become meanwhile. */
  private static int failures(Cluster cluster, String member) {
    return cluster.open.entrySet().stream()
        .filter(each -> !each.getKey().equals(member))
        .mapToInt(each -> each.getValue()
            .engine()
            .getCluster()
            .getMemberState(MemberId.from(member))
            .getFailureCount())
        .max()
        .orElseThrow();
  }

  private static StoreConfig config(Path directory, int mine, int other) {
    TreeMap<String, String> members = new TreeMap<>();
    members.put("n1", "127.0.0.1:" + mine);
    members.put("n2", "127.0.0.1:" + other);
    InetSocketAddress listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), mine);
    return new StoreConfig("n1", listen, members, directory, "test", true, null);
  }

  /** The first connection dies without a word, the second is never welcomed, the third is good. */
  @Test
  void aConnectionThatStaysSilentIsDialledAgain() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
        Transport transport =
            new Transport(config(directory, Cluster.freePort(), other.getLocalPort()), null, 1)) {
      AtomicInteger connections = new AtomicInteger();
      Thread.ofPlatform().daemon().start(() -> {
        try {
          while (true) {
            Socket socket = other.accept();
            int number = connections.incrementAndGet();
            if (number != 2) {
              send(socket, new Packet(Packet.Kind.WELCOME, 0, receive(socket).body()));
            }
            while (number == 3) {
              Packet request = receive(socket);
              send(socket, new Packet(Packet.Kind.ANSWER, request.id(), request.body()));
            }
          }
        } catch (IOException e) {
          connections.addAndGet(100); // The end, or a failure that the test sees.
        }
      });
      transport.open(OverloadTest::nobodyAsks, member -> {});
      AtomicBoolean answered = new AtomicBoolean();
      Cluster.await("an answer", () -> {
        var unused = transport
            .request("n2", Packet.Kind.PRESENCE, new byte[0], 500)
            .thenAccept(answer -> answered.set(true));
        return answered.get();
      });
      assertEquals(3, connections.get());
    }
  }

  /** The first connection is never read: what is asked on it is over long before it counts as silent. */
  @Test
  void aConnectionThatTakesNothingMoreIsDialledAgain() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
        Transport transport =
            new Transport(config(directory, Cluster.freePort(), other.getLocalPort()), null, 1)) {
      transport.open(OverloadTest::nobodyAsks, member -> {});
      Socket first = other.accept();
      send(first, new Packet(Packet.Kind.WELCOME, 0, receive(first).body()));
      other.setSoTimeout(1);
      AtomicReference<@Nullable Socket> second = new AtomicReference<>();
      Cluster.await("another connection", () -> {
        var unused = transport.request("n2", Packet.Kind.PRESENCE, new byte[60_000], 20);
        try {
          second.set(other.accept());
        } catch (IOException e) {
          // Not yet.
        }
        return second.get() != null;
      });
      Objects.requireNonNull(second.get()).close();
      first.close();
    }
  }

  @Test
  void whatAMemberHadBeforeItDialledAgainIsClosed() throws Exception {
    int port = Cluster.freePort();
    try (Transport transport =
        new Transport(config(directory, port, Cluster.freePort()), null, 1)) {
      transport.open(OverloadTest::nobodyAsks, member -> {});
      Hello hello = new Hello(Hello.VERSION, Hello.INSECURE, "test", "n2", "n1");
      try (Socket first = new Socket(InetAddress.getLoopbackAddress(), port);
          Socket second = new Socket(InetAddress.getLoopbackAddress(), port)) {
        for (Socket socket : new Socket[] {first, second}) {
          send(socket, new Packet(Packet.Kind.HELLO, 0, hello.encode()));
          assertEquals(Packet.Kind.WELCOME, receive(socket).kind());
        }
        first.setSoTimeout(30_000);
        assertEquals(-1, first.getInputStream().read());
      }
    }
  }

  private static CompletableFuture<byte[]> nobodyAsks(String from, Packet packet) {
    throw new AssertionError(from + " asks " + packet);
  }

  /** One connection is enough for both: who was dialled asks on it too. */
  @Test
  void whoWasDialledAsksOnTheSameConnection() throws Exception {
    int port = Cluster.freePort();
    try (Transport transport =
        new Transport(config(directory, port, Cluster.freePort()), null, 1)) {
      CountDownLatch reachable = new CountDownLatch(1);
      transport.open(
          (from, packet) -> CompletableFuture.completedFuture(packet.body()),
          member -> reachable.countDown());
      Hello hello = new Hello(Hello.VERSION, Hello.INSECURE, "test", "n2", "n1");
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        send(socket, new Packet(Packet.Kind.HELLO, 0, hello.encode()));
        assertEquals(Packet.Kind.WELCOME, receive(socket).kind());
        reachable.await();
        CompletableFuture<byte[]> answer =
            transport.request("n2", Packet.Kind.STATE, new byte[] {1}, 20_000);
        Packet asked = receive(socket);
        assertEquals(Packet.Kind.STATE, asked.kind());
        send(socket, new Packet(Packet.Kind.STATE, 77, new byte[] {3}));
        assertArrayEquals(new byte[] {3}, receive(socket).body());
        send(socket, new Packet(Packet.Kind.ANSWER, asked.id(), new byte[] {2}));
        assertArrayEquals(new byte[] {2}, answer.get(20, TimeUnit.SECONDS));
      }
    }
  }

  /** Though both dial, and perhaps at once, they end with one connection that works. */
  @Test
  void membersThatDialEachOtherKeepOneConnection() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.startAll();
      cluster.leader();
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n2"), 30, "a/"));
      Cluster.await(
          "one connection for each pair",
          () -> cluster.open.values().stream().allMatch(s -> s.connections() == 2));
      cluster.assertAgreement(ClusterTest.write(cluster.open.get("n3"), 60, "b/"));
    }
  }

  private static void send(Socket socket, Packet packet) throws IOException {
    ByteBuf out = Unpooled.buffer();
    packet.encode(out);
    socket.getOutputStream().write(out.array(), 0, out.readableBytes());
  }

  private static Packet receive(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    return Packet.decode(Unpooled.wrappedBuffer(in.readNBytes(in.readInt())));
  }
}
