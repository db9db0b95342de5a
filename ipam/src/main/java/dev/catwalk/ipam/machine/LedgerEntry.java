package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;

/**
 * What a {@link Ledger} is made of: its state is that of its entries, one after the other, and the
 * node keeps them on disk.
 */
public sealed interface LedgerEntry {
  int VERSION = 1;

  Prefix block();

  /** The block is this node's from here on, and empty. */
  record Taken(Prefix block, long claimedAt) implements LedgerEntry {}

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
   */
  record Image(
      Prefix block,
      long claimedAt,
      long sequence,
      List<Allocation> held,
      List<IpAddress> freeOrder,
      List<Change> pending)
      implements LedgerEntry {
    public Image {
      held = List.copyOf(held);
      freeOrder = List.copyOf(freeOrder);
      pending = List.copyOf(pending);
    }
  }

  default byte[] encode() {
    Sink out = new Sink(128).u8(VERSION);
    switch (this) {
      case Taken e -> out.u8(1).prefix(e.block()).u64(e.claimedAt());
      case Lost e -> out.u8(2).prefix(e.block());
      case Changed e -> out.u8(3).prefix(e.block()).u64(e.sequence()).change(e.change());
      case Image e -> {
        out.u8(4).prefix(e.block()).u64(e.claimedAt()).u64(e.sequence());
        out.u32(e.held().size());
        e.held().forEach(out::allocation);
        out.u32(e.freeOrder().size());
        e.freeOrder().forEach(out::ip);
        out.u32(e.pending().size());
        e.pending().forEach(out::change);
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
      case 4 ->
        new Image(
            in.prefix(),
            in.u64(),
            in.u64(),
            in.list(in::allocation),
            in.list(in::ip),
            in.list(in::change));
      case 5 -> new Giving(in.prefix());
      case 6 -> new GivenBack(in.prefix(), in.u64());
      case 7 -> new Resting(in.prefix(), in.ip(), in.u64());
      default -> throw new IllegalArgumentException("ledger entry " + kind + " is unknown");
    };
    in.end();
    return entry;
  }
}
