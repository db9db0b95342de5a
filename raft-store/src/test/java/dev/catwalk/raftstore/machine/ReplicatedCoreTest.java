package dev.catwalk.raftstore.machine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.Change.Committed;
import dev.catwalk.raftstore.machine.Change.Replaced;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicatedCoreTest {
  private static ReplicatedCore core() {
    return new ReplicatedCore(List.of(new KvMachine()), 64, 1 << 20);
  }

  private static Frame.Item item(long sequence, String key) {
    return new Frame.Item(
        sequence, "kv", KvTransaction.put(key, key.getBytes(UTF_8)).encode());
  }

  private static byte[] frame(long client, long answered, Frame.Item... items) {
    return new Frame(client, answered, List.of(items)).encode();
  }

  private static Applied done(Reply reply) {
    return ((Reply.Done) reply).applied();
  }

  @Test
  void oneEntryCarriesManyCommandsAndEachGetsARevision() {
    ReplicatedCore core = core();
    List<Reply> replies = core.apply(5, frame(1, 1, item(1, "a"), item(2, "b"), item(3, "c")));
    assertEquals(
        List.of(1L, 2L, 3L), replies.stream().map(r -> done(r).revision()).toList());
    assertEquals(3, core.revision());
    assertEquals(5, core.index());
  }

  @Test
  void aRepeatedCommandIsAnsweredAsBeforeAndNotApplied() {
    ReplicatedCore core = core();
    Applied first = done(core.apply(1, frame(1, 1, item(1, "a"))).getFirst());
    String hash = core.stateHash();
    Applied again = done(core.apply(2, frame(1, 1, item(1, "a"))).getFirst());
    assertEquals(first.revision(), again.revision());
    assertArrayEquals(first.outcome(), again.outcome());
    assertEquals(1, core.revision());
    assertEquals(hash, core.stateHash());
    assertEquals(
        2,
        done(core.apply(3, frame(2, 1, item(1, "a"))).getFirst()).revision(),
        "the same number of another client is another command");
    assertInstanceOf(
        Reply.Forgotten.class, core.apply(4, frame(1, 2, item(1, "a"))).getFirst());
    assertEquals(2, core.revision());
  }

  @Test
  void aRepeatedEntryChangesNothing() {
    ReplicatedCore core = core();
    core.apply(7, frame(1, 1, item(1, "a")));
    byte[] before = core.snapshot();
    assertEquals(List.of(), core.apply(7, frame(1, 1, item(2, "b"))));
    assertEquals(List.of(), core.apply(6, frame(1, 1, item(2, "b"))));
    assertArrayEquals(before, core.snapshot());
  }

  @Test
  void anUnknownMachineIsRefusedAndABarrierCountsNothing() {
    ReplicatedCore core = core();
    List<Reply> replies = core.apply(
        1,
        frame(
            1,
            1,
            new Frame.Item(1, "ipam", new byte[0]),
            item(2, "a"),
            new Frame.Item(3, "", new byte[0])));
    assertInstanceOf(Reply.UnknownMachine.class, replies.get(0));
    assertEquals(1, done(replies.get(2)).revision());
    assertEquals(1, core.revision());
  }

  /** Clients that repeat, reorder and lose answers: each command is applied once at most. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void repeatedRequestsAreAppliedOnce(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ReplicatedCore core = core();
    Map<String, Long> revisionOf = new TreeMap<>();
    long[] next = new long[4];
    List<TreeSet<Long>> open = new ArrayList<>();
    for (int i = 0; i < next.length; i++) {
      open.add(new TreeSet<>());
    }
    for (long index = 1; index <= 2000; index++) {
      int client = random.nextInt(next.length);
      TreeSet<Long> unanswered = open.get(client);
      List<Frame.Item> items = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        boolean repeat = !unanswered.isEmpty() && random.nextBoolean();
        long sequence = repeat
            ? unanswered.stream()
                .skip(random.nextInt(unanswered.size()))
                .findFirst()
                .orElseThrow()
            : ++next[client];
        unanswered.add(sequence);
        items.add(item(sequence, client + "/" + sequence));
      }
      long answered = unanswered.isEmpty() ? next[client] + 1 : unanswered.first();
      byte[] entry = new Frame(client, answered, items).encode();
      for (Reply reply : core.apply(index, entry)) {
        String command = client + "/" + reply.sequence();
        long revision = done(reply).revision();
        assertEquals(revision, revisionOf.computeIfAbsent(command, c -> revision), command);
        if (random.nextInt(3) > 0) {
          unanswered.remove(reply.sequence());
        }
      }
      if (random.nextInt(50) == 0) {
        ReplicatedCore restored = core();
        restored.restore(core.snapshot());
        assertArrayEquals(core.snapshot(), restored.snapshot());
        core = restored;
      }
    }
    assertEquals(revisionOf.size(), core.revision());
    assertEquals(revisionOf.size(), new TreeSet<>(revisionOf.values()).size());
  }

  @Test
  void theTableOfClientsIsBounded() {
    ReplicatedCore core = core();
    int clients = Clients.MAX_CLIENTS + 100;
    for (int client = 0; client < clients; client++) {
      core.apply(client + 1, frame(client, 1, item(1, "same")));
    }
    Clients table = Clients.decode(clientsOf(core.snapshot()));
    assertEquals(null, table.answer(99, 1), "the longest silent are gone");
    assertTrue(table.answer(100, 1) != null);
    assertTrue(table.answer(clients - 1, 1) != null);
  }

  private static Source clientsOf(byte[] snapshot) {
    Source outer = new Source(snapshot);
    outer.raw(5);
    Source content = new Source(outer.blob());
    content.raw(24 + StateHash.LENGTH);
    return content;
  }

  /** Followers at any place get every change once and in order, or a snapshot and go on from it. */
  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void followersSeeNoGapAndNoDuplicate(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ReplicatedCore core = core();
    long[] position = new long[5];
    List<KvMachine> replicas = new ArrayList<>();
    for (int i = 0; i < position.length; i++) {
      replicas.add(new KvMachine());
    }
    int replaced = 0;
    for (long index = 1; index <= 1500; index++) {
      core.apply(index, frame(1, index, item(index, "k" + random.nextInt(40))));
      int follower = random.nextInt(position.length);
      if (random.nextInt(10) > 3 - follower) {
        continue;
      }
      for (Change change : core.changesAfter(position[follower], 1 + random.nextInt(30))) {
        switch (change) {
          case Committed committed -> {
            assertEquals(position[follower] + 1, committed.revision());
            replicas.get(follower).apply(committed.revision(), committed.command());
          }
          case Replaced whole -> {
            assertTrue(whole.revision() > position[follower] + 64, "only when too far behind");
            replicas.get(follower).restore(whole.snapshots().get("kv"));
            replaced++;
          }
        }
        position[follower] = change.revision();
      }
    }
    assertTrue(replaced > 0);
    for (int i = 0; i < position.length; i++) {
      for (List<Change> changes = core.changesAfter(position[i], 100);
          !changes.isEmpty();
          changes = core.changesAfter(position[i], 100)) {
        for (Change change : changes) {
          switch (change) {
            case Committed committed ->
              replicas.get(i).apply(committed.revision(), committed.command());
            case Replaced whole -> replicas.get(i).restore(whole.snapshots().get("kv"));
          }
          position[i] = change.revision();
        }
      }
      assertArrayEquals(replicas.getFirst().snapshot(), replicas.get(i).snapshot());
    }
  }

  @Test
  void theHashTellsHistoriesApart() {
    ReplicatedCore one = core();
    ReplicatedCore two = core();
    one.apply(1, frame(1, 1, item(1, "a"), item(2, "b")));
    two.apply(1, frame(1, 1, item(1, "a")));
    two.apply(9, frame(2, 1, item(1, "b")));
    assertEquals(one.stateHash(), two.stateHash(), "who asked and in which entry is no matter");
    one.apply(10, frame(1, 1, item(3, "c")));
    two.apply(10, frame(1, 1, item(3, "d")));
    assertNotEquals(one.stateHash(), two.stateHash());
    assertEquals(16, one.stateHash().length());
  }

  @Test
  void aDamagedSnapshotIsRefusedBeforeAnythingIsTouched() {
    ReplicatedCore core = core();
    core.apply(3, frame(1, 1, item(1, "a"), item(2, "b")));
    byte[] good = core.snapshot();
    assertEquals(3, ReplicatedCore.verify(good));
    ReplicatedCore other = core();
    other.apply(1, frame(1, 1, item(1, "other")));
    byte[] before = other.snapshot();
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      assertThrows(MalformedException.class, () -> other.restore(bad), "byte " + at);
      assertThrows(MalformedException.class, () -> ReplicatedCore.verify(bad), "byte " + at);
    }
    assertArrayEquals(before, other.snapshot());
    other.restore(good);
    assertArrayEquals(good, other.snapshot());
    assertEquals(core.stateHash(), other.stateHash());
    assertInstanceOf(Replaced.class, other.changesAfter(0, 10).getFirst());
  }

  @Test
  void aSnapshotOfAnUnknownMachineIsRefused() {
    ReplicatedCore core = core();
    ReplicatedCore empty = new ReplicatedCore(List.of());
    MalformedException e =
        assertThrows(MalformedException.class, () -> empty.restore(core.snapshot()));
    assertTrue(e.getMessage().contains("\"kv\""), e.getMessage());
  }

  @Test
  void statesOfTheNewestRevisionsCanBeCompared() {
    ReplicatedCore one = core();
    ReplicatedCore other = core();
    for (int i = 1; i <= 9000; i++) {
      one.apply(i, frame(1, i, item(i, "k" + i)));
      other.apply(i, frame(1, i, item(i, i < 8990 ? "k" + i : "x")));
    }
    assertEquals(one.mark(8989), other.mark(8989));
    assertEquals(8990, one.mark(8990).revision());
    assertNotEquals(one.mark(8990), other.mark(8990));
    assertNotEquals(one.mark(9000), other.mark(9000), "different once is different after");
    assertEquals(9000, one.mark(Long.MAX_VALUE).revision());
    assertEquals(one.stateHash(), String.format("%016x", one.mark(9000).hash()));
    assertEquals(9000 - 8192 + 1, one.mark(809).revision());
    assertNull(one.mark(808), "too long ago");
    other.restore(one.snapshot());
    assertEquals(one.mark(9000), other.mark(9000));
    assertNull(other.mark(8999), "only the snapshot's own state is known");
    one.apply(9001, frame(1, 9001, item(9001, "y")));
    other.apply(9001, frame(1, 9001, item(9001, "y")));
    assertEquals(one.mark(9001), other.mark(9001));
  }

  @Test
  void aStoreIsKnownByWhoWroteFirst() {
    ReplicatedCore core = core();
    assertEquals("", core.origin());
    core.apply(1, frame(0xabc, 1, item(1, "a")));
    core.apply(2, frame(0xdef, 1, item(1, "b")));
    assertEquals("0000000000000abc", core.origin());
    ReplicatedCore restored = core();
    restored.restore(core.snapshot());
    assertEquals("0000000000000abc", restored.origin());
  }
}
