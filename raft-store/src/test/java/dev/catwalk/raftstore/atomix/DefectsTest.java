package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.Frame;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import io.atomix.cluster.MemberId;
import io.atomix.protocols.raft.RaftServer;
import io.atomix.protocols.raft.ReadConsistency;
import io.atomix.protocols.raft.cluster.impl.RaftMemberContext;
import io.atomix.protocols.raft.protocol.AppendRequest;
import io.atomix.protocols.raft.protocol.AppendResponse;
import io.atomix.protocols.raft.protocol.RaftResponse;
import io.atomix.protocols.raft.storage.log.RaftLogReader;
import io.atomix.protocols.raft.storage.log.entry.OpenSessionEntry;
import io.atomix.protocols.raft.storage.log.entry.RaftLogEntry;
import io.atomix.storage.StorageException;
import io.atomix.utils.time.WallClockTimestamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One test for each defect of Atomix that this room works around; see the module's README. */
class DefectsTest {
  @TempDir
  Path directory;

  private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();

  private AtomixStore alone(Machine machine) {
    Tuning small =
        new Tuning(256 * 1024, 128 * 1024, Tuning.ALONE.heartbeat(), Tuning.ALONE.election());
    AtomixStore store = AtomixStore.open(
        StoreConfig.single("n1", directory.resolve("n1")),
        List.of(machine),
        small,
        fatal::add,
        UnaryOperator.identity());
    Cluster.await("a leader", () -> store.status().quorum());
    return store;
  }

  private List<Path> files(String prefix) throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve("n1").resolve("log"))) {
      return all.filter(file -> file.getFileName().toString().startsWith(prefix))
          .sorted()
          .toList();
    }
  }

  /** 1: Atomix's own snapshot and compaction, even if forced, does nothing. */
  @Test
  void atomixNeitherSnapshotsNorCompacts() throws Exception {
    try (AtomixStore store = alone(new KvMachine())) {
      ClusterTest.write(store, 100, "k/");
      RaftEngine raft = store.engine();
      assertNull(raft.getSnapshotStore().getCurrentSnapshot(), "nothing to install at followers");
      assertThrows(
          UnsupportedOperationException.class,
          () -> raft.getSnapshotStore().newTemporarySnapshot(1, new WallClockTimestamp()));
      List<Path> before = files("raft-");
      CompletableFuture<Void> forced = raft.compact();
      assertEquals(201, ClusterTest.write(store, 101, "l/"));
      assertEquals(before, files("raft-"));
      assertTrue(!forced.isDone() || files("snapshot-").isEmpty());
    }
  }

  /** A machine whose state cannot be had. */
  private static Machine broken() {
    KvMachine kv = new KvMachine();
    return new Machine() {
      @Override
      public String name() {
        return kv.name();
      }

      @Override
      public byte[] apply(long revision, byte[] command) {
        return kv.apply(revision, command);
      }

      @Override
      public byte[] snapshot() {
        throw new IllegalStateException("no snapshot today");
      }

      @Override
      public void restore(byte[] snapshot) {
        kv.restore(snapshot);
      }
    };
  }

  /** 4: a failed backup stops the process, and the log is still whole. */
  @Test
  void aFailedSnapshotHaltsAndCompactsNothing() throws Exception {
    long acknowledged = 0;
    try (AtomixStore store = alone(broken())) {
      for (int i = 0; i < 3000 && fatal.isEmpty(); i++) {
        CompletableFuture<Applied> future = ClusterTest.put(store, "k" + i % 100, 2000);
        Cluster.await("an answer or the end", () -> future.isDone() || !fatal.isEmpty());
        acknowledged += future.isDone() && !future.isCompletedExceptionally() ? 1 : 0;
      }
      assertEquals("no snapshot today", fatal.element().getMessage());
      assertNotNull(store.status().problem());
    }
    assertEquals(List.of(), files("snapshot-"));
    fatal.clear();
    try (AtomixStore store = alone(new KvMachine())) {
      long revision = acknowledged;
      Cluster.await("all that was acknowledged", () -> store.status().revision() >= revision);
    }
  }

  /** 4: a damaged snapshot is noticed before it is used; the one before it and the log suffice. */
  @Test
  void aDamagedSnapshotIsPassedOver() throws Exception {
    String hash;
    long revision;
    try (AtomixStore store = alone(new KvMachine())) {
      do {
        ClusterTest.write(store, 300, "k/");
      } while (snapshots() < 2 || Files.exists(directory.resolve("n1/log/raft-1.log")));
      hash = store.status().stateHash();
      revision = store.status().revision();
    }
    Path newest = files("snapshot-").getLast();
    byte[] bytes = Files.readAllBytes(newest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(newest, bytes);
    try (AtomixStore store = alone(new KvMachine())) {
      Cluster.await("its state", () -> store.status().revision() == revision);
      assertEquals(hash, store.status().stateHash());
    }
    for (Path snapshot : files("snapshot-")) {
      Files.write(snapshot, Arrays.copyOf(Files.readAllBytes(snapshot), 40));
    }
    List<Path> log = files("raft-");
    StoreException refusal = assertThrows(StoreException.class, () -> alone(new KvMachine()));
    assertEquals(StoreException.Kind.CANNOT_OPEN, refusal.kind());
    assertTrue(refusal.getMessage().contains("begins at entry"), refusal.getMessage());
    assertEquals(log, files("raft-"), "nothing is touched");
  }

  private long snapshots() {
    try {
      return files("snapshot-").size();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A disk that can be made to hang. */
  private static final class HangingDisk implements LogSync.Disk {
    private final LogSync.Disk disk;
    volatile CountDownLatch go = new CountDownLatch(0);

    HangingDisk(LogSync.Disk disk) {
      this.disk = disk;
    }

    @Override
    public void sync() throws IOException {
      try {
        go.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      disk.sync();
    }

    @Override
    public void close() throws IOException {
      disk.close();
    }
  }

  /** 5: a write is acknowledged when a majority has it on the disk, and not before. */
  @Test
  void anAcknowledgementWaitsForTheDisksOfAMajority() throws Exception {
    List<HangingDisk> disks = new ArrayList<>();
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.disk = disk -> {
        disks.add(new HangingDisk(disk));
        return disks.getLast();
      };
      cluster.startAll(); // in the order of their names
      String leader = cluster.leader();
      ClusterTest.write(cluster.open.get(leader), 10, "a/");
      List<HangingDisk> followers = new ArrayList<>(disks);
      followers.remove(leader.charAt(1) - '1');

      CountDownLatch one = new CountDownLatch(1);
      followers.getFirst().go = one;
      assertEquals(
          11,
          ClusterTest.put(cluster.open.get(leader), "b", 10)
              .get(10, TimeUnit.SECONDS)
              .revision(),
          "two disks of three are enough");

      CountDownLatch two = new CountDownLatch(1);
      followers.getLast().go = two;
      CompletableFuture<Applied> withoutFollowers =
          ClusterTest.put(cluster.open.get(leader), "c", 10);
      assertThrows(TimeoutException.class, () -> withoutFollowers.get(300, TimeUnit.MILLISECONDS));
      one.countDown();
      two.countDown();
      Cluster.await("a write", () -> written(cluster.open.get(leader)));

      int leads = cluster.leader().charAt(1) - '1';
      CountDownLatch mine = new CountDownLatch(1);
      disks.get(leads).go = mine;
      long before = cluster.open.get(leader).status().revision();
      assertTrue(
          ClusterTest.put(cluster.open.get("n" + (leads + 1)), "d", 10)
                  .get(10, TimeUnit.SECONDS)
                  .revision()
              > before,
          "the disks of two followers are enough");

      CountDownLatch third = new CountDownLatch(1);
      disks.get((leads + 1) % 3).go = third;
      CompletableFuture<Applied> withOneDisk =
          ClusterTest.put(cluster.open.get("n" + (leads + 1)), "e", 10);
      assertThrows(
          TimeoutException.class,
          () -> withOneDisk.get(300, TimeUnit.MILLISECONDS),
          "the leader counts itself only when its own disk has it");
      mine.countDown();
      third.countDown();
      Cluster.await("a write", () -> written(cluster.open.get(leader)));
    }
  }

  private static boolean written(AtomixStore store) {
    try {
      return ClusterTest.put(store, "again", 10).join().revision() > 0;
    } catch (CompletionException e) {
      return false;
    }
  }

  /** 3: an append that begins a compacted log is refused where the state does not reach so far. */
  @Test
  void anAppendWithoutAPreviousTermNeedsAStateBelowIt() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      AtomixStore store = cluster.start("n1");
      RaftEngine raft = store.engine();
      AppendRequest append = new AppendRequest(7, "n2", 500, 0, new ArrayList<>(), 500);
      RaftResponse response = store.guards().handle(append).get(5, TimeUnit.SECONDS);
      var answer = assertInstanceOf(AppendResponse.class, response);
      assertFalse(answer.succeeded());
      assertEquals(0, answer.lastLogIndex());
      assertEquals(0, raft.getCommitIndex());
      assertEquals(MemberId.from("n2"), raft.getLeader().memberId(), "the leader is honoured");
    }
  }

  /** What a leader writes for one command. */
  private static RaftLogEntry entry(long term, String key) {
    return entry(term, key, 1);
  }

  private static RaftLogEntry entry(long term, String key, int valueBytes) {
    byte[] command = KvTransaction.put(key, new byte[valueBytes]).encode();
    Frame.Item item = new Frame.Item(1, KvMachine.NAME, command);
    byte[] frame = new Frame(key.hashCode(), 1, List.of(item)).encode();
    return new OpenSessionEntry(term, 0, "n2", "", "", frame, ReadConsistency.SEQUENTIAL, 0, 1);
  }

  private static void append(
      AtomixStore store, long term, String leader, long previous, long commit, RaftLogEntry... log)
      throws Exception {
    AppendRequest append = new AppendRequest(
        term, leader, previous, previous == 0 ? 0 : 1, new ArrayList<>(List.of(log)), commit);
    var answer = assertInstanceOf(
        AppendResponse.class, store.guards().handle(append).get(5, TimeUnit.SECONDS));
    assertTrue(answer.succeeded());
    assertEquals(previous + log.length, answer.lastLogIndex());
  }

  /** 10: what a new leader replaces is not applied from what was read ahead before. */
  @Test
  void entriesThatANewLeaderReplacesAreNeverApplied() throws Exception {
    List<String> applied = Collections.synchronizedList(new ArrayList<>());
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      AtomixStore store = cluster.start("n1");
      store.subscribe(0, change -> {
        var committed = assertInstanceOf(Change.Committed.class, change);
        applied.add(KvTransaction.decode(committed.command()).then().getFirst().key());
      });
      append(store, 1, "n2", 0, 1, entry(1, "a"), entry(1, "b"), entry(1, "lost"));
      // Entry 1 is applied, and with it 2 and 3 were read.
      append(store, 2, "n3", 2, 4, entry(2, "c, which is longer"), entry(2, "d"));
      Cluster.await("three changes", () -> applied.size() >= 3);
      assertEquals("c, which is longer", applied.get(2));
      Cluster.await("four changes", () -> applied.size() == 4);
      assertEquals(List.of("a", "b", "c, which is longer", "d"), applied);
    }
  }

  /** Appends to n1 one by one, as the leader n2 of this term, without committing. */
  private static void appendAll(
      AtomixStore store, long term, long previous, long previousTerm, String... keys)
      throws Exception {
    for (int i = 0; i < keys.length; i++) {
      AppendRequest append = new AppendRequest(
          term,
          "n2",
          previous + i,
          i == 0 ? previousTerm : term,
          new ArrayList<>(List.of(entry(term, keys[i], 50_000))),
          0);
      var answer = assertInstanceOf(
          AppendResponse.class, store.guards().handle(append).get(5, TimeUnit.SECONDS));
      assertTrue(answer.succeeded(), keys[i]);
    }
  }

  /** The whole log of n1, which is closed, by the keys that its entries write. */
  private List<String> logOf(Cluster cluster) throws Exception {
    AtomixStore store = cluster.start("n1");
    List<String> keys = new ArrayList<>();
    try (RaftLogReader reader = store.engine().getLog().openReader(1)) {
      while (reader.hasNext()) {
        byte[] frame = reader.next().<OpenSessionEntry>cast().entry().serviceConfig();
        Frame.Item item = Frame.decode(frame).items().getFirst();
        keys.add(KvTransaction.decode(item.command()).then().getFirst().key());
      }
    }
    assertEquals(keys.size(), store.engine().getLogWriter().getLastIndex());
    return keys;
  }

  /** 11: of entries that were replaced nothing is left, however many they were. */
  @Test
  void entriesThatWereReplacedNeverComeBack() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      AtomixStore store = cluster.start("n1");
      // Five in a segment; all of one length, so a new one always ends where an old one begins.
      appendAll(store, 1, 0, 0, "a", "b", "c", "d", "e");
      appendAll(store, 2, 1, 1, "B", "C", "D");
      cluster.stop("n1");
      assertEquals(List.of("a", "B", "C", "D"), logOf(cluster));
    }
  }

  /** 11: the same where the replaced entries fill several segments. */
  @Test
  void entriesThatWereReplacedInSeveralSegmentsNeverComeBack() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      AtomixStore store = cluster.start("n1");
      appendAll(store, 1, 0, 0, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l");
      assertEquals(3, files("raft-").size());
      appendAll(store, 2, 1, 1, "B", "C", "D");
      assertEquals(1, files("raft-").size());
      cluster.stop("n1");
      assertEquals(List.of("a", "B", "C", "D"), logOf(cluster));
      appendAll(cluster.open.get("n1"), 3, 4, 2, "E", "F");
      cluster.stop("n1");
      assertEquals(List.of("a", "B", "C", "D", "E", "F"), logOf(cluster));
    }
  }

  /** 11: what a write or cut that a crash interrupted has left behind the end is no entry either. */
  @Test
  void whatACrashLeavesBehindTheEndNeverComesBack() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      appendAll(cluster.start("n1"), 1, 0, 0, "a", "b", "c");
      cluster.stop("n1");
      Path segment = files("raft-").getFirst();
      byte[] bytes = Files.readAllBytes(segment);
      int begin = 64 + 8 + ByteBuffer.wrap(bytes).getInt(64);
      Arrays.fill(bytes, begin, begin + 8, (byte) 0); // The log ends before b; c is still there.
      Files.write(segment, bytes);
      Files.delete(directory.resolve("n1/mark")); // b and c were never on the disk whole.
      assertEquals(List.of("a"), logOf(cluster));
      appendAll(cluster.open.get("n1"), 2, 1, 1, "B");
      cluster.stop("n1");
      assertEquals(List.of("a", "B"), logOf(cluster));
    }
  }

  /** A leader opens a reader of its log for each other member and would never close one. */
  @Test
  void aLeaderClosesTheReadersThatItHadWhenItLedBefore() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      RaftEngine raft = cluster.start("n1").engine();
      appendAll(cluster.open.get("n1"), 1, 0, 0, "a");
      CompletableFuture<List<RaftLogReader>> first = new CompletableFuture<>();
      CompletableFuture<Integer> ends = new CompletableFuture<>();
      int[] deposed = new int[1];
      raft.getThreadContext().execute(() -> {
        raft.whenDeposed(() -> deposed[0]++);
        raft.transition(RaftServer.Role.LEADER);
        first.complete(raft.getCluster().getRemoteMemberStates().stream()
            .map(RaftMemberContext::getLogReader)
            .toList());
        raft.transition(RaftServer.Role.FOLLOWER);
        raft.transition(RaftServer.Role.LEADER);
        raft.transition(RaftServer.Role.FOLLOWER);
        raft.transition(RaftServer.Role.FOLLOWER);
        ends.complete(deposed[0]);
      });
      assertEquals(2, ends.get(10, TimeUnit.SECONDS), "each end of a leadership is told, once");
      List<RaftLogReader> old = first.get(10, TimeUnit.SECONDS);
      assertEquals(2, old.size());
      for (RaftLogReader reader : old) {
        Cluster.await("its end", () -> {
          try {
            reader.reset(reader.getNextIndex());
            return false;
          } catch (StorageException e) {
            return e.getCause() instanceof ClosedChannelException;
          }
        });
      }
    }
  }

  /** 12: else it would send those whose answers come late nothing more. */
  @Test
  void aLeaderKeepsCountOfTheAnswersThatItWaitsFor() throws Exception {
    try (Cluster cluster = new Cluster(directory, 3, Cluster.SMALL)) {
      cluster.found();
      RaftEngine raft = cluster.start("n1").engine();
      CompletableFuture<List<RaftMemberContext>> led = new CompletableFuture<>();
      raft.getThreadContext().execute(() -> {
        List<RaftMemberContext> others = List.copyOf(raft.getCluster().getRemoteMemberStates());
        raft.setTerm(1);
        others.forEach(RaftMemberContext::startAppend);
        raft.transition(RaftServer.Role.LEADER);
        others.forEach(RaftMemberContext::completeAppend);
        led.complete(others);
      });
      List<RaftMemberContext> others = led.get(10, TimeUnit.SECONDS);
      assertEquals(2, others.size());
      for (RaftMemberContext other : others) {
        Cluster.await(
            "none under way to " + other,
            () -> CompletableFuture.supplyAsync(other::canHeartbeat, raft.getThreadContext())
                .join());
      }
    }
  }

  /** A vote is one for each term, over restarts too. */
  @Test
  void nobodyVotesTwiceInOneTerm() throws Exception {
    Path file = directory.resolve("vote");
    VoteGuard votes = new VoteGuard(file);
    assertTrue(votes.vote(3, "n1"));
    assertTrue(votes.vote(3, "n1"), "the same vote again");
    assertFalse(votes.vote(3, "n2"));
    assertFalse(new VoteGuard(file).vote(3, "n2"), "after a restart");
    assertFalse(votes.vote(2, "n2"), "an older term");
    assertTrue(new VoteGuard(file).vote(4, "n2"));
  }
}
