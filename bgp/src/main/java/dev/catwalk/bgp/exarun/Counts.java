package dev.catwalk.bgp.exarun;

import java.util.Arrays;

/** How many messages of each type went to a neighbour, or came from it. */
final class Counts {
  private static final int TYPE = 18;
  private static final int TYPES = 6;

  private final long[] byType = new long[TYPES];

  /** @param message a whole one; of a type that nobody knows it counts as type 0 */
  void add(byte[] message) {
    int type = message[TYPE] & 0xff;
    byType[type < TYPES ? type : 0]++;
  }

  long of(int type) {
    return byType[type];
  }

  long all() {
    return Arrays.stream(byType).sum();
  }
}
