package dev.catwalk.felix.alloc;

import dev.catwalk.ipam.machine.LedgerEntry;
import dev.catwalk.ipam.model.NodeEpoch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The entries of a ledger on disk: appended in order, and synced in groups, so that one sync serves
 * all who wait. After a failed write nothing more is written: what the disk has is then not known,
 * and a new start reads it.
 *
 * <p>Any thread may append. Futures are completed by the journal's own thread, in order.
 */
final class AllocationJournal implements AutoCloseable {
  static final String FILE = "allocations.journal";
  private static final String LOCK = "allocations.lock";

  /** A journal is rewritten when it has grown by so much, bytes, and to twice its size. */
  private static final int REWRITE_AT = 1 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(AllocationJournal.class);

  /** What goes to disk together; {@code image} replaces all that was before it. */
  static final class Group {
    final boolean image;
    final List<byte[]> entries = new ArrayList<>();

    /** In the file: the end of this process does not undo it, that of the machine may. */
    final CompletableFuture<Void> written = new CompletableFuture<>();

    /** On the disk. */
    final CompletableFuture<Void> synced = new CompletableFuture<>();

    private Group(boolean image) {
      this.image = image;
    }

    boolean isWritten() {
      return written.isDone();
    }

    /** Whether nothing may be added to it any more. */
    boolean isClosed() {
      return image || isWritten();
    }

    void fail(IOException e) {
      written.completeExceptionally(e);
      synced.completeExceptionally(e);
    }
  }

  private final Path file;
  private final NodeEpoch owner;
  private final FileChannel lockChannel;
  private final List<LedgerEntry> recovered;
  private final Thread writer = new Thread(this::run, "catwalk-allocations");

  private FileChannel channel;
  private long frames;
  private long rewrittenSize;

  /** Guarded by this, as all below. */
  private final List<Group> waiting = new ArrayList<>();

  private Group last = new Group(false);
  private long appended;
  private boolean closing;

  /** Whether who appends may write, as long as nothing before it is unwritten. */
  private boolean writesAtOnce;

  /** Whether the journal's own thread is writing. */
  private boolean rewriting;

  private @Nullable IOException failure;

  private AllocationJournal(
      Path file,
      NodeEpoch owner,
      FileChannel lockChannel,
      FileChannel channel,
      Frames.Content content) {
    this.file = file;
    this.owner = owner;
    this.lockChannel = lockChannel;
    this.channel = channel;
    this.recovered = content.entries();
    this.frames = content.frames();
    this.appended = content.length();
    last.written.complete(null);
    last.synced.complete(null);
  }

  /** Makes an empty journal; one of an earlier life is replaced. */
  static void create(Path dataDir, NodeEpoch owner) throws IOException {
    DurableFile.replace(dataDir.resolve(FILE), Frames.header(owner));
  }

  /**
   * Opens the journal of this life and cuts off what was torn at its end.
   *
   * @throws JournalException if it is missing, damaged, another's, or open elsewhere
   */
  static AllocationJournal open(Path dataDir, NodeEpoch owner) throws IOException {
    AllocationJournal journal = load(dataDir, owner);
    journal.writesAtOnce = true;
    journal.writer.setDaemon(true);
    journal.writer.start();
    return journal;
  }

  /** As {@link #open}, without a thread: the caller writes what waits. */
  static AllocationJournal load(Path dataDir, NodeEpoch owner) throws IOException {
    Path file = dataDir.resolve(FILE);
    if (!Files.exists(file)) {
      throw new JournalException(
          file + " is missing: addresses in use are not known. Restore it, or" + " empty " + dataDir
              + " for a new life of the node");
    }
    FileChannel lock = lock(dataDir.resolve(LOCK));
    try {
      byte[] bytes = Files.readAllBytes(file);
      Frames.Content content = Frames.read(file.toString(), bytes, owner);
      FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
      if (content.length() < bytes.length) {
        LOG.warn(
            "cut {} bytes that a crash left unfinished file={}",
            bytes.length - content.length(),
            file);
        channel.truncate(content.length());
        channel.force(true);
      }
      channel.position(content.length());
      return new AllocationJournal(file, owner, lock, channel, content);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static FileChannel lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      LOG.debug("held by this process file={}", file, e);
    }
    if (lock == null) {
      channel.close();
      throw new JournalException(file.getParent() + " is in use by another agent: stop it, or give"
          + " this one a directory of its own");
    }
    return channel;
  }

  /** What was on disk at the start, in order. */
  List<LedgerEntry> recovered() {
    return recovered;
  }

  /**
   * Completes when these entries, and all appended before, are on disk. Without entries: when all
   * appended before are.
   */
  CompletableFuture<Void> append(List<LedgerEntry> entries) {
    return put(entries).synced;
  }

  /** As {@link #append}: tells too when they are in the file. */
  synchronized Group put(List<LedgerEntry> entries) {
    if (entries.isEmpty() || failure != null) {
      return failure == null ? last : failed(failure);
    }
    if (waiting.isEmpty() || waiting.getLast().isClosed()) {
      waiting.add(new Group(false));
    }
    Group group = waiting.getLast();
    last = group;
    for (LedgerEntry entry : entries) {
      byte[] bytes = entry.encode();
      group.entries.add(bytes);
      appended += bytes.length;
    }
    if (writesAtOnce && !rewriting && waiting.stream().allMatch(g -> g == group || g.isWritten())) {
      writeNow(group);
    }
    notifyAll();
    return group;
  }

  /** By who wants it written: no thread is to be woken for that. What is next waits for the disk. */
  private void writeNow(Group group) {
    try {
      write(group);
      group.written.complete(null);
    } catch (IOException e) {
      fail(group, e);
    }
  }

  private static Group failed(IOException why) {
    Group group = new Group(false);
    group.fail(why);
    return group;
  }

  /** Whether the file has so much history that a rewrite would pay. */
  synchronized boolean wantsRewrite() {
    return appended - rewrittenSize > Math.max(REWRITE_AT, rewrittenSize);
  }

  /** Puts these entries in the place of all that were appended before. */
  synchronized CompletableFuture<Void> rewrite(List<LedgerEntry> image) {
    if (failure != null) {
      return CompletableFuture.failedFuture(failure);
    }
    enqueue(new Group(true));
    appended = 0;
    for (LedgerEntry entry : image) {
      byte[] bytes = entry.encode();
      waiting.getLast().entries.add(bytes);
      appended += bytes.length;
    }
    rewrittenSize = appended;
    return last.synced;
  }

  private void enqueue(Group group) {
    waiting.add(group);
    last = group;
    notifyAll();
  }

  /** Why nothing more is written; null if all is well. */
  synchronized @Nullable IOException failure() {
    return failure;
  }

  private void run() {
    for (List<Group> groups = next(); !groups.isEmpty(); groups = next()) {
      try {
        for (Group group : groups) {
          if (!group.isWritten()) {
            write(group);
            group.written.complete(null);
          }
        }
        sync();
        groups.forEach(g -> g.synced.complete(null));
      } catch (IOException e) {
        groups.forEach(g -> fail(g, e));
      } finally {
        synchronized (this) {
          rewriting = false;
        }
      }
    }
  }

  /**
   * What one sync is for: all that is written, else the group that has waited longest, which is then
   * for the caller to write. Empty when closing and nothing waits.
   */
  private synchronized List<Group> next() {
    while (waiting.isEmpty() && !closing) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return List.of();
      }
    }
    List<Group> groups = new ArrayList<>();
    while (!waiting.isEmpty() && waiting.getFirst().isWritten()) {
      groups.add(waiting.removeFirst());
    }
    if (groups.isEmpty() && !waiting.isEmpty()) {
      groups.add(waiting.removeFirst());
      rewriting = true;
    }
    return groups;
  }

  /** The group that has waited longest; null if none waits. */
  synchronized @Nullable Group take() {
    return waiting.isEmpty() ? null : waiting.removeFirst();
  }

  /** One at a time: the journal's own thread, or who appends while that writes nothing. */
  void write(Group group) throws IOException {
    if (!group.image) {
      DurableFile.write(channel, Frames.frame(++frames, group.entries));
      return;
    }
    ByteBuffer header = ByteBuffer.wrap(Frames.header(owner));
    ByteBuffer frame =
        group.entries.isEmpty() ? ByteBuffer.allocate(0) : Frames.frame(1, group.entries);
    byte[] content = ByteBuffer.allocate(header.remaining() + frame.remaining())
        .put(header)
        .put(frame)
        .array();
    DurableFile.replace(file, content);
    channel.close();
    channel = FileChannel.open(file, StandardOpenOption.WRITE);
    channel.position(content.length);
    frames = group.entries.isEmpty() ? 0 : 1;
  }

  void sync() throws IOException {
    channel.force(false);
  }

  private void fail(Group group, IOException cause) {
    JournalException e = new JournalException(
        file + " cannot be written (" + cause.getMessage() + "): no address is handed out or taken"
            + " back until the disk is well and the agent is started again",
        cause);
    LOG.error("allocations cannot be recorded file={}", file, cause);
    List<Group> failed = new ArrayList<>(List.of(group));
    synchronized (this) {
      failure = e;
      failed.addAll(waiting);
      waiting.clear();
    }
    failed.forEach(g -> g.fail(e));
  }

  /** Writes what waits, then closes. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      closing = true;
      notifyAll();
    }
    if (writer.isAlive()) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    channel.close();
    lockChannel.close();
  }
}
