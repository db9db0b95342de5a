package dev.catwalk.bgp.exabgp;

import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** AS_PATH and AGGREGATOR for a peer that knows AS numbers of two octets only, RFC 6793 §4.2.2. */
final class TwoOctetNumbers {
  private static final long AS_TRANS = 23456;
  private static final long MOST = 0xffff;

  /** Octets of an AGGREGATOR, four of them the number. */
  private static final int AGGREGATOR = 8;

  private TwoOctetNumbers() {}

  /**
   * What is not made as these attributes are, which a command may say octet by octet, stays as it is.
   *
   * @param path AS_PATH with four octets a number
   * @return the values by attribute type: with two octets, and with four where a number needs them
   */
  static SortedMap<Integer, byte[]> apply(byte[] path, byte @Nullable [] aggregator) {
    SortedMap<Integer, byte[]> values = new TreeMap<>();
    if (isPath(path)) {
      path(path, values);
    }
    if (aggregator != null && aggregator.length == AGGREGATOR) {
      aggregator(aggregator, values);
    }
    return values;
  }

  /** Whether it is whole segments, each a type and how many numbers it has. */
  private static boolean isPath(byte[] path) {
    int at = 0;
    while (at + 1 < path.length) {
      at += 2 + 4 * (path[at + 1] & 0xff);
    }
    return at == path.length;
  }

  private static void path(byte[] path, SortedMap<Integer, byte[]> values) {
    Output two = new Output();
    boolean larger = false;
    for (int at = 0; at < path.length; ) {
      int count = path[at + 1] & 0xff;
      two.u8(path[at]).u8(count);
      at += 2;
      for (int i = 0; i < count; i++, at += 4) {
        long as = number(path, at);
        larger |= as > MOST;
        two.u16(as > MOST ? AS_TRANS : as);
      }
    }
    values.put(2, two.toBytes());
    if (larger) {
      values.put(17, path);
    }
  }

  private static void aggregator(byte[] aggregator, SortedMap<Integer, byte[]> values) {
    long as = number(aggregator, 0);
    values.put(
        7,
        new Output()
            .u16(as > MOST ? AS_TRANS : as)
            .unsigned(number(aggregator, 4), 4)
            .toBytes());
    if (as > MOST) {
      values.put(18, aggregator);
    }
  }

  private static long number(byte[] octets, int at) {
    return (octets[at] & 0xffL) << 24
        | (octets[at + 1] & 0xff) << 16
        | (octets[at + 2] & 0xff) << 8
        | octets[at + 3] & 0xff;
  }
}
