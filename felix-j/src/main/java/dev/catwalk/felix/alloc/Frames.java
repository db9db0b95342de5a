package dev.catwalk.felix.alloc;

import dev.catwalk.ipam.machine.LedgerEntry;
import dev.catwalk.ipam.model.NodeEpoch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The journal's bytes. A header says whose journal it is; then come frames, numbered from 1, each
 * with the entries of one group commit: mark, number, length, checksum, entries behind their lengths.
 */
final class Frames {
  private static final long MAGIC = 0x4357414c4c4f4331L; // CWALLOC1, 1 being the format version
  private static final int MARK = 0xc7f2a91d;
  private static final int HEADER = 16;
  private static final int FRAME_HEADER = 20;

  /**
   * What a file says.
   *
   * @param length up to where it is whole; what follows was torn when it was written
   * @param frames how many frames there are
   */
  record Content(List<LedgerEntry> entries, int length, long frames) {}

  private Frames() {}

  static byte[] header(NodeEpoch owner) {
    return ByteBuffer.allocate(HEADER).putLong(MAGIC).putLong(owner.epoch()).array();
  }

  static ByteBuffer frame(long number, List<byte[]> entries) {
    int length = entries.stream().mapToInt(e -> 4 + e.length).sum();
    ByteBuffer frame = ByteBuffer.allocate(FRAME_HEADER + length);
    frame.putInt(MARK).putLong(number).putInt(length).putInt(0);
    for (byte[] entry : entries) {
      frame.putInt(entry.length).put(entry);
    }
    return frame.flip().putInt(16, checksum(frame, 0, length));
  }

  /**
   * Reads a journal. A frame that is not whole ends it only if no whole frame follows: a crash tears
   * the last frame and no other, since each is synced before the next is begun.
   *
   * @throws JournalException if the file is another's or damaged
   */
  static Content read(String file, byte[] bytes, NodeEpoch owner) throws JournalException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < HEADER || in.getLong(0) != MAGIC) {
      throw new JournalException(file + " is no allocation journal of this format");
    }
    if (in.getLong(8) != owner.epoch()) {
      throw new JournalException(file + " was written under epoch "
          + NodeEpoch.epochText(in.getLong(8)) + ", this is " + owner
          + ": identity and journal are not of one life; restore the one that was exchanged");
    }
    List<LedgerEntry> entries = new ArrayList<>();
    int at = HEADER;
    long number = 1;
    while (isFrame(in, at, number)) {
      entries(file, in, at, entries);
      at += FRAME_HEADER + in.getInt(at + 12);
      number++;
    }
    for (int later = at; later < bytes.length; later++) {
      if (isFrame(in, later, 0)) {
        throw new JournalException(file + " is damaged at byte " + at + " (frame " + number
            + "), whole frames follow at byte " + later
            + ": addresses in use are not known. Restore"
            + " the file, or empty its directory for a new life of the node");
      }
    }
    return new Content(entries, at, number - 1);
  }

  /** Whether a whole frame begins here; with this number, unless 0. */
  private static boolean isFrame(ByteBuffer in, int at, long number) {
    int left = in.limit() - at - FRAME_HEADER;
    if (left < 0 || in.getInt(at) != MARK) {
      return false;
    }
    int length = in.getInt(at + 12);
    return length > 0
        && length <= left
        && (number == 0 || in.getLong(at + 4) == number)
        && in.getInt(at + 16) == checksum(in, at, length);
  }

  private static int checksum(ByteBuffer in, int at, int length) {
    CRC32C crc = new CRC32C();
    crc.update(in.slice(at, 16));
    crc.update(in.slice(at + FRAME_HEADER, length));
    return (int) crc.getValue();
  }

  private static void entries(String file, ByteBuffer in, int frame, List<LedgerEntry> to)
      throws JournalException {
    int end = frame + FRAME_HEADER + in.getInt(frame + 12);
    int at = frame + FRAME_HEADER;
    try {
      while (at < end) {
        byte[] entry = new byte[in.getInt(at)];
        in.get(at + 4, entry);
        to.add(LedgerEntry.decode(entry));
        at += 4 + entry.length;
      }
    } catch (IllegalArgumentException e) {
      throw new JournalException(
          file + " has an entry at byte " + at + " that this program cannot read: "
              + e.getMessage(),
          e);
    }
  }
}
