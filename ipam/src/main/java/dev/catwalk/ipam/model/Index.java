package dev.catwalk.ipam.model;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.tree.SortedTree;
import java.util.Objects;

/**
 * Ways into the state that would otherwise be searches. A function of pools and blocks: equal states
 * have equal indices.
 *
 * @param pools the name of each pool by its range
 * @param free what of each pool, by name, is in no block
 * @param owners which blocks each life of a node has
 * @param requests which block each request was given
 * @param handles which addresses each handle has, and the block of each
 * @param kept which addresses are kept for a name
 */
record Index(
    SortedTree<Prefix, String> pools,
    SortedTree<String, FreeRanges> free,
    SortedTree<NodeEpoch, SortedTree<Prefix, Boolean>> owners,
    SortedTree<Request, Prefix> requests,
    SortedTree<Handle, SortedTree<IpAddress, Prefix>> handles,
    SortedTree<IpAddress, StickyName> kept) {

  /** A request for a block: each life of a node numbers its own. */
  record Request(NodeEpoch owner, long id) implements Comparable<Request> {
    static Request of(Block block) {
      return new Request(block.owner(), block.requestId());
    }

    @Override
    public int compareTo(Request other) {
      int byOwner = owner.compareTo(other.owner);
      return byOwner != 0 ? byOwner : Long.compare(id, other.id);
    }
  }

  static final Index EMPTY = new Index(
      SortedTree.empty(),
      SortedTree.empty(),
      SortedTree.empty(),
      SortedTree.empty(),
      SortedTree.empty(),
      SortedTree.empty());

  Index withPool(Pool pool) {
    return new Index(
        pools.put(pool.cidr(), pool.name()),
        free.put(pool.name(), FreeRanges.all(pool.blocks())),
        owners,
        requests,
        handles,
        kept);
  }

  Index withoutPool(Pool pool) {
    return new Index(
        pools.remove(pool.cidr()), free.remove(pool.name()), owners, requests, handles, kept);
  }

  /** With other values of a pool, whose claimed blocks all are of both. */
  Index withChanged(Pool before, Pool after, Iterable<Prefix> claimed) {
    FreeRanges left = FreeRanges.all(after.blocks());
    for (Prefix block : claimed) {
      left = left.take(after.indexOf(block));
    }
    return new Index(
        pools.remove(before.cidr()).put(after.cidr(), after.name()),
        free.remove(before.name()).put(after.name(), left),
        owners,
        requests,
        handles,
        kept);
  }

  /** With an empty block of this pool. */
  Index withBlock(Pool pool, Block block) {
    FreeRanges left = freeOf(pool).take(pool.indexOf(block.cidr()));
    return with(free.put(pool.name(), left)).withOwner(block);
  }

  /** Without a block of this pool, which must be empty. */
  Index withoutBlock(Pool pool, Block block) {
    FreeRanges left = freeOf(pool).give(pool.indexOf(block.cidr()));
    return with(free.put(pool.name(), left)).withoutOwner(block);
  }

  /** With an empty block, wherever it was cut from. */
  Index withOwner(Block block) {
    SortedTree<Prefix, Boolean> own = owners.get(block.owner());
    return new Index(
        pools,
        free,
        owners.put(
            block.owner(),
            (own == null ? SortedTree.<Prefix, Boolean>empty() : own).put(block.cidr(), true)),
        requests.put(Request.of(block), block.cidr()),
        handles,
        kept);
  }

  Index withoutOwner(Block block) {
    SortedTree<Prefix, Boolean> own =
        Objects.requireNonNull(owners.get(block.owner())).remove(block.cidr());
    return new Index(
        pools,
        free,
        own.isEmpty() ? owners.remove(block.owner()) : owners.put(block.owner(), own),
        requests.remove(Request.of(block)),
        handles,
        kept);
  }

  Index withKept(IpAddress ip, StickyName name) {
    return new Index(pools, free, owners, requests, handles, kept.put(ip, name));
  }

  Index withoutKept(IpAddress ip) {
    return new Index(pools, free, owners, requests, handles, kept.remove(ip));
  }

  private Index with(SortedTree<String, FreeRanges> left) {
    return new Index(pools, left, owners, requests, handles, kept);
  }

  Index withHeld(Handle handle, IpAddress ip, Prefix block) {
    SortedTree<IpAddress, Prefix> places = handles.get(handle);
    return withPlaces(
        handle, (places == null ? SortedTree.<IpAddress, Prefix>empty() : places).put(ip, block));
  }

  Index withoutHeld(Handle handle, IpAddress ip) {
    return withPlaces(handle, Objects.requireNonNull(handles.get(handle)).remove(ip));
  }

  private Index withPlaces(Handle handle, SortedTree<IpAddress, Prefix> places) {
    return new Index(
        pools,
        free,
        owners,
        requests,
        places.isEmpty() ? handles.remove(handle) : handles.put(handle, places),
        kept);
  }

  private FreeRanges freeOf(Pool pool) {
    return Objects.requireNonNull(free.get(pool.name()), pool.name());
  }
}
