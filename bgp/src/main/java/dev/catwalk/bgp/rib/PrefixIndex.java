package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.HashKey;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Arrays;

/**
 * Gives the prefixes of one family small numbers, from 0, that are used again after their release.
 * An open-addressed table with linear probing, whose slots have the hash beside the number: what is
 * another prefix's is seen there. An IPv4 prefix is one long, an IPv6 one two and a byte.
 */
final class PrefixIndex {
  static final int NONE = -1;

  private static final int FIRST_CAPACITY = 64;

  private final Family family;
  private long[] high = {}; // IPv6 only
  private long[] low; // IPv4: address << 8 | length
  private byte[] lengths = {}; // IPv6 only
  private int[] free = new int[16];
  private int freeCount;
  private int limit;
  private long[] slots = new long[2 * FIRST_CAPACITY]; // hash, number + 1; 0 is empty
  long glanced;

  PrefixIndex(Family family) {
    this.family = family;
    this.low = new long[FIRST_CAPACITY];
    if (family == Family.IPV6) {
      high = new long[FIRST_CAPACITY];
      lengths = new byte[FIRST_CAPACITY];
    }
  }

  /** All numbers given so far are below this. */
  int limit() {
    return limit;
  }

  int size() {
    return limit - freeCount;
  }

  /** The prefix's number, or {@link #NONE}. */
  int find(long prefixHigh, long prefixLow, int length) {
    long key = key(prefixLow, length);
    int mask = slots.length - 1;
    int hash = hash(prefixHigh, key, length);
    int at = hash & mask;
    for (long slot = slots[at]; slot != 0; slot = slots[at]) {
      if ((int) (slot >>> 32) == hash && same((int) slot - 1, prefixHigh, key, length)) {
        return (int) slot - 1;
      }
      at = at + 1 & mask;
    }
    return NONE;
  }

  /**
   * These will be asked for at once. Where they are in the table is far apart, and the memory brings
   * all of it at the same time if it is asked before anything depends on the answers.
   */
  void glance(Nlri prefixes) {
    long[] table = slots;
    int mask = table.length - 1;
    long all = 0;
    for (int i = 0; i < prefixes.size(); i++) {
      int length = prefixes.length(i);
      all ^= table[hash(prefixes.high(i), key(prefixes.low(i), length), length) & mask];
    }
    glanced = all; // or a compiler would see that nobody needs it
  }

  /** The prefix's number, a new one if it had none. */
  int add(long prefixHigh, long prefixLow, int length) {
    long key = key(prefixLow, length);
    int mask = slots.length - 1;
    int hash = hash(prefixHigh, key, length);
    int at = hash & mask;
    for (long slot = slots[at]; slot != 0; slot = slots[at]) {
      if ((int) (slot >>> 32) == hash && same((int) slot - 1, prefixHigh, key, length)) {
        return (int) slot - 1;
      }
      at = at + 1 & mask;
    }
    int number = freeCount > 0 ? free[--freeCount] : limit++;
    if (number == low.length) {
      grow();
    }
    low[number] = key;
    if (family == Family.IPV6) {
      high[number] = prefixHigh;
      lengths[number] = (byte) length;
    }
    slots[at] = (long) hash << 32 | number + 1;
    if (size() * 2 > slots.length) {
      move(2 * slots.length);
    }
    return number;
  }

  void release(int number) {
    int mask = slots.length - 1;
    int at = home(number);
    while ((int) slots[at] != number + 1) {
      at = at + 1 & mask;
    }
    int hole = at;
    for (int next = at + 1 & mask; slots[next] != 0; next = next + 1 & mask) {
      // what would not be found beyond the hole moves into it
      int home = (int) (slots[next] >>> 32) & mask;
      if ((next - home & mask) >= (next - hole & mask)) {
        slots[hole] = slots[next];
        hole = next;
      }
    }
    slots[hole] = 0;
    if (freeCount == free.length) {
      free = Arrays.copyOf(free, 2 * freeCount);
    }
    free[freeCount++] = number;
  }

  /**
   * Numbers from {@code top} on, none of which is in use, are forgotten, with the room for them and in
   * the table.
   */
  void truncate(int top) {
    int kept = 0;
    for (int i = 0; i < freeCount; i++) {
      if (free[i] < top) {
        free[kept++] = free[i];
      }
    }
    freeCount = kept;
    free = Arrays.copyOf(free, Math.max(16, kept));
    limit = top;
    int capacity = Math.max(FIRST_CAPACITY, top);
    low = Arrays.copyOf(low, capacity);
    if (family == Family.IPV6) {
      high = Arrays.copyOf(high, capacity);
      lengths = Arrays.copyOf(lengths, capacity);
    }
    int places = 2 * FIRST_CAPACITY;
    while (places < size() * 2) {
      places *= 2;
    }
    move(places);
  }

  long high(int number) {
    return family == Family.IPV4 ? 0 : high[number];
  }

  long low(int number) {
    return family == Family.IPV4 ? low[number] >>> 8 : low[number];
  }

  int length(int number) {
    return family == Family.IPV4 ? (int) low[number] & 0xff : lengths[number] & 0xff;
  }

  Prefix prefix(int number) {
    return new Prefix(new IpAddress(family, high(number), low(number)), length(number));
  }

  private long key(long prefixLow, int length) {
    return family == Family.IPV4 ? prefixLow << 8 | length : prefixLow;
  }

  private boolean same(int number, long prefixHigh, long key, int length) {
    return low[number] == key
        && (family == Family.IPV4 || high[number] == prefixHigh && length(number) == length);
  }

  private int home(int number) {
    return family == Family.IPV4
        ? hash(0, low[number], 0) & slots.length - 1
        : hash(high[number], low[number], lengths[number] & 0xff) & slots.length - 1;
  }

  private int hash(long prefixHigh, long key, int length) {
    return family == Family.IPV4
        ? HashKey.fold(HashKey.mix(0, key))
        : HashKey.fold(HashKey.mix(HashKey.mix(length, prefixHigh), key));
  }

  private void grow() {
    int capacity = low.length + (low.length >> 1);
    low = Arrays.copyOf(low, capacity);
    if (family == Family.IPV6) {
      high = Arrays.copyOf(high, capacity);
      lengths = Arrays.copyOf(lengths, capacity);
    }
  }

  private void move(int places) {
    long[] old = slots;
    slots = new long[places];
    int mask = slots.length - 1;
    for (long entry : old) {
      if (entry != 0) {
        int at = (int) (entry >>> 32) & mask;
        while (slots[at] != 0) {
          at = at + 1 & mask;
        }
        slots[at] = entry;
      }
    }
  }
}
