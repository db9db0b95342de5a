package dev.catwalk.bgp.exabgp;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;

/**
 * All parts of one length that a prefix is told as, in ascending order; itself, where that is its own
 * length. They are made one by one: a short line may stand for very many.
 *
 * @param length not less than that of the whole, and {@value #MOST_BITS} more at most
 */
record PrefixParts(Prefix whole, int length) {
  private static final int MOST_BITS = 16;

  /**
   * What a prefix is to be told as.
   *
   * @param split the length of its parts; 0: it is not split
   */
  static PrefixParts of(Prefix whole, int split) throws MalformedException {
    int bits = split - whole.length();
    if (split == 0 || bits <= 0) {
      return new PrefixParts(whole, whole.length());
    }
    if (split > whole.address().family().bits() || bits > MOST_BITS) {
      throw new MalformedException(whole + " cannot be split into parts of /" + split
          + "; there can be 2^" + MOST_BITS + " of them");
    }
    return new PrefixParts(whole, split);
  }

  int size() {
    return 1 << (length - whole.length());
  }

  Prefix get(int index) {
    IpAddress first = whole.address();
    int below = first.family().bits() - length;
    if (below >= Long.SIZE) {
      return new Prefix(
          IpAddress.v6(first.high() | (long) index << (below - Long.SIZE), first.low()), length);
    }
    long low = first.low() | (long) index << below;
    if (first.isV4()) {
      return new Prefix(IpAddress.v4((int) low), length);
    }
    long carried = below == 0 ? 0 : (long) index >>> (Long.SIZE - below);
    return new Prefix(IpAddress.v6(first.high() | carried, low), length);
  }
}
