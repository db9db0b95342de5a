package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.HashKey;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The members of an attribute that is a list, in any order: equal where the same ones are in it as
 * often. Those that many routes have in common are one array, which is ordered and hashed once and not
 * looked at again.
 */
final class MemberList {
  static final MemberList NONE = new MemberList(0, new byte[0], new byte[0], 0);

  private final int width;
  private final byte[] common;
  private final byte[] own;
  private final long hash;

  /**
   * @param width octets of a member, a multiple of four
   * @param common in ascending order, as the next
   * @param hash the sum of all members', which their order does not matter to
   */
  private MemberList(int width, byte[] common, byte[] own, long hash) {
    this.width = width;
    this.common = common;
    this.own = own;
    this.hash = hash;
  }

  /** These and others, none of which are in common with anybody. */
  MemberList with(List<byte[]> others) {
    if (others.isEmpty()) {
      return this;
    }
    long sum = hash;
    byte[][] ascending = others.toArray(byte[][]::new);
    Arrays.sort(ascending, Arrays::compareUnsigned);
    int octets = ascending[0].length;
    byte[] all = new byte[ascending.length * octets];
    for (int i = 0; i < ascending.length; i++) {
      System.arraycopy(ascending[i], 0, all, i * octets, octets);
      sum += hash(ascending[i]);
    }
    return new MemberList(octets, inCommon().common, all, sum);
  }

  /** The same, in common with all lists that are made of it. */
  MemberList inCommon() {
    return own.length == 0 ? this : new MemberList(width, toBytes(), NONE.own, hash);
  }

  private static long hash(byte[] member) {
    ByteBuffer octets = ByteBuffer.wrap(member);
    long hash = member.length;
    while (octets.hasRemaining()) {
      hash = HashKey.mix(hash, octets.getInt());
    }
    return hash;
  }

  /** Whether that is one of those that are in common. */
  boolean hasInCommon(byte... member) {
    int low = 0;
    int high = width == 0 ? 0 : common.length / width;
    while (low < high) {
      int middle = (low + high) >>> 1;
      int from = middle * width;
      int order = Arrays.compareUnsigned(common, from, from + width, member, 0, member.length);
      if (order == 0) {
        return true;
      }
      low = order < 0 ? middle + 1 : low;
      high = order < 0 ? high : middle;
    }
    return false;
  }

  int size() {
    return width == 0 ? 0 : length() / width;
  }

  /** Octets of all members. */
  int length() {
    return common.length + own.length;
  }

  /** All members in ascending order. */
  byte[] toBytes() {
    byte[] all = new byte[length()];
    int first = 0;
    int second = 0;
    for (int at = 0; at < all.length; at += width) {
      boolean isCommon = second == own.length
          || first < common.length
              && Arrays.compareUnsigned(common, first, first + width, own, second, second + width)
                  <= 0;
      System.arraycopy(isCommon ? common : own, isCommon ? first : second, all, at, width);
      first += isCommon ? width : 0;
      second += isCommon ? 0 : width;
    }
    return all;
  }

  @Override
  public boolean equals(Object other) {
    if (other == this) {
      return true;
    }
    if (!(other instanceof MemberList that) || hash != that.hash || length() != that.length()) {
      return false;
    }
    return Arrays.equals(common, that.common)
        ? Arrays.equals(own, that.own)
        : Arrays.equals(toBytes(), that.toBytes());
  }

  @Override
  public int hashCode() {
    return HashKey.fold(hash);
  }
}
