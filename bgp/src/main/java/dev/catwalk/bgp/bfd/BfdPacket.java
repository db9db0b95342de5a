package dev.catwalk.bgp.bfd;

import io.netty.buffer.ByteBuf;

/**
 * A control packet, RFC 5880 §4.1. Intervals in microseconds, 0..2^32-1; discriminators unsigned.
 *
 * @param diagnostic why the session fell last, 0..31
 * @param independent the C bit: the sender's BFD outlives its control plane
 * @param detectMult 1..255
 * @param mine the sender's discriminator, not 0
 * @param yours the receiver's; 0 where it is not known yet
 */
public record BfdPacket(
    int diagnostic,
    BfdState state,
    boolean poll,
    boolean fin,
    boolean independent,
    boolean demand,
    int detectMult,
    int mine,
    int yours,
    long desiredMinTx,
    long requiredMinRx) {
  public static final int LENGTH = 24;

  private static final int VERSION = 1;
  private static final int POLL = 0x20;
  private static final int FINAL = 0x10;
  private static final int INDEPENDENT = 0x08;
  private static final int AUTHENTICATED = 0x04;
  private static final int DEMAND = 0x02;
  private static final int MULTIPOINT = 0x01;

  /** {@code datagram}: all of it; neither kept nor released. */
  public static BfdPacket decode(ByteBuf datagram) throws BfdException {
    int at = datagram.readerIndex();
    if (datagram.readableBytes() < LENGTH) {
      throw new BfdException("a datagram of " + datagram.readableBytes() + " octets");
    }
    int first = datagram.getUnsignedByte(at);
    int flags = datagram.getUnsignedByte(at + 1);
    int detectMult = datagram.getUnsignedByte(at + 2);
    int length = datagram.getUnsignedByte(at + 3);
    int mine = datagram.getInt(at + 4);
    int yours = datagram.getInt(at + 8);
    BfdState state = BfdState.of(flags >> 6);
    if (first >> 5 != VERSION) {
      throw new BfdException("version " + (first >> 5));
    }
    if (length < LENGTH || length > datagram.readableBytes()) {
      throw new BfdException(
          "Length " + length + " in a datagram of " + datagram.readableBytes() + " octets");
    }
    if ((flags & AUTHENTICATED) != 0) {
      throw new BfdException("it is authenticated, which is not agreed on");
    }
    if ((flags & MULTIPOINT) != 0 || detectMult == 0 || mine == 0) {
      throw new BfdException("the M bit, Detect Mult 0 or My Discriminator 0");
    }
    if (yours == 0 && state.compareTo(BfdState.DOWN) > 0) {
      throw new BfdException("Your Discriminator 0 in state " + state.text());
    }
    if ((flags & POLL) != 0 && (flags & FINAL) != 0) {
      throw new BfdException("Poll and Final at once");
    }
    return new BfdPacket(
        first & 0x1f,
        state,
        (flags & POLL) != 0,
        (flags & FINAL) != 0,
        (flags & INDEPENDENT) != 0,
        (flags & DEMAND) != 0,
        detectMult,
        mine,
        yours,
        datagram.getUnsignedInt(at + 12),
        datagram.getUnsignedInt(at + 16));
  }

  /** Appends {@link #LENGTH} octets. */
  public void encode(ByteBuf out) {
    int flags = state.code() << 6
        | (poll ? POLL : 0)
        | (fin ? FINAL : 0)
        | (independent ? INDEPENDENT : 0)
        | (demand ? DEMAND : 0);
    out.writeByte(VERSION << 5 | diagnostic).writeByte(flags).writeByte(detectMult);
    out.writeByte(LENGTH).writeInt(mine).writeInt(yours);
    out.writeInt((int) desiredMinTx).writeInt((int) requiredMinRx).writeInt(0); // no echo
  }
}
