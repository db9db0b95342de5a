package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.LedgerEntry.Changed;
import dev.catwalk.ipam.machine.LedgerEntry.GivenBack;
import dev.catwalk.ipam.machine.LedgerEntry.Giving;
import dev.catwalk.ipam.machine.LedgerEntry.Image;
import dev.catwalk.ipam.machine.LedgerEntry.Lost;
import dev.catwalk.ipam.machine.LedgerEntry.Resting;
import dev.catwalk.ipam.machine.LedgerEntry.Taken;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** The blocks of a ledger, those of now and those that were: what its entries on disk make. */
final class OwnBlocks {
  private final TreeMap<Prefix, OwnBlock> blocks = new TreeMap<>();

  /** Blocks that were ours, with their last claim: an older word of the store does not count. */
  private final TreeMap<Prefix, Long> former = new TreeMap<>();

  /** In address order; blocks may be lost meanwhile. */
  Collection<OwnBlock> all() {
    return blocks.values();
  }

  List<Prefix> names() {
    return new ArrayList<>(blocks.keySet());
  }

  @Nullable
  OwnBlock get(Prefix block) {
    return blocks.get(block);
  }

  void put(OwnBlock own) {
    blocks.put(own.cidr(), own);
  }

  @Nullable
  OwnBlock around(IpAddress ip) {
    Map.Entry<Prefix, OwnBlock> below = blocks.floorEntry(ip.asPrefix());
    while (below != null && below.getKey().isHost() && !below.getKey().contains(ip)) {
      below = blocks.lowerEntry(below.getKey()); // set apart from a block that may be own too
    }
    return below != null && below.getKey().contains(ip) ? below.getValue() : null;
  }

  /** The last claim of a block that was ours, if it was and the store may not know its end. */
  @Nullable
  Long ended(Prefix block) {
    return former.get(block);
  }

  void forget(BiPredicate<Prefix, Long> known) {
    former.entrySet().removeIf(f -> known.test(f.getKey(), f.getValue()));
  }

  List<LedgerEntry> lose(Prefix block) {
    OwnBlock own = blocks.remove(block);
    if (own == null) {
      return List.of();
    }
    former.put(block, own.claimedAt);
    return List.of(own.isGiving() ? new GivenBack(block, own.claimedAt) : new Lost(block));
  }

  /** @throws IllegalArgumentException if it cannot follow on those before it */
  void replay(LedgerEntry entry) {
    switch (entry) {
      case Taken e -> {
        OwnBlock own = new OwnBlock(e.block(), e.claimedAt()).fromDisk();
        e.apart().forEach(ip -> own.addresses.setApart(ip, 0));
        put(own);
      }
      case Lost e -> lose(e.block());
      case GivenBack e -> {
        blocks.remove(e.block());
        former.put(e.block(), e.claimedAt());
      }
      case Image e -> put(new OwnBlock(e).fromDisk());
      case Giving e -> own(e).givingOnDisk();
      case Resting e -> own(e).addresses.releasedAt(e.ip(), e.atMs());
      case Changed e -> own(e).replay(e);
    }
  }

  private OwnBlock own(LedgerEntry entry) {
    OwnBlock own = blocks.get(entry.block());
    if (own == null) {
      throw new IllegalArgumentException("a change in " + entry.block() + ", which is not ours");
    }
    return own;
  }

  List<LedgerEntry> image() {
    List<LedgerEntry> all = new ArrayList<>();
    blocks.values().forEach(own -> all.addAll(own.image()));
    former.forEach((block, claimedAt) -> {
      if (!blocks.containsKey(block)) {
        all.add(new GivenBack(block, claimedAt));
      }
    });
    return all;
  }

  void onDisk(LedgerEntry entry) {
    OwnBlock own = blocks.get(entry.block());
    if (own != null) {
      own.onDisk(entry);
    }
  }

  @Override
  public String toString() {
    return blocks.isEmpty()
        ? "none"
        : String.join(", ", blocks.keySet().stream().map(Prefix::toString).toList());
  }
}
