package dev.catwalk.felix.netlink.wire;

import dev.catwalk.net.addr.Family;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A growing buffer of netlink messages in host byte order. */
public final class Sink {
  private static final int INITIAL = 4096;

  private ByteBuffer buffer = ByteBuffer.allocate(INITIAL).order(ByteOrder.nativeOrder());

  public int position() {
    return buffer.position();
  }

  public byte[] toBytes() {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }

  public void clear() {
    buffer.clear();
  }

  static int family(Family family) {
    return family == Family.IPV4 ? Rt.AF_INET : Rt.AF_INET6;
  }

  /** nlmsghdr; its length follows by {@link #length32}. The kernel fills in our port. */
  void header(int type, int flags, int sequence) {
    put32(0).put16(type).put16(flags).put32(sequence).put32(0);
  }

  Sink put8(int value) {
    ensure(1).put((byte) value);
    return this;
  }

  Sink put16(int value) {
    ensure(2).putShort((short) value);
    return this;
  }

  Sink put32(int value) {
    ensure(4).putInt(value);
    return this;
  }

  void int32(int type, int value) {
    put16(Rt.ATTRIBUTE + 4).put16(type).put32(value);
  }

  void bytes(int type, byte[] value) {
    put16(Rt.ATTRIBUTE + value.length).put16(type);
    ensure(value.length).put(value);
    pad();
  }

  /** With the closing zero that the kernel wants of names. */
  void text(int type, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    put16(Rt.ATTRIBUTE + bytes.length + 1).put16(type);
    ensure(bytes.length).put(bytes);
    put8(0);
    pad();
  }

  /** Opens an attribute of attributes; what it returns closes it. */
  int nest(int type) {
    int start = position();
    put16(0).put16(type);
    return start;
  }

  void endNest(int start) {
    length16(start);
  }

  void length16(int start) {
    buffer.putShort(start, (short) (position() - start));
  }

  void length32(int start) {
    buffer.putInt(start, position() - start);
  }

  private void pad() {
    while (position() % 4 != 0) {
      put8(0);
    }
  }

  private ByteBuffer ensure(int more) {
    if (buffer.remaining() < more) {
      int size = Math.max(buffer.capacity() * 2, buffer.position() + more);
      ByteBuffer larger = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
      larger.put(buffer.flip());
      buffer = larger;
    }
    return buffer;
  }
}
