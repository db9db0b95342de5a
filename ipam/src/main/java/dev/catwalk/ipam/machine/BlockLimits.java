package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Prefix;
import org.jspecify.annotations.Nullable;

/**
 * How many blocks a node may have. Judged where the claims of all are in one order, so that what a
 * node asks for at once, by several ways, never gives it more.
 */
final class BlockLimits {
  private BlockLimits() {}

  /** Why a node gets no further block of a family; null if it does. */
  static @Nullable Refused ofNode(IpamState state, ClaimBlock c, Pool pool) {
    if (c.most().blocks() == Integer.MAX_VALUE) {
      return null;
    }
    long has = 0;
    for (Block block : state.blocksOf(c.owner())) {
      boolean counts = block.cidr().family() == pool.cidr().family();
      has += counts && isOfPool(state, block.cidr()) ? 1 : 0;
    }
    return has < c.most().blocks()
        ? null
        : new Refused(
            Reason.LIMIT,
            "the limit of " + c.most().blocks() + " blocks of " + pool.cidr().family()
                + " is reached for node " + c.owner().node()
                + ": raise maxBlocksPerHost, or move pods to other nodes");
  }

  /** Why a node gets no further block of a pool; null if it does. */
  static @Nullable Refused ofPool(IpamState state, ClaimBlock c, Pool pool) {
    if (c.most().ofPool() == Integer.MAX_VALUE) {
      return null;
    }
    long has = 0;
    for (Block block : state.blocksOf(c.owner())) {
      boolean counts = block.pool().equals(pool.name());
      has += counts && isOfPool(state, block.cidr()) ? 1 : 0;
    }
    return has < c.most().ofPool()
        ? null
        : new Refused(
            Reason.LIMIT,
            "the limit of " + c.most().ofPool() + " blocks of pool " + pool.name()
                + " is reached for node " + c.owner().node()
                + ": raise ipam.maxBlocksPerPool in agent.yaml, or move pods to other nodes");
  }

  private static boolean isOfPool(IpamState state, Prefix block) {
    return !state.singles().containsKey(block);
  }
}
