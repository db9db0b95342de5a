package dev.catwalk.felix.cni;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/**
 * What travels over the agent's socket, in both directions: four bytes of length, most significant
 * first, then so many bytes. A connection carries one question and one answer.
 *
 * <p>A question that begins with <code>{</code> is JSON: <code>
 * {"verb": ..., "arguments": {...}, "format": "table|json|yaml"}</code>; its answer is <code>
 * {"status": 0..5, "out": ..., "error": ...}</code>. A question that begins with {@link #CNI}
 * comes from the CNI client: then follow the variables as {@code NAME=VALUE}, each ended by a zero
 * byte, one more zero byte, and what stdin held; its answer is the client's exit status in one byte
 * and then what it prints.
 */
public final class Frame {
  /** A longer question or answer is refused, bytes. */
  public static final int MAX_LENGTH = 8 * 1024 * 1024;

  /** The first byte of a question from the CNI client. */
  public static final byte CNI = 'C';

  private Frame() {}

  /**
   * Reads one.
   *
   * @throws EOFException if the channel ends before the frame
   */
  public static byte[] read(ReadableByteChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(4);
    fill(channel, head);
    int length = head.flip().getInt();
    if (length < 1 || length > MAX_LENGTH) {
      throw new IOException(
          "a frame of " + Integer.toUnsignedString(length) + " bytes: want 1 to " + MAX_LENGTH);
    }
    ByteBuffer body = ByteBuffer.allocate(length);
    fill(channel, body);
    return body.array();
  }

  private static void fill(ReadableByteChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the other side hung up after " + buffer.position() + " of "
            + buffer.capacity() + " bytes");
      }
    }
  }

  public static void write(WritableByteChannel channel, byte[] body) throws IOException {
    if (body.length < 1 || body.length > MAX_LENGTH) {
      throw new IOException("a frame of " + body.length + " bytes: want 1 to " + MAX_LENGTH);
    }
    ByteBuffer out =
        ByteBuffer.allocate(4 + body.length).putInt(body.length).put(body).flip();
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }
}
