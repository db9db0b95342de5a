package dev.catwalk.ipam.model;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.tree.SortedTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of addresses, at one revision. Immutable; each successor costs O(log n). Pools
 * do not overlap and neither do blocks, so an address is in one block at most and is recorded there
 * once at most.
 *
 * <p>The {@code with} verbs keep the parts consistent but decide nothing: what may happen is decided
 * in {@code ipam.machine}.
 */
public final class IpamState {
  private static final IpamState EMPTY =
      new IpamState(SortedTree.empty(), SortedTree.empty(), SortedTree.empty(), Index.EMPTY);

  private final SortedTree<String, Pool> pools;
  private final SortedTree<String, Registration> nodes;
  private final SortedTree<Prefix, Block> blocks;
  private final Index index;

  private IpamState(
      SortedTree<String, Pool> pools,
      SortedTree<String, Registration> nodes,
      SortedTree<Prefix, Block> blocks,
      Index index) {
    this.pools = pools;
    this.nodes = nodes;
    this.blocks = blocks;
    this.index = index;
  }

  public static IpamState empty() {
    return EMPTY;
  }

  /** Pools by name. */
  public SortedTree<String, Pool> pools() {
    return pools;
  }

  /** Which life of each node counts, by the node's name. */
  public SortedTree<String, Registration> nodes() {
    return nodes;
  }

  /** Claimed blocks, in address order. */
  public SortedTree<Prefix, Block> blocks() {
    return blocks;
  }

  /** The pool that {@code prefix} is inside of, if there is one. */
  public @Nullable Pool poolAround(Prefix prefix) {
    Map.Entry<Prefix, String> below = index.pools().floor(prefix);
    return below != null && below.getKey().contains(prefix) ? pools.get(below.getValue()) : null;
  }

  /** A pool that shares addresses with {@code prefix}, if there is one. */
  public @Nullable Pool poolOverlapping(Prefix prefix) {
    Pool around = poolAround(prefix);
    if (around != null) {
      return around;
    }
    Map.Entry<Prefix, String> inside = index.pools().ceiling(prefix);
    return inside != null && prefix.contains(inside.getKey()) ? pools.get(inside.getValue()) : null;
  }

  /** Whether a block of this pool is claimed. */
  public boolean hasBlocks(Pool pool) {
    Map.Entry<Prefix, Block> first = blocks.ceiling(pool.cidr());
    return first != null && pool.cidr().contains(first.getKey());
  }

  /** The lowest block of a pool that nobody has, if there is one. */
  public @Nullable Prefix lowestFreeBlock(Pool pool) {
    FreeRanges free = index.free().get(pool.name());
    long lowest = free == null ? -1 : free.lowest();
    return lowest < 0 ? null : pool.blockAt(lowest);
  }

  /** How many blocks of a pool nobody has. */
  public long freeBlocks(Pool pool) {
    FreeRanges free = index.free().get(pool.name());
    return free == null ? 0 : free.size();
  }

  /** The claimed block that {@code ip} is in, if there is one. */
  public @Nullable Block blockAround(IpAddress ip) {
    Map.Entry<Prefix, Block> below = blocks.floor(ip.asPrefix());
    return below != null && below.getKey().contains(ip) ? below.getValue() : null;
  }

  /** The blocks of one life of a node, in address order. */
  public List<Block> blocksOf(NodeEpoch owner) {
    List<Block> found = new ArrayList<>();
    SortedTree<Prefix, Boolean> own = index.owners().get(owner);
    if (own != null) {
      for (Prefix cidr : own.keys()) {
        found.add(block(cidr));
      }
    }
    return found;
  }

  /** The block that this request was given, if its owner still has it. */
  public @Nullable Block blockOfRequest(NodeEpoch owner, long requestId) {
    Prefix cidr = index.requests().get(new Index.Request(owner, requestId));
    return cidr == null ? null : blocks.get(cidr);
  }

  /** Who is recorded as holding {@code ip}, if anybody is. */
  public @Nullable Held holderOf(IpAddress ip) {
    Block block = blockAround(ip);
    return block == null ? null : block.allocations().get(ip);
  }

  /** What is recorded for this handle, in address order. */
  public List<Held> heldBy(Handle handle) {
    List<Held> found = new ArrayList<>();
    SortedTree<IpAddress, Prefix> places = index.handles().get(handle);
    if (places != null) {
      for (Map.Entry<IpAddress, Prefix> place : places) {
        found.add(
            Objects.requireNonNull(block(place.getValue()).allocations().get(place.getKey())));
      }
    }
    return found;
  }

  /** With a pool that overlaps no other and has a name of its own. */
  public IpamState withPool(Pool pool) {
    assert poolOverlapping(pool.cidr()) == null && !pools.containsKey(pool.name()) : pool;
    return new IpamState(pools.put(pool.name(), pool), nodes, blocks, index.withPool(pool));
  }

  /** Without a pool of which no block is claimed. */
  public IpamState withoutPool(Pool pool) {
    assert !hasBlocks(pool) : pool;
    return new IpamState(pools.remove(pool.name()), nodes, blocks, index.withoutPool(pool));
  }

  /** With other values of a pool; each of its claimed blocks is one of the changed pool too. */
  public IpamState withPoolChanged(Pool before, Pool after) {
    assert after.name().equals(before.name()) : after;
    return new IpamState(
        pools.put(after.name(), after),
        nodes,
        blocks,
        index.withChanged(before, after, claimedIn(before)));
  }

  /** With these pools in the place of one; each of its blocks is a block of one of them. */
  public IpamState withPoolSplit(Pool whole, List<Pool> parts) {
    List<Prefix> claimed = claimedIn(whole);
    SortedTree<String, Pool> nextPools = pools.remove(whole.name());
    SortedTree<Prefix, Block> nextBlocks = blocks;
    Index next = index.withoutPool(whole);
    int at = 0;
    for (Pool part : parts) {
      int from = at;
      while (at < claimed.size() && part.hasBlock(claimed.get(at))) {
        Prefix cidr = claimed.get(at++);
        nextBlocks = nextBlocks.put(cidr, block(cidr).of(part.name()));
      }
      nextPools = nextPools.put(part.name(), part);
      next = next.withPool(part).withChanged(part, part, claimed.subList(from, at));
    }
    assert at == claimed.size() : whole;
    return new IpamState(nextPools, nodes, nextBlocks, next);
  }

  /** The claimed blocks inside of a pool, in address order. */
  public List<Prefix> claimedIn(Pool pool) {
    List<Prefix> found = new ArrayList<>();
    for (Map.Entry<Prefix, Block> entry : blocks.from(pool.cidr())) {
      if (!pool.cidr().contains(entry.getKey())) {
        break;
      }
      found.add(entry.getKey());
    }
    return found;
  }

  public IpamState withNode(Registration node) {
    return new IpamState(pools, nodes.put(node.current().node(), node), blocks, index);
  }

  /** With a block of a pool that is here, where no block was; its content comes with it. */
  public IpamState withBlock(Block block) {
    assert !blocks.containsKey(block.cidr()) : block;
    Index next = index.withBlock(pool(block), block);
    for (Held held : block.allocations().values()) {
      Allocation a = held.allocation();
      next = next.withHeld(a.handle(), a.ip(), block.cidr());
    }
    return new IpamState(pools, nodes, blocks.put(block.cidr(), block), next);
  }

  /** Without a block; what is recorded in it is forgotten with it. */
  public IpamState withoutBlock(Prefix cidr) {
    Block block = block(cidr);
    Index next = index;
    for (Held held : block.allocations().values()) {
      next = next.withoutHeld(held.allocation().handle(), held.allocation().ip());
    }
    return new IpamState(pools, nodes, blocks.remove(cidr), next.withoutBlock(pool(block), block));
  }

  /** With an address of a block that is here, held by nobody until now. */
  public IpamState withHeld(Prefix cidr, Held held) {
    Block block = block(cidr);
    Allocation a = held.allocation();
    assert Block.isUsable(cidr, a.ip()) && !block.allocations().containsKey(a.ip()) : a;
    Block next = block.with(block.recorded(), block.allocations().put(a.ip(), held));
    return new IpamState(
        pools, nodes, blocks.put(cidr, next), index.withHeld(a.handle(), a.ip(), cidr));
  }

  /** Without an address of a block that is here, which somebody holds. */
  public IpamState withoutHeld(Prefix cidr, IpAddress ip) {
    Block block = block(cidr);
    Handle handle =
        Objects.requireNonNull(block.allocations().get(ip)).allocation().handle();
    Block next = block.with(block.recorded(), block.allocations().remove(ip));
    return new IpamState(pools, nodes, blocks.put(cidr, next), index.withoutHeld(handle, ip));
  }

  /** With the changes of a block's owner up to {@code sequence} recorded. */
  public IpamState withRecorded(Prefix cidr, long sequence) {
    Block block = block(cidr);
    return new IpamState(
        pools, nodes, blocks.put(cidr, block.with(sequence, block.allocations())), index);
  }

  private Block block(Prefix cidr) {
    return Objects.requireNonNull(blocks.get(cidr), "a block that is not here");
  }

  private Pool pool(Block block) {
    return Objects.requireNonNull(pools.get(block.pool()), "a pool that is not here");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IpamState state
        && pools.equals(state.pools)
        && nodes.equals(state.nodes)
        && blocks.equals(state.blocks);
  }

  @Override
  public int hashCode() {
    return Objects.hash(pools, nodes, blocks);
  }

  @Override
  public String toString() {
    return pools.size() + " pools, " + nodes.size() + " nodes, " + blocks.size() + " blocks";
  }
}
