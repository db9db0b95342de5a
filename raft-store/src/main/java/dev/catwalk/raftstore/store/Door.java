package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.Frame;
import dev.catwalk.raftstore.machine.Reply;
import dev.catwalk.raftstore.store.StoreException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns commands of many callers into few log entries. Whatever waits while the entries before it
 * are under way goes into the next one, bounded by bytes and never by a clock. What is not answered
 * is sent again under its number until it is, or until nobody can be expected to answer. Every
 * engine uses it. Any thread may call it.
 */
public final class Door {
  /** An entry is no longer than this, bytes, so that every engine and transport can bound it. */
  public static final int MAX_FRAME = 64 * 1024;

  /** Entries under way at once: one is written while one is replicated and one is answered. */
  static final int MAX_FRAMES_UNDER_WAY = 4;

  /** Commands that may wait or be under way at once. */
  static final int MAX_PENDING = 8192;

  /** Bytes of commands that may wait or be under way at once. */
  static final int MAX_PENDING_BYTES = 16 << 20;

  private static final long RETRY_MS = 100;
  private static final long SWEEP_MS = 250;
  private static final long NO_QUORUM_MS = 1750;
  private static final long GIVE_UP_MS = 10_000;

  /** An engine's attempt to commit one frame. A failure says nothing about what became of it. */
  @FunctionalInterface
  public interface Committer {
    CompletableFuture<List<Reply>> commit(byte[] frame);
  }

  /** Runs a task when some milliseconds have passed. */
  @FunctionalInterface
  public interface Later {
    void after(long delayMs, Runnable task);
  }

  private record Pending(Frame.Item item, long sinceMs, CompletableFuture<Applied> future) {}

  private final long client;
  private final Committer committer;
  private final Later later;
  private final LongSupplier clockMs;
  private final BooleanSupplier quorum;

  private final TreeMap<Long, Pending> waiting = new TreeMap<>();
  private final TreeMap<Long, Pending> sent = new TreeMap<>();
  private long nextSequence = 1;
  private int pendingBytes;
  private int framesUnderWay;
  private boolean pausing;
  private boolean sweeping;
  private @Nullable StoreException closed;

  /**
   * A door for one run of one member.
   *
   * @param client a number of 64 bits that no other run of any member has
   * @param clockMs a clock that only goes forward
   * @param quorum whether a majority is thought to answer
   */
  public Door(
      long client, Committer committer, Later later, LongSupplier clockMs, BooleanSupplier quorum) {
    this.client = client;
    this.committer = committer;
    this.later = later;
    this.clockMs = clockMs;
    this.quorum = quorum;
  }

  /** See {@link Store#submit}. */
  public CompletableFuture<Applied> submit(String machine, byte[] command) {
    CompletableFuture<Applied> future = new CompletableFuture<>();
    if (command.length > Store.MAX_COMMAND) {
      future.completeExceptionally(new StoreException(
          Kind.TOO_LARGE,
          "a command of " + command.length + " bytes is too long: " + Store.MAX_COMMAND
              + " are allowed"));
      return future;
    }
    StoreException refusal = enqueue(machine, command, future);
    if (refusal != null) {
      future.completeExceptionally(refusal);
    } else {
      pump();
    }
    return future;
  }

  /** See {@link Store#barrier}. */
  public CompletableFuture<Long> barrier() {
    return submit("", new byte[0]).thenApply(Applied::revision);
  }

  private synchronized @Nullable StoreException enqueue(
      String machine, byte[] command, CompletableFuture<Applied> future) {
    if (closed != null) {
      return closed;
    }
    Frame.Item item = new Frame.Item(nextSequence, machine, command);
    if (waiting.size() + sent.size() >= MAX_PENDING
        || pendingBytes + item.size() > MAX_PENDING_BYTES) {
      return new StoreException(
          Kind.OVERLOADED,
          (waiting.size() + sent.size()) + " commands wait for the store already: try again later");
    }
    nextSequence++;
    pendingBytes += item.size();
    waiting.put(item.sequence(), new Pending(item, clockMs.getAsLong(), future));
    if (!sweeping) {
      sweeping = true;
      later.after(SWEEP_MS, this::sweep);
    }
    return null;
  }

  /** Sends what waits, while entries may be under way. */
  private void pump() {
    for (List<Pending> batch = nextBatch(); !batch.isEmpty(); batch = nextBatch()) {
      List<Pending> going = batch;
      Frame frame =
          new Frame(client, firstUnanswered(), going.stream().map(Pending::item).toList());
      var unused = committer
          .commit(frame.encode())
          .whenComplete((replies, error) -> answered(going, error == null ? replies : List.of()));
    }
  }

  private synchronized List<Pending> nextBatch() {
    List<Pending> batch = new ArrayList<>();
    if (closed != null || pausing || framesUnderWay == MAX_FRAMES_UNDER_WAY) {
      return batch;
    }
    int bytes = Frame.OVERHEAD;
    while (!waiting.isEmpty()) {
      Pending next = waiting.firstEntry().getValue();
      bytes += next.item().size();
      if (!batch.isEmpty() && bytes > MAX_FRAME) {
        break;
      }
      waiting.pollFirstEntry();
      sent.put(next.item().sequence(), next);
      batch.add(next);
    }
    if (!batch.isEmpty()) {
      framesUnderWay++;
    }
    return batch;
  }

  private synchronized long firstUnanswered() {
    long first = nextSequence;
    if (!waiting.isEmpty()) {
      first = Math.min(first, waiting.firstKey());
    }
    return sent.isEmpty() ? first : Math.min(first, sent.firstKey());
  }

  private void answered(List<Pending> batch, List<Reply> replies) {
    Map<Long, Reply> bySequence = new TreeMap<>();
    replies.forEach(reply -> bySequence.put(reply.sequence(), reply));
    List<Pending> done = new ArrayList<>();
    synchronized (this) {
      framesUnderWay--;
      for (Pending pending : batch) {
        long sequence = pending.item().sequence();
        if (sent.remove(sequence) == null) {
          continue; // Given up meanwhile.
        }
        if (bySequence.containsKey(sequence)) {
          pendingBytes -= pending.item().size();
          done.add(pending);
        } else {
          waiting.put(sequence, pending);
        }
      }
      if (done.size() < batch.size() && !pausing) {
        pausing = true;
        later.after(RETRY_MS, this::resume);
      }
    }
    for (Pending pending : done) {
      complete(pending, bySequence.get(pending.item().sequence()));
    }
    pump();
  }

  private static void complete(Pending pending, @Nullable Reply reply) {
    switch (reply) {
      case Reply.Done done -> pending.future().complete(done.applied());
      case Reply.UnknownMachine unknown ->
        pending
            .future()
            .completeExceptionally(new StoreException(
                Kind.UNKNOWN_MACHINE,
                "the store has no machine \"" + pending.item().machine() + "\""));
      case Reply.Forgotten forgotten ->
        pending
            .future()
            .completeExceptionally(new StoreException(
                Kind.NO_QUORUM, "the store forgot this client: its command may have been applied"));
      case null -> throw new AssertionError("only answered commands are completed");
    }
  }

  private void resume() {
    synchronized (this) {
      pausing = false;
    }
    pump();
  }

  /** Gives up what has waited too long. */
  private void sweep() {
    List<Pending> late = new ArrayList<>();
    boolean answering = quorum.getAsBoolean();
    synchronized (this) {
      long now = clockMs.getAsLong();
      for (TreeMap<Long, Pending> pendings : List.of(waiting, sent)) {
        pendings.values().removeIf(pending -> {
          long age = now - pending.sinceMs();
          boolean tooLate = age >= GIVE_UP_MS || !answering && age >= NO_QUORUM_MS;
          if (tooLate) {
            late.add(pending);
            pendingBytes -= pending.item().size();
          }
          return tooLate;
        });
      }
      sweeping = closed == null && !(waiting.isEmpty() && sent.isEmpty());
      if (sweeping) {
        later.after(SWEEP_MS, this::sweep);
      }
    }
    for (Pending pending : late) {
      pending
          .future()
          .completeExceptionally(new StoreException(
              Kind.NO_QUORUM,
              "no majority of the store's members answers: bring members back, then try again"));
    }
  }

  /** Fails what is pending and takes nothing more. */
  public void close() {
    close(new StoreException(Kind.CLOSED, "the store is closed"));
  }

  /** Fails what is pending and whatever comes for this reason. */
  public void close(StoreException why) {
    List<Pending> left;
    synchronized (this) {
      closed = why;
      left = new ArrayList<>(waiting.values());
      left.addAll(sent.values());
      waiting.clear();
      sent.clear();
    }
    for (Pending pending : left) {
      pending.future().completeExceptionally(why);
    }
  }
}
