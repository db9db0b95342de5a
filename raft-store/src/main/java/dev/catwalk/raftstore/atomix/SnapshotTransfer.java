package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.MalformedException;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the leader's newest snapshot to a member that the leader's log no longer reaches, and a
 * member's state to a client. Whoever needs it asks, part by part: entry of the snapshot (0: your newest) and offset; the answer is entry,
 * total length, bytes. Only a whole and verified snapshot is handed on.
 */
final class SnapshotTransfer {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotTransfer.class);
  private static final int PART = 256 * 1024;
  private static final int MAX_SNAPSHOT = 1 << 30;
  private static final long TIMEOUT_MS = 2000;

  private final Asks asks;
  private final Newest newest;
  private final Consumer<SnapshotFiles.Snapshot> fetched;
  private boolean underWay;

  // What is served, so that parts of one transfer fit together; the one before for those who began.
  private SnapshotFiles.@Nullable Snapshot served;
  private SnapshotFiles.@Nullable Snapshot servedBefore;

  /** Asks a member for a part. */
  @FunctionalInterface
  interface Asks {
    CompletableFuture<byte[]> ask(String member, byte[] request, long timeoutMs);
  }

  /** What is to be served from now on. */
  @FunctionalInterface
  interface Newest {
    SnapshotFiles.@Nullable Snapshot get() throws IOException;
  }

  SnapshotTransfer(Asks asks, Newest newest, Consumer<SnapshotFiles.Snapshot> fetched) {
    this.asks = asks;
    this.newest = newest;
    this.fetched = fetched;
  }

  /** Answers another member's request for a part. */
  synchronized byte[] serve(byte[] request) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(request);
    if (in.remaining() != 12) {
      throw new IOException("a request for a snapshot has 12 bytes");
    }
    long index = in.getLong();
    int offset = in.getInt();
    if (index == 0) {
      SnapshotFiles.Snapshot now = newest.get();
      if (now == null || served == null || now.index() != served.index()) {
        servedBefore = served;
        served = now;
      }
    }
    SnapshotFiles.Snapshot before = servedBefore;
    SnapshotFiles.Snapshot snapshot =
        index != 0 && before != null && before.index() == index ? before : served;
    if (snapshot == null || index != 0 && snapshot.index() != index) {
      throw new IOException("there is no such snapshot here: begin again");
    }
    if (offset < 0 || offset > snapshot.bytes().length) {
      throw new IOException("the snapshot ends before byte " + offset);
    }
    int length = Math.min(PART, snapshot.bytes().length - offset);
    return ByteBuffer.allocate(12 + length)
        .putLong(snapshot.index())
        .putInt(snapshot.bytes().length)
        .put(snapshot.bytes(), offset, length)
        .array();
  }

  /** Fetches the newest snapshot of this member unless one is being fetched. */
  void fetch(String leader) {
    synchronized (this) {
      if (underWay) {
        return;
      }
      underWay = true;
    }
    LOG.info("fetching a snapshot from {}", leader);
    part(leader, 0, new byte[0], 0);
  }

  private void part(String leader, long index, byte[] soFar, int offset) {
    byte[] request = ByteBuffer.allocate(12).putLong(index).putInt(offset).array();
    var unused = asked(leader, request).whenComplete((bytes, error) -> {
      boolean more = false;
      try {
        if (error != null) {
          throw new IOException(error.getMessage(), error);
        }
        more = received(leader, bytes, soFar, offset);
      } catch (IOException | MalformedException e) {
        LOG.warn("no snapshot from {}: {}", leader, e.getMessage());
      } catch (RuntimeException e) {
        LOG.error("the snapshot from {} cannot be used", leader, e);
      } finally {
        if (!more) {
          ended();
        }
      }
    });
  }

  private CompletableFuture<byte[]> asked(String leader, byte[] request) {
    try {
      return asks.ask(leader, request, TIMEOUT_MS);
    } catch (RuntimeException e) { // as an event loop does that ends
      return CompletableFuture.failedFuture(e);
    }
  }

  /** Returns whether it is gone on with: the next part is asked for. */
  private boolean received(String leader, byte[] bytes, byte[] soFar, int offset)
      throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.remaining() < 12) {
      throw new IOException("an answer of " + bytes.length + " bytes is too short");
    }
    long index = in.getLong();
    int total = in.getInt();
    if (total < 0 || total > MAX_SNAPSHOT || offset != 0 && total != soFar.length) {
      throw new IOException("a length of " + total + " does not fit");
    }
    byte[] whole = offset == 0 ? new byte[total] : soFar;
    int length = in.remaining();
    if (length == 0 || length > total - offset) {
      throw new IOException("a part of " + length + " bytes at " + offset + " does not fit");
    }
    in.get(whole, offset, length);
    if (offset + length < total) {
      part(leader, index, whole, offset + length);
      return true;
    }
    if (ReplicatedCore.verify(whole) != index) {
      throw new IOException("its content is of another entry than " + index);
    }
    fetched.accept(new SnapshotFiles.Snapshot(index, whole));
    return false;
  }

  private synchronized void ended() {
    underWay = false;
  }
}
