package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.DeletePool;
import dev.catwalk.ipam.machine.Command.SplitPool;
import dev.catwalk.ipam.machine.Outcome.PoolDeleted;
import dev.catwalk.ipam.machine.Outcome.PoolsReady;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;

/** What becomes of pools. No command here takes a block from its owner. */
final class Pools {
  private Pools() {}

  static Applied create(IpamState state, CreatePools c) {
    if (c.onlyIfNone() && !state.pools().isEmpty()) {
      return new Applied(state, new PoolsReady(List.of()));
    }
    IpamState next = state;
    List<String> created = new ArrayList<>();
    for (Pool pool : c.pools()) {
      Pool same = next.pools().get(pool.name());
      if (pool.equals(same)) {
        continue;
      }
      if (same != null) {
        return Ipam.refused(
            state,
            Reason.CONFLICT,
            "pool " + pool.name() + " is there already with other values (" + same.cidr()
                + ", blocks of /" + same.blockSize() + "): choose another name or delete it first");
      }
      Pool other = next.poolOverlapping(pool.cidr());
      if (other != null) {
        return Ipam.refused(
            state,
            Reason.OVERLAP,
            "pool " + pool.name() + " (" + pool.cidr() + ") shares addresses with pool "
                + other.name() + " (" + other.cidr() + "): choose a range of its own");
      }
      next = next.withPool(pool);
      created.add(pool.name());
    }
    return new Applied(next, new PoolsReady(created));
  }

  static Applied delete(IpamState state, DeletePool c) {
    Pool pool = state.pools().get(c.name());
    if (pool == null) {
      return Ipam.refused(state, Reason.UNKNOWN_POOL, "there is no pool " + c.name());
    }
    if (state.hasBlocks(pool)) {
      return Ipam.refused(
          state,
          Reason.NOT_EMPTY,
          "pool " + c.name() + " still has blocks with nodes: release them first");
    }
    return new Applied(state.withoutPool(pool), new PoolDeleted(c.name()));
  }

  static Applied set(IpamState state, Pool pool) {
    Pool before = state.pools().get(pool.name());
    if (before == null) {
      return create(state, new CreatePools(List.of(pool), false));
    }
    if (before.equals(pool)) {
      return new Applied(state, new PoolsReady(List.of()));
    }
    for (Pool other : state.pools().values()) {
      if (!other.name().equals(pool.name()) && other.cidr().overlaps(pool.cidr())) {
        return Ipam.refused(
            state,
            Reason.OVERLAP,
            "pool " + pool.name() + " as " + pool.cidr() + " would share addresses with pool "
                + other.name() + " (" + other.cidr() + ")");
      }
    }
    for (Prefix block : state.claimedIn(before)) {
      if (!pool.hasBlock(block)) {
        return Ipam.refused(
            state,
            Reason.NOT_EMPTY,
            "block " + block + " of pool " + pool.name() + " is claimed and is none of "
                + pool.cidr() + " in blocks of /" + pool.blockSize()
                + ": disable the pool and let its pods go first, or keep this block in it");
      }
    }
    return new Applied(state.withPoolChanged(before, pool), new PoolsReady(List.of(pool.name())));
  }

  static Applied split(IpamState state, SplitPool c) {
    Pool whole = state.pools().get(c.name());
    if (whole == null) {
      return Ipam.refused(state, Reason.UNKNOWN_POOL, "there is no pool " + c.name());
    }
    int bits = Integer.numberOfTrailingZeros(c.parts());
    if (c.parts() < 2 || c.parts() > SplitPool.MAX_PARTS || Integer.bitCount(c.parts()) != 1) {
      return Ipam.refused(
          state,
          Reason.MALFORMED,
          "a pool is split into 2, 4, 8 .. " + SplitPool.MAX_PARTS + " parts, not " + c.parts());
    }
    if (whole.cidr().length() + bits > whole.blockSize()) {
      return Ipam.refused(
          state,
          Reason.CONFLICT,
          "pool " + c.name() + " has " + whole.blocks() + " blocks, too few for " + c.parts()
              + " parts");
    }
    List<Pool> parts = new ArrayList<>();
    for (int i = 0; i < c.parts(); i++) {
      String name = c.name() + "-" + (i + 1);
      if (state.pools().containsKey(name) || name.length() > Pool.MAX_NAME) {
        return Ipam.refused(
            state,
            Reason.CONFLICT,
            "the part " + name + " cannot be named so: the name is taken" + " or too long");
      }
      Prefix range = new Prefix(
          whole.blockAt(i * (whole.blocks() >> bits)).address(), whole.cidr().length() + bits);
      parts.add(new Pool(name, range, whole.blockSize(), whole.natOutgoing(), whole.disabled()));
    }
    return new Applied(
        state.withPoolSplit(whole, parts),
        new PoolsReady(parts.stream().map(Pool::name).toList()));
  }
}
