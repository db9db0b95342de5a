package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a {@link Ledger} is made of: its state is that of its entries, one after the other, and the
 * node keeps them on disk.
 */
public sealed interface LedgerEntry {
  int VERSION = 1;

  Prefix block();

  /**
   * The block is this node's from here on, and empty.
   *
   * @param apart what an earlier owner has set apart
   */
  record Taken(Prefix block, long claimedAt, List<IpAddress> apart) implements LedgerEntry {
    public Taken {
      apart = List.copyOf(apart);
    }

    /** With nothing apart. */
    public Taken(Prefix block, long claimedAt) {
      this(block, claimedAt, List.of());
    }
  }

  /** The block is not this node's any more; all in it is forgotten. */
  record Lost(Prefix block) implements LedgerEntry {}

  /** Nothing more is handed out of the block, which is empty: the store is told to take it back. */
  record Giving(Prefix block) implements LedgerEntry {}

  /**
   * The store has taken the block back: an older word of it that the claim of {@code claimedAt} is
   * this node's means nothing any more.
   */
  record GivenBack(Prefix block, long claimedAt) implements LedgerEntry {}

  /** A free address rests since {@code atMs}, milliseconds since 1970. */
  record Resting(Prefix block, IpAddress ip, long atMs) implements LedgerEntry {}

  /** One change in a block; each block counts its own from 1. */
  record Changed(Prefix block, long sequence, Change change) implements LedgerEntry {}

  /**
   * All of a block at once, in the place of the entries before it.
   *
   * @param sequence of the last change in it
   * @param held in address order
   * @param freeOrder next to be given first
   * @param pending the last changes, which the store has not acknowledged
   * @param apart what is set apart, and the change that did it
   */
  record Image(
      Prefix block,
      long claimedAt,
      long sequence,
      List<Allocation> held,
      List<IpAddress> freeOrder,
      List<Change> pending,
      SortedMap<IpAddress, Long> apart)
      implements LedgerEntry {
    public Image {
      apart = Collections.unmodifiableSortedMap(new TreeMap<>(apart));
      held = List.copyOf(held);
      freeOrder = List.copyOf(freeOrder);
      pending = List.copyOf(pending);
    }
  }

  default byte[] encode() {
    Sink out = new Sink(128).u8(VERSION);
    switch (this) {
      case Taken e -> {
        out.u8(e.apart().isEmpty() ? 1 : 8).prefix(e.block()).u64(e.claimedAt());
        if (!e.apart().isEmpty()) {
          out.u32(e.apart().size());
          e.apart().forEach(out::ip);
        }
      }
      case Lost e -> out.u8(2).prefix(e.block());
      case Changed e -> out.u8(3).prefix(e.block()).u64(e.sequence()).change(e.change());
      case Image e -> {
        boolean whole = e.apart().isEmpty();
        out.u8(whole ? 4 : 9).prefix(e.block()).u64(e.claimedAt()).u64(e.sequence());
        out.u32(e.held().size());
        e.held().forEach(out::allocation);
        out.u32(e.freeOrder().size());
        e.freeOrder().forEach(out::ip);
        out.u32(e.pending().size());
        e.pending().forEach(out::change);
        if (!whole) {
          out.u32(e.apart().size());
          e.apart().forEach((ip, by) -> out.ip(ip).u64(by));
        }
      }
      case Giving e -> out.u8(5).prefix(e.block());
      case GivenBack e -> out.u8(6).prefix(e.block()).u64(e.claimedAt());
      case Resting e -> out.u8(7).prefix(e.block()).ip(e.ip()).u64(e.atMs());
    }
    return out.bytes();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException naming the place
   */
  static LedgerEntry decode(byte[] bytes) {
    Source in = new Source(bytes);
    in.version(VERSION, "ledger entry");
    int kind = in.u8();
    LedgerEntry entry = switch (kind) {
      case 1 -> new Taken(in.prefix(), in.u64());
      case 2 -> new Lost(in.prefix());
      case 3 -> new Changed(in.prefix(), in.u64(), in.change());
      case 4 -> image(in, false);
      case 9 -> image(in, true);
      case 8 -> new Taken(in.prefix(), in.u64(), in.list(in::ip));
      case 5 -> new Giving(in.prefix());
      case 6 -> new GivenBack(in.prefix(), in.u64());
      case 7 -> new Resting(in.prefix(), in.ip(), in.u64());
      default -> throw new IllegalArgumentException("ledger entry " + kind + " is unknown");
    };
    in.end();
    return entry;
  }

  private static Image image(Source in, boolean withApart) {
    Prefix block = in.prefix();
    long claimedAt = in.u64();
    long sequence = in.u64();
    List<Allocation> held = in.list(in::allocation);
    List<IpAddress> freeOrder = in.list(in::ip);
    List<Change> pending = in.list(in::change);
    TreeMap<IpAddress, Long> apart = new TreeMap<>();
    if (withApart) {
      in.list(() -> {
        IpAddress ip = in.ip();
        apart.put(ip, in.u64());
        return ip;
      });
    }
    return new Image(block, claimedAt, sequence, held, freeOrder, pending, apart);
  }
}
