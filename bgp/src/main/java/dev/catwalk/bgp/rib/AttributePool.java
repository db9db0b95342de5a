package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PackedAttributes;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.IpAddress;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Attributes that many paths share, each distinct set once: packed into large arrays, found by an
 * open-addressed table, counted by their uses. A set is a number, its place in the arrays; it is used
 * again some time after its last use is given back, by sets of its size; where most of the room waits
 * in vain for such, {@link #compact} moves what is in use together. No object belongs to a set, so that
 * nobody walks over a million of them but who decides about them.
 */
final class AttributePool {
  /** No set. */
  static final int NONE = 0;

  /** RFC 4271 §9.1.1 leaves the default to us; it is everybody's. */
  private static final long DEFAULT_LOCAL_PREF = 100;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());

  /** Of an array, in octets; a set that is larger has one of its own. */
  private static final int CHUNK = 1 << 18;

  private static final int UNIT_BITS = 3; // a set begins at a multiple of 8 octets
  private static final int CHUNK_BITS = 18 - UNIT_BITS;
  private static final int IN_CHUNK = (1 << CHUNK_BITS) - 1;

  private static final int USES = 0; // while it is free: the next free one of its size
  private static final int SERIAL = 4; // which of the sets that had this place; 0: it is free
  private static final int HASH = 8;
  private static final int LENGTH = 12;
  private static final int OWNER = 16; // the slot of the source that brought it first
  private static final int VALUE = 20;

  private static final int EXACT_UNITS = 64;
  private static final int RECENT_BITS = 11;

  /** What is larger is not remembered as an object besides, in octets. */
  private static final int RECENT_LARGEST = 1 << 10;

  /** Below this much room there is nothing to gain, in octets. */
  static final int SPARSE_LEAST = 16 << 20;

  private static final int SPARSE_RATIO = 4;

  private static final int LEAST_PLACES = 256;

  private byte[][] chunks = {};
  private int chunkCount;
  private int nextUnit;
  private final int[] free = new int[EXACT_UNITS + 32]; // by size class
  private long[] slots = new long[LEAST_PLACES]; // hash, set
  private int size;
  private long room; // octets of all chunks
  private long used; // octets of them that sets in use occupy
  private long narrow = Long.MAX_VALUE;
  private long[] owned = new long[8]; // octets of sets in use, by the slot that brought them
  private long givenBack;
  private int serials;
  private int epoch;
  private int @Nullable [] recentSets;
  private @Nullable PathAttributes[] recent = {};

  /** How many sets are in use. */
  int size() {
    return size;
  }

  /** Another one as soon as places are no longer what they were. */
  int epoch() {
    return epoch;
  }

  /** How many octets the sets and the places of former ones take. */
  long room() {
    return room;
  }

  /** How many octets of former sets it has given back until now. */
  long givenBack() {
    return givenBack;
  }

  /** How many octets sets in use occupy. */
  long used() {
    return used;
  }

  /** How many of them that source has brought first. */
  long used(int slot) {
    return slot < owned.length ? owned[slot] : 0;
  }

  /** From so many octets of room on none is left for sets that may come. */
  void limit(long octets) {
    narrow = octets;
  }

  /** Whether {@link #compact} would give back most of the room, or what is needed of it. */
  boolean isSparse() {
    return room > SPARSE_LEAST
        && (room > SPARSE_RATIO * used || room > narrow && room > used + used / 4);
  }

  /**
   * Moves all sets that are in use together, and gives back the rest of the room.
   *
   * @return where each set that was in use is from now on: for whoever holds its number
   */
  IntUnaryOperator compact() {
    byte[][] before = chunks;
    long[] sets = slots;
    long roomBefore = room;
    forget();
    chunks = new byte[][] {};
    chunkCount = 0;
    room = 0;
    used = 0;
    for (int i = 0; i < sets.length; i++) {
      if (sets[i] != 0) {
        int set = (int) sets[i];
        byte[] from = before[set >>> CHUNK_BITS];
        int start = start(set);
        int length = (int) INT.get(from, start + LENGTH);
        int moved = place(length);
        System.arraycopy(from, start, chunk(moved), start(moved), VALUE + length);
        INT.set(from, start + USES, moved);
        sets[i] = sets[i] & 0xffff_ffffL << 32 | moved;
      }
    }
    int places = LEAST_PLACES;
    while (places < size * 2) {
      places *= 2;
    }
    rehash(places);
    givenBack += roomBefore - room;
    return set -> (int) INT.get(before[set >>> CHUNK_BITS], start(set) + USES);
  }

  /** As below, of none of our peers'. */
  int acquire(PathAttributes attributes) {
    return acquire(attributes, Source.LOCAL.slot());
  }

  /**
   * The set of that value, with one use more.
   *
   * @param owner the slot of the source that brings it, if it is a new one
   */
  int acquire(PathAttributes attributes, int owner) {
    PackedAttributes packed = attributes.packed();
    byte[] value = packed.octets();
    int hash = packed.hashCode();
    int mask = slots.length - 1;
    int at = hash & mask;
    for (long slot = slots[at]; slot != 0; slot = slots[at]) {
      if ((int) (slot >>> 32) == hash && has((int) slot, value)) {
        return acquire((int) slot);
      }
      at = at + 1 & mask;
    }
    int set = place(value.length);
    byte[] chunk = chunk(set);
    int start = start(set);
    if (++serials == 0) {
      serials = 1;
    }
    INT.set(chunk, start + USES, 1);
    INT.set(chunk, start + SERIAL, serials);
    INT.set(chunk, start + HASH, hash);
    INT.set(chunk, start + LENGTH, value.length);
    INT.set(chunk, start + OWNER, owner);
    own(owner, octets(value.length));
    System.arraycopy(value, 0, chunk, start + VALUE, value.length);
    slots[at] = (long) hash << 32 | set;
    if (++size * 2 > slots.length) {
      rehash(2 * slots.length);
    }
    remember(set, attributes);
    return set;
  }

  /** One use more of a set that is in use. */
  int acquire(int set) {
    byte[] chunk = chunk(set);
    int at = start(set) + USES;
    int uses = (int) INT.get(chunk, at);
    assert uses > 0;
    INT.set(chunk, at, uses + 1);
    return set;
  }

  /** One use less. */
  void release(int set) {
    byte[] chunk = chunk(set);
    int at = start(set);
    int uses = (int) INT.get(chunk, at + USES) - 1;
    assert uses >= 0;
    INT.set(chunk, at + USES, uses);
    if (uses == 0) {
      remove(set, chunk, at);
    }
  }

  /** What tells a set from others that had or will have its place. Only of one in use. */
  int serial(int set) {
    return (int) INT.get(chunk(set), start(set) + SERIAL);
  }

  /** Whether that set, of this {@link #epoch}, is in use still. */
  boolean isInUse(int set, int serial) {
    return serial(set) == serial;
  }

  PathAttributes attributes(int set) {
    int at = recentAt(set);
    if (recentSets != null && recentSets[at] == set) {
      PathAttributes known = recent[at];
      if (known != null) {
        return known;
      }
    }
    byte[] chunk = chunk(set);
    int start = start(set) + VALUE;
    PathAttributes made =
        PackedAttributes.unpack(chunk, start, start + (int) INT.get(chunk, start - VALUE + LENGTH));
    remember(set, made);
    return made;
  }

  long localPref(int set) {
    return PackedAttributes.localPref(chunk(set), start(set) + VALUE, DEFAULT_LOCAL_PREF);
  }

  /** Absent is best, RFC 4271 §9.1.2.2 c. */
  long med(int set) {
    return PackedAttributes.med(chunk(set), start(set) + VALUE);
  }

  long neighbourAs(int set) {
    return PackedAttributes.neighbourAs(chunk(set), start(set) + VALUE);
  }

  int asPathLength(int set) {
    return PackedAttributes.asPathLength(chunk(set), start(set) + VALUE);
  }

  int clusterListLength(int set) {
    return PackedAttributes.clusterListLength(chunk(set), start(set) + VALUE);
  }

  Origin origin(int set) {
    return PackedAttributes.origin(chunk(set), start(set) + VALUE);
  }

  /** Lower is preferred. */
  int originCode(int set) {
    return PackedAttributes.originCode(chunk(set), start(set) + VALUE);
  }

  boolean isLongLivedStale(int set) {
    return PackedAttributes.isLongLivedStale(chunk(set), start(set) + VALUE);
  }

  /** RFC 4456 §9: the ORIGINATOR_ID stands for the identifier of the peer that reflected it. */
  int bgpId(int set, Source from) {
    byte[] chunk = chunk(set);
    int at = start(set) + VALUE;
    return PackedAttributes.hasOriginatorId(chunk, at)
        ? PackedAttributes.originatorId(chunk, at)
        : from.bgpId();
  }

  IpAddress nextHop(int set) {
    return PackedAttributes.nextHop(chunk(set), start(set) + VALUE);
  }

  private byte[] chunk(int set) {
    return chunks[set >>> CHUNK_BITS];
  }

  private static int start(int set) {
    return (set & IN_CHUNK) << UNIT_BITS;
  }

  private boolean has(int set, byte[] value) {
    byte[] chunk = chunk(set);
    int start = start(set);
    return (int) INT.get(chunk, start + LENGTH) == value.length
        && Arrays.equals(
            chunk, start + VALUE, start + VALUE + value.length, value, 0, value.length);
  }

  private static int recentAt(int set) {
    return set * 0x9e3779b9 >>> 32 - RECENT_BITS;
  }

  /** Who was just read or made is asked for soon; this is not what keeps it. */
  private void remember(int set, PathAttributes attributes) {
    int[] sets = recentSets;
    if (sets == null) {
      sets = new int[1 << RECENT_BITS];
      recentSets = sets;
      recent = new PathAttributes[1 << RECENT_BITS];
    }
    if (attributes.packed().octets().length <= RECENT_LARGEST) {
      int at = recentAt(set);
      sets[at] = set;
      recent[at] = attributes;
    }
  }

  private void remove(int set, byte[] chunk, int start) {
    int hash = (int) INT.get(chunk, start + HASH);
    int length = (int) INT.get(chunk, start + LENGTH);
    unlink((long) hash << 32 | set);
    INT.set(chunk, start + SERIAL, 0);
    int sizeClass = sizeClass(length);
    used -= octets(length);
    own((int) INT.get(chunk, start + OWNER), -octets(length));
    INT.set(chunk, start + USES, free[sizeClass]);
    free[sizeClass] = set;
    int at = recentAt(set);
    if (recentSets != null && recentSets[at] == set) {
      recentSets[at] = NONE;
      recent[at] = null;
    }
    if (--size == 0) {
      clear();
    }
  }

  private void unlink(long slot) {
    int mask = slots.length - 1;
    int at = (int) (slot >>> 32) & mask;
    while (slots[at] != slot) {
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
  }

  /** Nothing is in use: all room is given back but for one array. */
  private void clear() {
    chunks = chunkCount == 0 ? chunks : new byte[][] {chunks[0]};
    chunkCount = chunks.length;
    givenBack += room;
    room = chunkCount == 0 ? 0 : chunks[0].length;
    givenBack -= room;
    slots = new long[LEAST_PLACES];
    forget();
  }

  /** No place is any longer what it was. */
  private void forget() {
    nextUnit = 1;
    Arrays.fill(free, NONE);
    recentSets = null;
    recent = new PathAttributes[0];
    epoch++;
  }

  /** Exact up to {@link #EXACT_UNITS}, then powers of two. */
  private static int sizeClass(int length) {
    int units = VALUE + length + 7 >> UNIT_BITS;
    return units <= EXACT_UNITS
        ? units
        : EXACT_UNITS + 32 - Integer.numberOfLeadingZeros(units - 1);
  }

  private static int units(int sizeClass) {
    return sizeClass <= EXACT_UNITS ? sizeClass : 1 << sizeClass - EXACT_UNITS;
  }

  /** What a value of that length occupies. */
  private static long octets(int length) {
    return (long) units(sizeClass(length)) << UNIT_BITS;
  }

  private void own(int slot, long octets) {
    if (slot >= owned.length) {
      owned = Arrays.copyOf(owned, Math.max(slot + 1, 2 * owned.length));
    }
    owned[slot] += octets;
  }

  /** Room for a value of that length. */
  private int place(int length) {
    int sizeClass = sizeClass(length);
    used += octets(length);
    int set = free[sizeClass];
    if (set != NONE) {
      free[sizeClass] = (int) INT.get(chunk(set), start(set) + USES);
      return set;
    }
    int units = units(sizeClass);
    int octets = units << UNIT_BITS;
    if (chunkCount == 0 || (nextUnit << UNIT_BITS) + octets > CHUNK) {
      if (chunkCount == chunks.length) {
        chunks = Arrays.copyOf(chunks, Math.max(4, 2 * chunkCount));
      }
      nextUnit = chunkCount == 0 ? 1 : 0; // the first unit of all is no set
      byte[] chunk = new byte[Math.max(CHUNK, (nextUnit << UNIT_BITS) + octets)];
      chunks[chunkCount++] = chunk;
      room += chunk.length;
    }
    set = chunkCount - 1 << CHUNK_BITS | nextUnit;
    nextUnit = Math.min(nextUnit + units, CHUNK >> UNIT_BITS);
    return set;
  }

  private void rehash(int capacity) {
    long[] old = slots;
    slots = new long[capacity];
    int mask = capacity - 1;
    for (long slot : old) {
      if (slot != 0) {
        int at = (int) (slot >>> 32) & mask;
        while (slots[at] != 0) {
          at = at + 1 & mask;
        }
        slots[at] = slot;
      }
    }
  }
}
