package dev.catwalk.ipam.model;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;

/**
 * A range of addresses that is handed to nodes in blocks.
 *
 * @param name 1 to {@value #MAX_NAME} characters
 * @param blockSize prefix length of each block: 20..32 for IPv4, 116..128 for IPv6, not shorter than
 *     the pool's
 * @param natOutgoing whether what leaves the pools is masqueraded
 * @param disabled whether no further block and address is given out of it; what is out stays
 * @param declared whether a manifest says so, and the pool goes with it
 */
public record Pool(
    String name,
    Prefix cidr,
    int blockSize,
    boolean natOutgoing,
    boolean disabled,
    boolean declared) {
  public static final int MAX_NAME = 63;

  /** A block holds at most 2 to this many addresses. */
  private static final int MAX_BLOCK_BITS = 12;

  /** A pool holds at most 2 to this many blocks, so that they can be counted. */
  private static final int MAX_POOL_BITS = 62;

  /**
   * @throws IllegalArgumentException with a sentence fit for a user
   */
  public Pool {
    Names.check("pool name", name, MAX_NAME);
    int bits = cidr.family().bits();
    if (blockSize < bits - MAX_BLOCK_BITS || blockSize > bits) {
      throw new IllegalArgumentException("pool " + name + ": blockSize " + blockSize
          + " is out of range: want " + (bits - MAX_BLOCK_BITS) + " to " + bits);
    }
    if (blockSize < cidr.length()) {
      throw new IllegalArgumentException("pool " + name + ": " + cidr + " is smaller than one block"
          + " (/" + blockSize + "): enlarge cidr or blockSize");
    }
    if (blockSize - cidr.length() > MAX_POOL_BITS) {
      throw new IllegalArgumentException("pool " + name + ": " + cidr + " has more than 2^"
          + MAX_POOL_BITS + " blocks of /" + blockSize + ": take a smaller cidr");
    }
    IpAddress first = cidr.address();
    if (first.isMulticast() || first.isLoopback() || first.isLinkLocal()) {
      throw new IllegalArgumentException(
          "pool " + name + ": " + cidr + " holds no addresses that can be routed to a pod");
    }
  }

  /** A pool that no manifest declares. */
  public Pool(String name, Prefix cidr, int blockSize, boolean natOutgoing, boolean disabled) {
    this(name, cidr, blockSize, natOutgoing, disabled, false);
  }

  /** The same under another name and with another range. */
  public Pool as(String otherName, Prefix otherCidr) {
    return new Pool(otherName, otherCidr, blockSize, natOutgoing, disabled, declared);
  }

  /** The same, from which nothing more is given out. */
  public Pool closed() {
    return new Pool(name, cidr, blockSize, natOutgoing, true, declared);
  }

  /** How many blocks it has. */
  public long blocks() {
    return 1L << (blockSize - cidr.length());
  }

  /** Whether {@code block} is one of its blocks. */
  public boolean hasBlock(Prefix block) {
    return block.length() == blockSize && cidr.contains(block);
  }

  /** The block at {@code index}, 0 &le; index &lt; {@link #blocks}. */
  public Prefix blockAt(long index) {
    assert index >= 0 && index < blocks() : index;
    int shift = cidr.family().bits() - blockSize; // at most 12: the low bits of a block
    IpAddress base = cidr.address();
    if (base.isV4()) {
      return new Prefix(base.plus(index << shift), blockSize);
    }
    long high = shift == 0 ? 0 : index >>> (64 - shift);
    IpAddress low = base.plus(index << shift);
    return new Prefix(IpAddress.v6(low.high() + high, low.low()), blockSize);
  }

  /** The index of one of its blocks: the inverse of {@link #blockAt}. */
  public long indexOf(Prefix block) {
    assert hasBlock(block) : block + " in " + cidr;
    int shift = cidr.family().bits() - blockSize;
    IpAddress at = block.address();
    IpAddress base = cidr.address();
    long low = (at.low() ^ base.low()) >>> shift;
    long high = shift == 0 ? 0 : (at.high() ^ base.high()) << (64 - shift);
    return low | high;
  }
}
