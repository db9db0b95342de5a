package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.Frame;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.machine.LeaseCommand;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.machine.MemberChange.Join;
import dev.catwalk.raftstore.machine.MemberChange.Leave;
import dev.catwalk.raftstore.machine.MembersMachine;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.pki.ClusterPki;
import dev.catwalk.raftstore.pki.Identity;
import dev.catwalk.raftstore.store.KvReplica;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import dev.catwalk.raftstore.store.StoreStatus.Role;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that is no member follows members and writes through them. */
class ClientStoreTest {
  @TempDir
  Path directory;

  /** As a defect or another version of the program might have it. */
  private static final class OtherMachine implements Machine {
    private final KvMachine kv = new KvMachine();

    @Override
    public String name() {
      return kv.name();
    }

    @Override
    public byte[] apply(long revision, byte[] command) {
      return new byte[kv.apply(revision, command).length];
    }

    @Override
    public byte[] snapshot() {
      return kv.snapshot();
    }

    @Override
    public void restore(byte[] snapshot) {
      kv.restore(snapshot);
    }
  }

  private static long write(Store store, int count, String prefix) {
    Cluster.await("a leader", () -> store.status().quorum());
    List<CompletableFuture<Long>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(put(store, prefix + i, 10));
    }
    return all.stream().mapToLong(CompletableFuture::join).max().orElseThrow();
  }

  /** On a crowded machine the leader may change meanwhile. */
  private static CompletableFuture<Long> put(Store store, String key, int attempts) {
    CompletableFuture<Long> attempt = store
        .submit(KvMachine.NAME, KvTransaction.put(key, new byte[300]).encode())
        .thenApply(Applied::revision);
    return attempts == 1
        ? attempt
        : attempt.exceptionallyCompose(refused -> put(store, key, attempts - 1));
  }

  private static void awaitSame(Store client, Store member) {
    Cluster.await(
        "the client is in the members' state",
        () -> client.status().revision() == member.status().revision()
            && client.status().stateHash().equals(member.status().stateHash()));
  }

  private static StoreException refused(Runnable asking) {
    CompletionException e = assertThrows(CompletionException.class, asking::run);
    return assertInstanceOf(StoreException.class, e.getCause());
  }

  /**
   * Members come and go, one leads after the other, and the client goes on; without a majority it
   * reads what it knows, says so and writes nothing.
   */
  @Test
  void aClientGoesOnWhoeverLeads() throws Exception {
    ClusterPki pki = ClusterPki.create(directory.resolve("pki"), Duration.ofDays(90));
    for (String node : List.of("n1", "n2", "n3", "c", "late")) {
      pki.issue(new Identity("test", node), Duration.ofDays(60));
    }
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.pki = directory.resolve("pki");
      cluster.startAll();
      write(cluster.open.get("n1"), 1000, "before/");
      try (ClientStore client = cluster.client("c");
          KvReplica keys = new KvReplica(client)) {
        write(client, 50, "a/");
        assertEquals(Role.CLIENT, client.status().role());
        assertEquals("TLS", client.status().transport());
        assertEquals(List.of("n1", "n2", "n3"), client.status().members());
        awaitSame(client, cluster.open.get("n1"));
        for (String name : List.of("n1", "n2", "n3")) {
          cluster.stop(name);
          write(client, 20, name + "/");
          AtomixStore again = cluster.start(name);
          Cluster.await("all three", () -> again.status().quorum());
          awaitSame(client, again);
        }
        assertTrue(keys.read("n2/7").join().entry() != null, "a read of what was just written");

        // The members have begun anew from snapshots: a client that knows nothing gets a whole
        // state.
        try (ClientStore late = cluster.client("late")) {
          Queue<Change> heard = new ConcurrentLinkedQueue<>();
          var unused = late.subscribe(0, heard::add);
          awaitSame(late, cluster.open.get("n1"));
          Cluster.await("its state", () -> heard.peek() instanceof Change.Replaced);
        }

        // Who is in the store is changed by members, and by nobody else's commands.
        byte[] seat = MembersMachine.seat(Roster.founders(cluster.addresses).without("n1"));
        assertEquals(
            Kind.UNKNOWN_MACHINE,
            refused(() -> client.submit(MembersMachine.NAME, seat).join()).kind());
        assertEquals(
            Kind.REFUSED,
            refused(() -> client
                    .change(new Leave("n1"), false)
                    .thenCompose(two -> client.change(new Leave("n2"), false))
                    .join())
                .kind());

        long revision = client.status().revision();
        cluster.stopAll();
        Cluster.await("no quorum", () -> !client.status().quorum());
        byte[] put = KvTransaction.put("late", new byte[1]).encode();
        assertEquals(
            Kind.NO_QUORUM,
            refused(() -> client.submit(KvMachine.NAME, put).join()).kind());
        assertEquals(Kind.NO_QUORUM, refused(() -> client.barrier().join()).kind());
        assertTrue(keys.local("a/7").entry() != null, "local reads go on");
        assertTrue(client.status().revision() >= revision);
        Cluster.await(
            "it says so", () -> String.valueOf(client.status().problem()).contains("no member"));
      }
    }
  }

  /** What has happened while it was away is all that it fetches; another store it does not follow. */
  @Test
  void aClientThatStartsAgainGoesOnWhereItWas() throws Exception {
    long before;
    try (Cluster cluster = new Cluster(directory, 3)) {
      cluster.startAll();
      try (ClientStore client = cluster.client("c")) {
        write(client, 100, "a/");
        awaitSame(client, cluster.open.get("n1"));
      }
      long kept = cluster.open.get("n1").status().revision();
      write(cluster.open.get("n1"), 30, "b/");
      Queue<Change> heard = new ConcurrentLinkedQueue<>();
      try (ClientStore client = cluster.client("c")) {
        var unused = client.subscribe(kept, heard::add);
        awaitSame(client, cluster.open.get("n1"));
        Cluster.await("the changes", () -> heard.size() == client.status().revision() - kept);
        assertFalse(heard.stream().anyMatch(Change.Replaced.class::isInstance), "one by one");
        before = client.status().revision();
      }
    }
    try (Cluster other = new Cluster(directory.resolve("other"), 3)) {
      other.startAll();
      write(other.open.get("n1"), 200, "z/");
      Cluster astray = new Cluster(directory, 0);
      astray.addresses.putAll(other.addresses);
      try (ClientStore client = astray.client("c")) {
        Cluster.await(
            "it is told",
            () -> String.valueOf(client.status().problem()).contains("another store"));
        assertEquals(before, client.status().revision(), "it does not follow");
      }
    }
  }

  /** A program that is none of ours asks for what the door of ours keeps back. */
  private static void refusesWhatIsNoClientsToSay(Cluster cluster) {
    Hello hello = new Hello(Hello.VERSION, Hello.CLIENT | Hello.INSECURE, "test", "stranger", "n1");
    try (MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())) {
      PeerLink link = new PeerLink(
          () -> hello,
          cluster.addresses.get("n1"),
          loops,
          new DefaultChannelGroup(loops.next()),
          null,
          theirs -> null);
      link.open((from, packet) -> new CompletableFuture<>(), () -> {});
      link.dialNow();
      Cluster.await("it is let in", () -> link.format() == Format.NEWEST);
      for (Frame.Item item : List.of(
          new Frame.Item(1, KvMachine.NAME, new LeaseCommand.Elapse(1000).encode()),
          new Frame.Item(1, MembersMachine.NAME, MembersMachine.forget("n1")))) {
        byte[] frame = new Frame(99, 1, List.of(item)).encode();
        CompletableFuture<byte[]> answer = link.request(Packet.Kind.COMMIT, frame, 20_000);
        String why = assertThrows(CompletionException.class, answer::join).getMessage();
        assertTrue(why.contains("only whoever leads") || why.contains("not changed by"), why);
      }
      link.close();
    }
  }

  /** It serves clients, begins again by itself, and is joined by others, without which it is none. */
  @Test
  void aClusterOfOneServesClientsAndGrows() throws Exception {
    try (Cluster cluster = new Cluster(directory, 1, Cluster.SMALL)) {
      cluster.serving = true;
      cluster.startAll();
      try (ClientStore client = cluster.client("c")) {
        write(client, 500, "a/");
        assertEquals(List.of("n1"), client.status().members());
        refusesWhatIsNoClientsToSay(cluster);
        cluster.stop("n1");
        cluster.start("n1");
        write(client, 20, "b/");
        awaitSame(client, cluster.open.get("n1"));

        client.change(new Join("n2", cluster.name("n2"), ""), false).join();
        cluster.start("n2");
        Cluster.await("n2 votes", () -> client.roster().votes("n2"));
        assertEquals(Format.NEWEST, client.roster().needs(), "one alone asked nobody");
        cluster.assertAgreement(write(client, 50, "c/"));
        cluster.stopAll();
        cluster.startAll();
        cluster.assertAgreement(write(client, 20, "d/"));
        cluster.stop("n2");
        Store first = cluster.open.get("n1");
        Cluster.await("one of two is no majority", () -> !first.status().quorum());
        cluster.start("n2");
        awaitSame(client, cluster.open.get("n2"));
        cluster.stopAll();
        cluster.addresses.remove("n2");
        cluster.serving = false;
        StoreException e = assertThrows(StoreException.class, () -> cluster.start("n1"));
        assertTrue(e.getMessage().contains("are n1, n2,"), e.getMessage());
      }
    }
  }

  /** A command that comes out otherwise here than there: this copy is not to be relied on. */
  @Test
  void aClientWhoseMachineAnswersOtherwiseFollowsNoMore() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3)) {
      cluster.startAll();
      write(cluster.open.get("n1"), 10, "a/");
      cluster.machine = name -> new OtherMachine();
      try (ClientStore client = cluster.client("c")) {
        Cluster.await("it stops", () -> client.status().role() == Role.STOPPED);
        assertTrue(String.valueOf(client.status().problem()).contains("came out otherwise"));
        assertEquals(Kind.DIVERGED, refused(() -> client.barrier().join()).kind());
      }
    }
  }
}
