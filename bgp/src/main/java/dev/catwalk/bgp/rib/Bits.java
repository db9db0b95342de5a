package dev.catwalk.bgp.rib;

import java.util.Arrays;

/** A set of small numbers, one bit each, that knows its size and grows by itself. */
final class Bits {
  private long[] words = {};
  private int count;

  int count() {
    return count;
  }

  boolean get(int number) {
    int word = number >> 6;
    return word < words.length && (words[word] & 1L << number) != 0;
  }

  /** Whether it was not in before. */
  boolean add(int number) {
    int word = number >> 6;
    if (word >= words.length) {
      words = Arrays.copyOf(words, Math.max(word + 1, words.length + (words.length >> 1)));
    }
    long before = words[word];
    words[word] = before | 1L << number;
    boolean added = words[word] != before;
    count += added ? 1 : 0;
    return added;
  }

  /** Whether it was in before. */
  boolean remove(int number) {
    int word = number >> 6;
    if (word >= words.length) {
      return false;
    }
    long before = words[word];
    words[word] = before & ~(1L << number);
    boolean removed = words[word] != before;
    count -= removed ? 1 : 0;
    return removed;
  }

  /** The first one not below {@code from}, or -1. */
  int next(int from) {
    int word = from >> 6;
    if (word >= words.length) {
      return -1;
    }
    long rest = words[word] & -1L << from;
    while (rest == 0) {
      if (++word == words.length) {
        return -1;
      }
      rest = words[word];
    }
    return (word << 6) + Long.numberOfTrailingZeros(rest);
  }

  void clear() {
    words = new long[0];
    count = 0;
  }

  /** Those from {@code limit} on go, and the room for them. */
  void truncate(int limit) {
    for (int number = next(limit); number >= 0; number = next(number + 1)) {
      remove(number);
    }
    int needed = limit + 63 >> 6;
    if (needed < words.length) {
      words = Arrays.copyOf(words, needed);
    }
  }
}
