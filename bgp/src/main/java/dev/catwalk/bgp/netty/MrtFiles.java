package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.mrt.MrtSettings;
import io.netty.buffer.ByteBuf;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files {@code updates.TIME.mrt} and {@code rib.TIME.mrt} of a directory, written by a thread of its
 * own, so that a slow disk keeps nobody waiting: what does not fit into the queue is lost, and the log
 * says so. TIME is that of the file's beginning, UTC, {@code yyyyMMdd.HHmmss}.
 */
final class MrtFiles implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MrtFiles.class);
  private static final DateTimeFormatter NAME =
      DateTimeFormatter.ofPattern("yyyyMMdd.HHmmss").withZone(ZoneOffset.UTC);

  /** So many pieces and octets may wait for the disk. */
  private static final int MOST_PIECES = 4096;

  private static final long MOST_OCTETS = 16 << 20;
  private static final String UPDATES = "updates";
  private static final String TABLE = "rib";

  private final MrtSettings settings;
  private final Runnable tableDue;
  private final ArrayBlockingQueue<Piece> pieces = new ArrayBlockingQueue<>(MOST_PIECES);
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final Thread thread;
  private volatile @Nullable Runnable whenRoom;
  private @Nullable OutputStream updates;
  private long updatesUntil;
  private @Nullable OutputStream table;
  private @Nullable Path tablePart;
  private long nextTable;

  private static final class Piece {
    final boolean ofTable;
    final boolean last;
    final byte[] octets;

    Piece(boolean ofTable, boolean last, byte[] octets) {
      this.ofTable = ofTable;
      this.last = last;
      this.octets = octets;
    }
  }

  /**
   * Begins.
   *
   * @param tableDue asks for a table, on this class's thread
   * @throws IOException if there is no such directory to write to
   */
  MrtFiles(MrtSettings settings, Runnable tableDue) throws IOException {
    Path directory = Path.of(settings.directory());
    if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
      throw new IOException("bgp.mrt.directory: there is no directory " + directory
          + " that can be written to: make it, or name another");
    }
    this.settings = settings;
    this.tableDue = tableDue;
    this.nextTable = System.nanoTime() + settings.tableInterval() * 1_000_000_000L;
    this.thread = Thread.ofPlatform().name("bgp-mrt").daemon().start(this::run);
  }

  MrtSettings settings() {
    return settings;
  }

  /** Runs something once, as soon as there is room, on this class's thread. */
  void whenRoom(Runnable task) {
    whenRoom = task;
  }

  /** Whether a piece of a table would find a place. */
  boolean hasRoom() {
    return waiting.get() < MOST_OCTETS / 2 && pieces.remainingCapacity() > MOST_PIECES / 2;
  }

  /** Records of updates. Any thread. */
  void update(ByteBuf records) {
    offer(false, false, records);
  }

  /** Records of the table that is being written; {@code last}: it is complete. Any thread. */
  void table(ByteBuf records, boolean last) {
    offer(true, last, records);
  }

  private void offer(boolean ofTable, boolean last, ByteBuf records) {
    byte[] octets = new byte[records.readableBytes()];
    records.readBytes(octets);
    boolean fits = waiting.get() + octets.length <= MOST_OCTETS
        && pieces.offer(new Piece(ofTable, last, octets));
    if (fits) {
      waiting.addAndGet(octets.length);
    } else {
      lost.incrementAndGet();
    }
  }

  private void run() {
    try {
      while (true) {
        Piece piece = pieces.poll(200, TimeUnit.MILLISECONDS);
        if (piece != null) {
          waiting.addAndGet(-piece.octets.length);
          write(piece);
        } else if (updates != null) {
          updates.flush();
        }
        turn();
      }
    } catch (InterruptedException e) {
      drain();
    } catch (IOException e) {
      LOG.error("nothing is recorded any more directory={} why={}", settings.directory(), e);
    } finally {
      close(updates);
      close(table);
    }
  }

  private void drain() {
    try {
      for (Piece piece = pieces.poll(); piece != null; piece = pieces.poll()) {
        write(piece);
      }
    } catch (IOException e) {
      LOG.error("the last records are lost directory={} why={}", settings.directory(), e);
    }
  }

  private void write(Piece piece) throws IOException {
    if (!piece.ofTable) {
      updates().write(piece.octets);
      return;
    }
    OutputStream out = table;
    if (out == null) {
      tablePart = Path.of(settings.directory(), TABLE + "." + NAME.format(Instant.now()) + ".part");
      out = Files.newOutputStream(tablePart);
      table = out;
    }
    out.write(piece.octets);
    if (piece.last) {
      out.close();
      table = null;
      Path part = Objects.requireNonNull(tablePart);
      String name = part.getFileName().toString().replace(".part", ".mrt");
      Files.move(part, part.resolveSibling(name), StandardCopyOption.ATOMIC_MOVE);
      prune(TABLE);
    }
  }

  private OutputStream updates() throws IOException {
    OutputStream out = updates;
    if (out == null) {
      Path file =
          Path.of(settings.directory(), UPDATES + "." + NAME.format(Instant.now()) + ".mrt");
      out = new BufferedOutputStream(
          Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
      updates = out;
      updatesUntil = System.nanoTime() + settings.updateInterval() * 1_000_000_000L;
      prune(UPDATES);
    }
    return out;
  }

  private void turn() throws IOException {
    long now = System.nanoTime();
    if (updates != null && now - updatesUntil >= 0) {
      updates.close();
      updates = null;
    }
    if (now - nextTable >= 0) {
      nextTable = now + settings.tableInterval() * 1_000_000_000L;
      tableDue.run();
    }
    Runnable waits = whenRoom;
    if (waits != null && hasRoom()) {
      whenRoom = null;
      waits.run();
    }
    long gone = lost.getAndSet(0);
    if (gone > 0) {
      LOG.warn("records are lost: the disk is too slow count={}", gone);
    }
  }

  /** The oldest of a kind go; files with other names are nobody's business here. */
  private void prune(String kind) throws IOException {
    TreeSet<Path> files = new TreeSet<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(
        Path.of(settings.directory()),
        kind + ".[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9].mrt")) {
      all.forEach(files::add);
    }
    while (files.size() > settings.keep()) {
      Files.deleteIfExists(files.pollFirst());
    }
  }

  private static void close(@Nullable OutputStream out) {
    if (out != null) {
      try {
        out.close();
      } catch (IOException e) {
        LOG.error("the last records are lost why={}", e.getMessage());
      }
    }
  }

  /** Writes what is there and waits for it, a moment at most. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(2000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
