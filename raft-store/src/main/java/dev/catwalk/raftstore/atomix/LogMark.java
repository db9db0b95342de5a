package dev.catwalk.raftstore.atomix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;

/**
 * How far the log was on the disk, kept apart from it: Atomix takes a damaged record for the log's
 * end and would go on from there, without what was acknowledged behind it. Two records, written in
 * turn, so that one is always whole: number of the writing (u64), entry (u64), CRC-32 (u32). A power
 * cut may take the newest writings back, never a crash of the process. One thread at a time.
 */
final class LogMark implements AutoCloseable {
  private static final int RECORD = 20;

  /** A record has a sector of its own. */
  private static final int DISTANCE = 4096;

  private final FileChannel channel;
  private long writings;
  private long index;

  /**
   * Opens the mark, which is 0 if there is none.
   *
   * @throws IOException if the file holds something else
   */
  LogMark(Path file) throws IOException {
    this.channel = FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    for (int slot = 0; slot < 2; slot++) {
      ByteBuffer record = ByteBuffer.allocate(RECORD);
      if (channel.read(record, (long) slot * DISTANCE) == RECORD
          && record.getInt(16) == checksum(record)
          && record.getLong(0) > writings) {
        writings = record.getLong(0);
        index = record.getLong(8);
      }
    }
    if (writings == 0 && channel.size() > 0) {
      channel.close();
      throw new IOException(file + " is damaged");
    }
  }

  private static int checksum(ByteBuffer record) {
    CRC32 sum = new CRC32();
    sum.update(record.duplicate().position(0).limit(16));
    return (int) sum.getValue();
  }

  /** The log held this entry on the disk. */
  long index() {
    return index;
  }

  /** Moves the mark. */
  void write(long newIndex) throws IOException {
    if (newIndex == index) {
      return;
    }
    ByteBuffer record = ByteBuffer.allocate(RECORD).putLong(++writings).putLong(newIndex);
    record.putInt(checksum(record)).flip();
    while (record.hasRemaining()) {
      channel.write(record, writings % 2 * DISTANCE + record.position());
    }
    index = newIndex;
  }

  /** Puts the mark on the disk. */
  void force() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.force(false);
    channel.close();
  }
}
