package dev.catwalk.bgp.wire;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collection;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/**
 * Prefixes of one family, packed, each with a path identifier where the session has those. As a list it makes a {@link Prefix} at each {@link #get}; who must
 * be fast asks for the numbers: {@link #high}, {@link #low}, {@link #length}. Immutable.
 */
public final class Nlri extends AbstractList<Prefix> implements RandomAccess {
  private static final Nlri NONE_V4 = new Builder(Family.IPV4).build();
  private static final Nlri NONE_V6 = new Builder(Family.IPV6).build();

  private final Family family;
  private final int size;
  private final long[] bits; // IPv4: one for each prefix; IPv6: high, low
  private final byte[] lengths;
  private final int @Nullable [] pathIds;

  private Nlri(Family family, int size, long[] bits, byte[] lengths, int @Nullable [] pathIds) {
    this.family = family;
    this.size = size;
    this.bits = bits;
    this.lengths = lengths;
    this.pathIds = pathIds;
  }

  public static Nlri none(Family family) {
    return switch (family) {
      case IPV4 -> NONE_V4;
      case IPV6 -> NONE_V6;
    };
  }

  /** All {@code prefixes}, which must be of {@code family}. */
  public static Nlri of(Family family, Collection<Prefix> prefixes) {
    Builder builder = new Builder(family);
    for (Prefix prefix : prefixes) {
      builder.add(prefix);
    }
    return builder.build();
  }

  /** At least one, all of one family. */
  public static Nlri of(Prefix first, Prefix... more) {
    Builder builder = new Builder(first.family()).add(first);
    for (Prefix prefix : more) {
      builder.add(prefix);
    }
    return builder.build();
  }

  public Family family() {
    return family;
  }

  /** The upper 64 bits of an IPv6 prefix; 0 for IPv4. */
  public long high(int index) {
    return family == Family.IPV4 ? 0 : bits[2 * index];
  }

  /** The lower 64 bits of an IPv6 prefix, or the 32 bits of an IPv4 one. */
  public long low(int index) {
    return family == Family.IPV4 ? bits[index] : bits[2 * index + 1];
  }

  /** Prefix length in bits. */
  public int length(int index) {
    return lengths[index] & 0xff;
  }

  /** Path identifier, RFC 7911 §3: any 32 bits; 0 where there is none. */
  public int pathId(int index) {
    return pathIds == null ? 0 : pathIds[index];
  }

  @Override
  public Prefix get(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(index);
    }
    return new Prefix(new IpAddress(family, high(index), low(index)), length(index));
  }

  @Override
  public int size() {
    return size;
  }

  /** Collects prefixes of one family. */
  public static final class Builder {
    private final Family family;
    private final int width;
    private long[] bits;
    private byte[] lengths;
    private int @Nullable [] pathIds; // since the first one that is not 0
    private int size;

    public Builder(Family family) {
      this.family = family;
      this.width = family == Family.IPV4 ? 1 : 2;
      this.bits = new long[8 * width];
      this.lengths = new byte[8];
    }

    public Builder add(Prefix prefix) {
      assert prefix.family() == family : prefix;
      return add(prefix.address().high(), prefix.address().low(), prefix.length());
    }

    /** As below, with {@link Nlri#pathId}. */
    public Builder add(int pathId, long high, long low, int length) {
      int[] ids = pathIds;
      if (pathId != 0 && ids == null) {
        ids = new int[lengths.length];
        pathIds = ids;
      }
      add(high, low, length);
      ids = pathIds; // it may have grown
      if (ids != null) {
        ids[size - 1] = pathId;
      }
      return this;
    }

    /** As {@link Nlri#high}, {@link Nlri#low} and {@link Nlri#length} give them: masked. */
    public Builder add(long high, long low, int length) {
      if (size == lengths.length) {
        bits = Arrays.copyOf(bits, 2 * bits.length);
        lengths = Arrays.copyOf(lengths, 2 * size);
        pathIds = pathIds == null ? null : Arrays.copyOf(pathIds, 2 * size);
      }
      if (width == 1) {
        bits[size] = low;
      } else {
        bits[2 * size] = high;
        bits[2 * size + 1] = low;
      }
      lengths[size++] = (byte) length;
      return this;
    }

    public int size() {
      return size;
    }

    /** May be called once. */
    public Nlri build() {
      return new Nlri(family, size, bits, lengths, pathIds);
    }
  }
}
