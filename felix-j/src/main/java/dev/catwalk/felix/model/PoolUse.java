package dev.catwalk.felix.model;

import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.Pool;
import java.util.SortedMap;
import java.util.TreeMap;

/** How near pools are to their end. */
public final class PoolUse {
  private PoolUse() {}

  /** {@link #percents} of the fullest pool, 0 where there is none. */
  public static double fullestPercent(IpamState ipam) {
    return percents(ipam).values().stream().mapToDouble(p -> p).max().orElse(0);
  }

  /**
   * Of each pool that gives something out, by its name: how much of it is gone, 0 to 100. While
   * blocks are free, those with an owner count; afterwards the addresses that are in use.
   */
  public static SortedMap<String, Double> percents(IpamState ipam) {
    TreeMap<String, long[]> sums = new TreeMap<>();
    for (Block block : ipam.blocks().values()) {
      long[] sum = sums.computeIfAbsent(block.pool(), p -> new long[2]);
      sum[0] += block.allocated() + ipam.apartIn(block.cidr()).size();
      sum[1] += Block.usable(block.cidr());
    }
    TreeMap<String, Double> percents = new TreeMap<>();
    for (Pool pool : ipam.pools().values()) {
      long free = ipam.freeBlocks(pool);
      long[] sum = sums.getOrDefault(pool.name(), new long[2]);
      double percent = free > 0
          ? 100.0 * (pool.blocks() - free) / pool.blocks()
          : 100.0 * sum[0] / Math.max(1, sum[1]);
      if (!pool.disabled()) {
        percents.put(pool.name(), percent);
      }
    }
    return percents;
  }
}
