package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.machine.Roster.Seat;
import dev.catwalk.raftstore.store.StoreConfig;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransportTest {
  @TempDir
  Path directory;

  private StoreConfig config(String name, int port, Map<String, String> members) {
    return new StoreConfig(
        name,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        new TreeMap<>(members),
        directory,
        "test",
        true,
        null);
  }

  private static byte[] ask(Transport from, String member) throws Exception {
    return from.request(member, Packet.Kind.PRESENCE, new byte[0], 5000).get(10, TimeUnit.SECONDS);
  }

  /** Who was away reads one roster after the other, and the news come from one that is in the last. */
  @Test
  void oldRostersEndNoConnectionThatLives() throws Exception {
    String nobody = "127.0.0.1:" + Cluster.freePort();
    int port = Cluster.freePort();
    String here = "127.0.0.1:" + port;
    int other = Cluster.freePort();
    int third = Cluster.freePort();
    String there = "127.0.0.1:" + other;
    PeerServer.Handler echo = (from, packet) -> CompletableFuture.completedFuture(packet.body());
    Roster founders = Roster.founders(Map.of("n1", here, "n2", nobody));
    Roster moved = founders.with("n2", new Seat(there, true, ""));
    Roster joined = moved.with("n4", new Seat(nobody, true, ""));
    try (Transport away = new Transport(
            config("n1", port, Map.of("n1", here, "n2", there)), null, Format.NEWEST);
        Transport moves =
            new Transport(config("n2", other, Map.of("n2", there)), null, Format.NEWEST);
        Transport joins = new Transport(
            config("n4", third, Map.of("n1", here, "n4", nobody)), null, Format.NEWEST)) {
      moves.members(joined.with("n1", new Seat(nobody, true, "")), Format.OLDEST);
      moves.open(echo, member -> {});
      away.open(echo, member -> {});
      Cluster.await("n1 has dialled n2", () -> away.connections() == 1);
      joins.members(joined, Format.OLDEST);
      joins.open(echo, member -> {});
      Cluster.await("n4 has dialled n1", () -> away.connections() == 2);
      away.members(founders, Format.OLDEST);
      away.members(moved, Format.OLDEST);
      assertEquals(0, ask(away, "n2").length);
      assertEquals(0, ask(away, "n4").length);
      away.members(joined.without("n4"), Format.OLDEST);
      Cluster.await("n4 has left", () -> away.connections() == 1);
    }
  }

  /** Whoever of the two dials: one that does not know what is in the log is not talked with. */
  @Test
  void aMemberWithAnOlderProgramIsLeftWhoeverDials() throws Exception {
    String nobody = "127.0.0.1:" + Cluster.freePort();
    int port = Cluster.freePort();
    int other = Cluster.freePort();
    PeerServer.Handler echo = (from, packet) -> CompletableFuture.completedFuture(packet.body());
    Map<String, String> known = Map.of("n1", nobody, "n2", "127.0.0.1:" + other);
    try (MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Transport now = new Transport(config("n1", port, known), null, Format.NEWEST);
        Transport older = new Transport(config("n2", other, known), null, Format.READS)) {
      now.members(Roster.founders(known), Format.OLDEST);
      older.open(echo, member -> {});
      now.serve(echo);
      now.open(echo, member -> {});
      PeerLink client = new PeerLink(
          () -> new Hello(
              Hello.VERSION,
              Hello.CLIENT | Hello.INSECURE,
              "test",
              "c",
              "n1",
              Format.CLIENTS,
              0,
              List.of()),
          "127.0.0.1:" + port,
          loops,
          new DefaultChannelGroup(loops.next()),
          null,
          theirs -> null);
      client.open(echo, () -> {});
      client.dialNow();
      Cluster.await("the client is let in", () -> client.format() == Format.NEWEST);
      Cluster.await("the member is let in", () -> now.connections() == 1);
      now.members(Roster.founders(known), Format.NEEDS);
      Cluster.await(
          "it says why", () -> String.valueOf(now.refusal()).contains("n2 does not know: upgrade"));
      assertEquals(0, now.connections());
      Cluster.await(
          "the client is told too",
          () -> String.valueOf(client.refusal()).contains("program of c does not know: upgrade"));
      client.close();
    }
  }
}
