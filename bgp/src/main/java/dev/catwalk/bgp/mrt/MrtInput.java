package dev.catwalk.bgp.mrt;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** The records of a stream that somebody else opened and closes. One thread. */
public final class MrtInput {
  private static final int GZIP = 0x1f8b;
  private static final int BZIP2 = 'B' << 8 | 'Z';

  private final InputStream in;

  /** The octets of a record, which need not be sound. */
  public static final class Raw {
    private final MrtHeader header;
    private final byte[] body;

    private Raw(MrtHeader header, byte[] body) {
      this.header = header;
      this.body = body;
    }

    public MrtHeader header() {
      return header;
    }

    /** The reader's from now on. */
    public byte[] body() {
      return body;
    }
  }

  /** Plain octets, or those of gzip or bzip2: their beginning tells. */
  public MrtInput(InputStream octets) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(octets, 1 << 16);
    buffered.mark(2);
    int magic = buffered.read() << 8 | buffered.read();
    buffered.reset();
    in = switch (magic) {
      case GZIP -> new BufferedInputStream(unpack(buffered), 1 << 16);
      case BZIP2 -> new Bzip2Input(buffered);
      default -> buffered;
    };
  }

  private static InputStream unpack(InputStream packed) throws IOException {
    try {
      return new GZIPInputStream(packed, 1 << 16);
    } catch (EOFException e) { // it has no text
      throw new EOFException("the file ends within the header of gzip");
    }
  }

  private byte[] read(int count) throws IOException {
    try {
      return in.readNBytes(count);
    } catch (EOFException e) {
      throw e.getMessage() == null ? new EOFException("the file ends within the end of gzip") : e;
    }
  }

  /**
   * The next record; null at the end.
   *
   * @throws EOFException if the stream ends within a record
   * @throws MrtException if what comes is no record; nothing after it can be read
   */
  public @Nullable Raw next() throws IOException, MrtException {
    byte[] head = read(MrtHeader.OCTETS);
    if (head.length == 0) {
      return null;
    }
    if (head.length < MrtHeader.OCTETS) {
      throw new EOFException("the file ends within a record's header");
    }
    MrtHeader header = MrtHeader.decode(head);
    byte[] body = read(header.length());
    if (body.length < header.length()) {
      throw new EOFException(
          "the file ends within a record: " + body.length + " of " + header.length() + " octets");
    }
    return new Raw(header, body);
  }
}
