package dev.catwalk.ipam.model;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.tree.SortedTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of addresses, at one revision. Immutable; each successor costs O(log n). Pools
 * do not overlap and neither do blocks, so an address is in one block at most and is recorded there
 * once at most. An address that the owner of its block has set apart is a block by itself as long as
 * some node has it, and is of that block alone.
 *
 * <p>The {@code with} verbs keep the parts consistent but decide nothing: what may happen is decided
 * in {@code ipam.machine}.
 */
public final class IpamState {
  private static final IpamState EMPTY = new IpamState(
      SortedTree.empty(), SortedTree.empty(), SortedTree.empty(), Apart.EMPTY, Index.EMPTY);

  private final SortedTree<String, Pool> pools;
  private final SortedTree<String, Registration> nodes;
  private final SortedTree<Prefix, Block> blocks;
  private final Apart apart;
  private final Index index;

  private IpamState(
      SortedTree<String, Pool> pools,
      SortedTree<String, Registration> nodes,
      SortedTree<Prefix, Block> blocks,
      Apart apart,
      Index index) {
    this.pools = pools;
    this.nodes = nodes;
    this.blocks = blocks;
    this.apart = apart;
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

  /** Claimed blocks, in address order; not what was set apart in them. */
  public SortedTree<Prefix, Block> blocks() {
    return blocks;
  }

  /** What is set apart and some node has: blocks of one address, in address order. */
  public SortedTree<Prefix, Block> singles() {
    return apart.singles();
  }

  /** Which address is kept for whom. */
  public SortedTree<StickyName, IpAddress> names() {
    return apart.names();
  }

  /** Whom an address is kept for; null if for nobody. */
  public @Nullable StickyName nameOf(IpAddress ip) {
    return index.kept().get(ip);
  }

  /** What is asked of the owners of blocks. */
  public SortedTree<Ask.Asker, Ask> asks() {
    return apart.asks();
  }

  /** The block of this range that some node has, be it one of a pool or set apart in one. */
  public @Nullable Block block(Prefix cidr) {
    Block single = apart.singles().get(cidr);
    return single == null ? blocks.get(cidr) : single;
  }

  /** Whether an address is set apart: some node has it for itself, or it is kept for a name. */
  public boolean isApart(IpAddress ip) {
    return apart.singles().containsKey(ip.asPrefix()) || index.kept().containsKey(ip);
  }

  /** What is set apart in a block of a pool, in address order. */
  public List<IpAddress> apartIn(Prefix cidr) {
    TreeSet<IpAddress> found = new TreeSet<>();
    if (blocks.containsKey(cidr)) {
      for (Map.Entry<Prefix, Block> single : apart.singles().from(cidr)) {
        if (!cidr.contains(single.getKey())) {
          break;
        }
        found.add(single.getKey().address());
      }
      for (Map.Entry<IpAddress, StickyName> one : index.kept().from(cidr.address())) {
        if (!cidr.contains(one.getKey())) {
          break;
        }
        found.add(one.getKey());
      }
    }
    return new ArrayList<>(found);
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

  /** The claimed block that {@code ip} is in, if there is one: of what is apart that alone. */
  public @Nullable Block blockAround(IpAddress ip) {
    Block single = apart.singles().get(ip.asPrefix());
    if (single != null) {
      return single;
    }
    Map.Entry<Prefix, Block> below = blocks.floor(ip.asPrefix());
    return below != null && below.getKey().contains(ip) ? below.getValue() : null;
  }

  /** The blocks of one life of a node, in address order. */
  public List<Block> blocksOf(NodeEpoch owner) {
    List<Block> found = new ArrayList<>();
    SortedTree<Prefix, Boolean> own = index.owners().get(owner);
    if (own != null) {
      for (Prefix cidr : own.keys()) {
        found.add(known(cidr));
      }
    }
    return found;
  }

  /** The block that this request was given, if its owner still has it. */
  public @Nullable Block blockOfRequest(NodeEpoch owner, long requestId) {
    Prefix cidr = index.requests().get(new Index.Request(owner, requestId));
    return cidr == null ? null : block(cidr);
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
            Objects.requireNonNull(known(place.getValue()).allocations().get(place.getKey())));
      }
    }
    return found;
  }

  /** With a pool that overlaps no other and has a name of its own. */
  public IpamState withPool(Pool pool) {
    assert poolOverlapping(pool.cidr()) == null && !pools.containsKey(pool.name()) : pool;
    return new IpamState(pools.put(pool.name(), pool), nodes, blocks, apart, index.withPool(pool));
  }

  /** Without a pool of which no block is claimed. */
  public IpamState withoutPool(Pool pool) {
    assert !hasBlocks(pool) : pool;
    return new IpamState(pools.remove(pool.name()), nodes, blocks, apart, index.withoutPool(pool));
  }

  /** With other values of a pool; each of its claimed blocks is one of the changed pool too. */
  public IpamState withPoolChanged(Pool before, Pool after) {
    assert after.name().equals(before.name()) : after;
    return new IpamState(
        pools.put(after.name(), after),
        nodes,
        blocks,
        apart,
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
        nextBlocks = nextBlocks.put(cidr, known(cidr).of(part.name()));
      }
      nextPools = nextPools.put(part.name(), part);
      next = next.withPool(part).withChanged(part, part, claimed.subList(from, at));
    }
    assert at == claimed.size() : whole;
    return new IpamState(nextPools, nodes, nextBlocks, apart.split(parts), next);
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
    return new IpamState(pools, nodes.put(node.current().node(), node), blocks, apart, index);
  }

  /** With a block of a pool that is here, where no block was; its content comes with it. */
  public IpamState withBlock(Block block) {
    assert !blocks.containsKey(block.cidr()) : block;
    Index next = withContent(block, index.withBlock(pool(block), block));
    return new IpamState(pools, nodes, blocks.put(block.cidr(), block), apart, next);
  }

  /** With an address that is a block by itself now; its content comes with it. */
  public IpamState withSingle(Block single) {
    assert single.cidr().isHost() && !apart.singles().containsKey(single.cidr()) : single;
    Index next = withContent(single, index.withOwner(single));
    return new IpamState(pools, nodes, blocks, apart.with(single), next);
  }

  private static Index withContent(Block block, Index index) {
    Index next = index;
    for (Held held : block.allocations().values()) {
      Allocation a = held.allocation();
      next = next.withHeld(a.handle(), a.ip(), block.cidr());
    }
    return next;
  }

  /** Without a block, be it set apart or not; what is recorded in it is forgotten with it. */
  public IpamState withoutBlock(Prefix cidr) {
    Block block = known(cidr);
    Index next = index;
    for (Held held : block.allocations().values()) {
      next = next.withoutHeld(held.allocation().handle(), held.allocation().ip());
    }
    return apart.singles().containsKey(cidr)
        ? new IpamState(pools, nodes, blocks, apart.without(cidr), next.withoutOwner(block))
        : new IpamState(
            pools, nodes, blocks.remove(cidr), apart, next.withoutBlock(pool(block), block));
  }

  /** With an address that is kept for a name which has none. */
  public IpamState withName(StickyName name, IpAddress ip) {
    assert !apart.names().containsKey(name) && !index.kept().containsKey(ip) : name;
    return new IpamState(pools, nodes, blocks, apart.with(name, ip), index.withKept(ip, name));
  }

  /** With no address kept for a name. */
  public IpamState withoutName(StickyName name) {
    IpAddress ip = Objects.requireNonNull(apart.names().get(name));
    return new IpamState(pools, nodes, blocks, apart.without(name), index.withoutKept(ip));
  }

  /** With what somebody asks, in the place of what it asked before. */
  public IpamState withAsk(Ask ask) {
    return new IpamState(pools, nodes, blocks, apart.with(ask), index);
  }

  public IpamState withoutAsk(Ask.Asker asker) {
    return new IpamState(pools, nodes, blocks, apart.without(asker), index);
  }

  /** With an address of a block that is here, held by nobody until now. */
  public IpamState withHeld(Prefix cidr, Held held) {
    Block block = known(cidr);
    Allocation a = held.allocation();
    assert Block.isUsable(cidr, a.ip()) && !block.allocations().containsKey(a.ip()) : a;
    return with(
        block.with(block.recorded(), block.allocations().put(a.ip(), held)),
        index.withHeld(a.handle(), a.ip(), cidr));
  }

  /** Without an address of a block that is here, which somebody holds. */
  public IpamState withoutHeld(Prefix cidr, IpAddress ip) {
    Block block = known(cidr);
    Handle handle =
        Objects.requireNonNull(block.allocations().get(ip)).allocation().handle();
    return with(
        block.with(block.recorded(), block.allocations().remove(ip)),
        index.withoutHeld(handle, ip));
  }

  /** With the changes of a block's owner up to {@code sequence} recorded. */
  public IpamState withRecorded(Prefix cidr, long sequence) {
    Block block = known(cidr);
    return with(block.with(sequence, block.allocations()), index);
  }

  private IpamState with(Block block, Index next) {
    return apart.singles().containsKey(block.cidr())
        ? new IpamState(pools, nodes, blocks, apart.with(block), next)
        : new IpamState(pools, nodes, blocks.put(block.cidr(), block), apart, next);
  }

  private Block known(Prefix cidr) {
    return Objects.requireNonNull(block(cidr), "a block that is not here");
  }

  private Pool pool(Block block) {
    return Objects.requireNonNull(pools.get(block.pool()), "a pool that is not here");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IpamState state
        && pools.equals(state.pools)
        && nodes.equals(state.nodes)
        && blocks.equals(state.blocks)
        && apart.equals(state.apart);
  }

  @Override
  public int hashCode() {
    return Objects.hash(pools, nodes, blocks, apart);
  }

  @Override
  public String toString() {
    return pools.size() + " pools, " + nodes.size() + " nodes, " + blocks.size() + " blocks";
  }
}
