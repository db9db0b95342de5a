package dev.catwalk.felix.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.LedgerEntry;
import dev.catwalk.ipam.machine.LedgerEntry.Lost;
import dev.catwalk.ipam.machine.LedgerEntry.Taken;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AllocationJournalTest {
  @TempDir
  Path dir;

  private Path file;
  private NodeEpoch node;

  @BeforeEach
  void firstStart() throws IOException {
    node = NodeIdentity.open(dir, "node1");
    file = dir.resolve(AllocationJournal.FILE);
  }

  private static LedgerEntry entry(int n) {
    return n % 2 == 0 ? new Taken(block(n), n) : new Lost(block(n));
  }

  private static Prefix block(int n) {
    return IpAddress.v4(0x0a000000 + n).asPrefix();
  }

  private static List<LedgerEntry> entries(int from, int to) {
    List<LedgerEntry> all = new ArrayList<>();
    for (int n = from; n < to; n++) {
      all.add(entry(n));
    }
    return all;
  }

  private List<LedgerEntry> read() throws IOException {
    try (AllocationJournal journal = AllocationJournal.load(dir, node)) {
      return journal.recovered();
    }
  }

  /** Three frames: entries 0, 1 and 2; 3; 4 and 5. */
  private byte[] threeFrames() throws Exception {
    try (AllocationJournal journal = AllocationJournal.open(dir, node)) {
      journal.append(entries(0, 3)).get();
      journal.append(entries(3, 4)).get();
      journal.append(entries(4, 6)).get();
    }
    return Files.readAllBytes(file);
  }

  /** Whoever appends has it in the file on return, and so what comes after the end of the process. */
  @Test
  void whatIsPutIsInTheFileAtOnceAndSyncedLater() throws Exception {
    try (AllocationJournal journal = AllocationJournal.open(dir, node)) {
      AllocationJournal.Group first = journal.put(entries(0, 3));
      assertTrue(first.written.isDone());
      AllocationJournal.Group second = journal.put(entries(3, 4));
      second.synced.get();
      assertTrue(first.synced.isDone(), "what was written before is on disk with it");
    }
    assertEquals(entries(0, 4), read());
  }

  @Test
  void whatWasAppendedIsReadInOrder() throws Exception {
    threeFrames();
    assertEquals(entries(0, 6), read());
    try (AllocationJournal journal = AllocationJournal.open(dir, node)) {
      journal.append(entries(6, 9)).get();
    }
    assertEquals(entries(0, 9), read());
  }

  @Test
  void aTornEndIsCutAtEveryByte() throws Exception {
    byte[] whole = threeFrames();
    int last = whole.length - lastFrame();
    for (int cut = last; cut < whole.length; cut++) {
      Files.write(file, Arrays.copyOf(whole, cut));
      assertEquals(entries(0, 4), read(), "cut at " + cut);
      assertEquals(last, Files.size(file));
    }
    for (int hole = last; hole < whole.length; hole++) { // the length is there, the bytes are not
      byte[] bytes = whole.clone();
      Arrays.fill(bytes, hole, whole.length, (byte) 0);
      if (!Arrays.equals(bytes, whole)) {
        Files.write(file, bytes);
        assertEquals(entries(0, 4), read(), "zeros from " + hole);
      }
    }
  }

  private static int lastFrame() {
    return Frames.frame(3, entries(4, 6).stream().map(LedgerEntry::encode).toList())
        .remaining();
  }

  @Test
  void whatIsWrittenAfterATornEndIsReadToo() throws Exception {
    byte[] whole = threeFrames();
    Files.write(file, Arrays.copyOf(whole, whole.length - 3));
    try (AllocationJournal journal = AllocationJournal.open(dir, node)) {
      journal.append(entries(4, 6)).get();
    }
    assertEquals(entries(0, 6), read());
  }

  @Test
  void aDamagedMiddleIsRefusedAtEveryByte() throws Exception {
    byte[] whole = threeFrames();
    int last = whole.length - lastFrame();
    for (int at = 16; at < last; at++) {
      byte[] bytes = whole.clone();
      bytes[at] ^= 0x20;
      Files.write(file, bytes);
      JournalException e = assertThrows(JournalException.class, this::read, "byte " + at);
      assertTrue(e.getMessage().contains("damaged at byte"), e.getMessage());
      assertTrue(e.getMessage().contains("new life"), e.getMessage());
    }
    Files.write(file, whole);
    assertEquals(entries(0, 6), read(), "nothing was changed");
  }

  @Test
  void aRewriteReplacesWhatWasBefore() throws Exception {
    try (AllocationJournal journal = AllocationJournal.open(dir, node)) {
      CompletableFuture<Void> before = journal.append(entries(0, 100));
      CompletableFuture<Void> image = journal.rewrite(entries(200, 202));
      CompletableFuture<Void> after = journal.append(entries(300, 301));
      after.get();
      assertTrue(before.isDone() && image.isDone());
      journal.append(entries(301, 302)).get();
    }
    List<LedgerEntry> all = new ArrayList<>(entries(200, 202));
    all.addAll(entries(300, 302));
    assertEquals(all, read());
    try (AllocationJournal journal = AllocationJournal.open(dir, node)) {
      journal.rewrite(List.of()).get();
    }
    assertEquals(List.of(), read());
  }

  @Test
  void aGrowingJournalAsksToBeRewrittenAndNotAtOnceAgain() throws Exception {
    try (AllocationJournal journal = AllocationJournal.open(dir, node)) {
      int n = 0;
      while (!journal.wantsRewrite()) {
        journal.append(entries(n, n + 1000)).get();
        n += 1000;
      }
      assertTrue(n > 10_000);
      journal.rewrite(entries(0, 10)).get();
      assertTrue(!journal.wantsRewrite());
    }
    assertEquals(10, read().size());
  }

  @Test
  void afterAFailedWriteNothingIsAcknowledged() throws Exception {
    AllocationJournal journal = AllocationJournal.open(dir, node);
    journal.append(entries(0, 1)).get();
    Files.delete(file);
    Files.createDirectory(file.resolveSibling(file.getFileName() + ".new"));
    CompletableFuture<Void> image = journal.rewrite(entries(0, 1));
    Throwable cause = assertThrows(ExecutionException.class, image::get).getCause();
    assertTrue(assertInstanceOf(JournalException.class, cause).getMessage().contains("disk"));
    assertThrows(ExecutionException.class, journal.append(entries(1, 2))::get);
    assertThrows(ExecutionException.class, journal.append(List.of())::get);
    assertTrue(journal.failure() != null);
    journal.close();
  }

  @Test
  void oneDirectoryServesOneAgent() throws Exception {
    try (AllocationJournal journal = AllocationJournal.open(dir, node)) {
      JournalException e =
          assertThrows(JournalException.class, () -> AllocationJournal.open(dir, node));
      assertTrue(e.getMessage().contains("another agent"), e.getMessage());
      assertEquals(List.of(), journal.recovered());
    }
    AllocationJournal.open(dir, node).close();
  }

  @Test
  void identityAndJournalAreOfOneLife() throws Exception {
    assertEquals(node, NodeIdentity.open(dir, "node1"));
    JournalException renamed =
        assertThrows(JournalException.class, () -> NodeIdentity.open(dir, "node2"));
    assertTrue(renamed.getMessage().contains("node.name"), renamed.getMessage());

    NodeEpoch other = new NodeEpoch("node1", node.epoch() + 1);
    assertThrows(JournalException.class, () -> AllocationJournal.load(dir, other));

    Files.delete(file);
    JournalException missing =
        assertThrows(JournalException.class, () -> AllocationJournal.load(dir, node));
    assertTrue(missing.getMessage().contains("missing"), missing.getMessage());

    Files.delete(dir.resolve(NodeIdentity.FILE));
    NodeEpoch next = NodeIdentity.open(dir, "node1");
    assertNotEquals(node, next);
    AllocationJournal.load(dir, next).close();

    Files.writeString(
        dir.resolve(NodeIdentity.FILE), "{\"v\":1,\"node\":\"node1\",\"epoch\":\"x\"}");
    JournalException damaged =
        assertThrows(JournalException.class, () -> NodeIdentity.open(dir, "node1"));
    assertTrue(damaged.getMessage().contains("damaged"), damaged.getMessage());
  }
}
