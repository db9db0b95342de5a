package dev.catwalk.raftstore.atomix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.raftstore.machine.Frame;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever becomes of a transfer, the next one can begin. */
class SnapshotTransferTest {
  private static final String LEADER = "a";
  private static final SnapshotFiles.Snapshot NEWEST =
      new SnapshotFiles.Snapshot(7, inThreeParts());

  private final SnapshotTransfer serving = new SnapshotTransfer(
      (member, request, timeoutMs) -> CompletableFuture.failedFuture(new IOException("nobody")),
      () -> NEWEST,
      snapshot -> {});
  private final List<SnapshotFiles.Snapshot> fetched = new ArrayList<>();
  private int asked;
  private int refused;

  private static byte[] inThreeParts() {
    ReplicatedCore core = new ReplicatedCore(List.of(new KvMachine()));
    byte[] large = "x".repeat(600 * 1024).getBytes(UTF_8);
    core.apply(
        7,
        new Frame(
                1,
                1,
                List.of(new Frame.Item(1, "kv", KvTransaction.put("key", large).encode())))
            .encode());
    return core.snapshot();
  }

  private CompletableFuture<byte[]> answer(byte[] request) {
    try {
      return CompletableFuture.completedFuture(serving.serve(request));
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void assertFetched() {
    assertEquals(1, fetched.size());
    assertEquals(NEWEST.index(), fetched.getFirst().index());
    assertArrayEquals(NEWEST.bytes(), fetched.getFirst().bytes());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void afterAMemberThatCannotBeAskedForAPart(int part) {
    SnapshotTransfer transfer = new SnapshotTransfer(
        (member, request, timeoutMs) -> {
          if (asked++ == part) {
            throw new RejectedExecutionException("the event loop ends");
          }
          return answer(request);
        },
        () -> null,
        fetched::add);
    transfer.fetch(LEADER);
    assertEquals(List.of(), fetched);
    transfer.fetch(LEADER);
    assertFetched();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void afterAPartThatDoesNotCome(int part) {
    SnapshotTransfer transfer = new SnapshotTransfer(
        (member, request, timeoutMs) -> asked++ == part
            ? CompletableFuture.failedFuture(new IOException("no connection"))
            : answer(request),
        () -> null,
        fetched::add);
    transfer.fetch(LEADER);
    assertEquals(List.of(), fetched);
    transfer.fetch(LEADER);
    assertFetched();
  }

  @Test
  void afterASnapshotThatTheMachineRefuses() {
    SnapshotTransfer transfer = new SnapshotTransfer(
        (member, request, timeoutMs) -> answer(request), () -> null, snapshot -> {
          if (refused++ == 0) {
            throw new IllegalStateException("the disk is full");
          }
          fetched.add(snapshot);
        });
    transfer.fetch(LEADER);
    transfer.fetch(LEADER);
    assertFetched();
  }

  /** Two at once would be twice the octets. */
  @Test
  void whileOneIsUnderWayNoOtherBegins() {
    CompletableFuture<byte[]> late = new CompletableFuture<>();
    SnapshotTransfer transfer = new SnapshotTransfer(
        (member, request, timeoutMs) -> asked++ == 0 ? late : answer(request),
        () -> null,
        fetched::add);
    transfer.fetch(LEADER);
    transfer.fetch(LEADER);
    assertEquals(List.of(), fetched);
    late.completeExceptionally(new IOException("too late"));
    transfer.fetch(LEADER);
    assertFetched();
  }
}
