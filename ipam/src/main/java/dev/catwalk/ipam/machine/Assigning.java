package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Command.AssignAddress;
import dev.catwalk.ipam.machine.Command.UnassignAddress;
import dev.catwalk.ipam.machine.Outcome.Assigned;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Unassigned;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Addresses of services and of nodes themselves, given and taken back in one entry of the log. Their
 * blocks are the cluster's: no node claims or hands out of one, so that nobody else can give them.
 */
final class Assigning {
  /** Blocks that are looked through for one address which is not reserved, at most. */
  private static final int MOST_BLOCKS = 256;

  private Assigning() {}

  static Applied assign(IpamState state, long revision, AssignAddress c) {
    Held has = held(state, c.to());
    if (has != null) {
      IpAddress ip = has.allocation().ip();
      return c.wanted() == null || c.wanted().equals(ip)
          ? new Applied(state, assigned(state, c.to(), ip))
          : Ipam.refused(
              state,
              Reason.CONFLICT,
              c.to() + " has " + ip + " and cannot have " + c.wanted()
                  + " too: release that first (ipam release)");
    }
    return c.wanted() == null ? any(state, revision, c) : wanted(state, revision, c, c.wanted());
  }

  private static Applied wanted(IpamState state, long revision, AssignAddress c, IpAddress ip) {
    Pool pool = state.poolAround(ip.asPrefix());
    if (pool == null || !c.pools().contains(pool.name())) {
      return Ipam.refused(
          state,
          Reason.UNKNOWN_POOL,
          ip + " is in no pool for this: want one of " + String.join(", ", c.pools()));
    }
    if (pool.disabled()) {
      return Ipam.refused(state, Reason.POOL_DISABLED, "pool " + pool.name() + " is disabled");
    }
    Prefix cidr = Prefix.of(ip, pool.blockSize());
    Block block = state.blocks().get(cidr);
    if (block != null && !block.owner().equals(Assignee.OWNER)) {
      return Ipam.refused(
          state,
          Reason.NOT_OWNER,
          ip + " is in block " + cidr + ", which is " + block.owner().node()
              + "'s for its pods: choose another, or a pool for this alone");
    }
    Held holder = block == null ? null : block.allocations().get(ip);
    if (!Block.isUsable(cidr, ip) || holder != null) {
      return Ipam.refused(
          state,
          Reason.CONFLICT,
          holder == null
              ? ip + " is the first address of block " + cidr + ", which nobody is given"
              : ip + " is that of " + holder.allocation().owner());
    }
    IpamState with = block == null ? withBlock(state, revision, pool, cidr) : state;
    return given(with, revision, c, cidr, ip);
  }

  /** The lowest free address of the first pool that has one, of blocks that are in use first. */
  private static Applied any(IpamState state, long revision, AssignAddress c) {
    for (String name : c.pools()) {
      Pool pool = state.pools().get(name);
      if (pool == null || pool.disabled() || pool.cidr().family() != c.to().family()) {
        continue;
      }
      for (Block block : state.blocksOf(Assignee.OWNER)) {
        IpAddress ip = block.pool().equals(name) ? lowest(block, c.reserved()) : null;
        if (ip != null) {
          return given(state, revision, c, block.cidr(), ip);
        }
      }
      Applied further = ofFurtherBlock(state, revision, c, pool);
      if (further != null) {
        return further;
      }
    }
    return Ipam.refused(
        state,
        Reason.EXHAUSTED,
        "no address of pool " + String.join(", ", c.pools()) + " is free for " + c.to()
            + ": add a pool, or release addresses");
  }

  private static @Nullable Applied ofFurtherBlock(
      IpamState state, long revision, AssignAddress c, Pool pool) {
    IpamState with = state;
    List<Prefix> passed = new ArrayList<>();
    for (int i = 0; i < MOST_BLOCKS; i++) {
      Prefix cidr = with.lowestFreeBlock(pool);
      if (cidr == null) {
        return null;
      }
      with = withBlock(with, revision, pool, cidr);
      Block block = with.block(cidr);
      IpAddress ip = block == null ? null : lowest(block, c.reserved());
      if (ip != null) {
        IpamState without = with;
        for (Prefix reserved : passed) {
          without = without.withoutBlock(reserved);
        }
        return given(without, revision, c, cidr, ip);
      }
      passed.add(cidr);
    }
    return null;
  }

  /** Each of its blocks was claimed by another request: the revision and the block number it. */
  private static IpamState withBlock(IpamState state, long revision, Pool pool, Prefix cidr) {
    long requestId = pool.indexOf(cidr) ^ revision << Integer.SIZE;
    return state.withBlock(Block.fresh(cidr, pool.name(), Assignee.OWNER, requestId, revision));
  }

  private static @Nullable IpAddress lowest(Block block, List<Prefix> reserved) {
    if (block.free() == 0) {
      return null;
    }
    Prefix cidr = block.cidr();
    for (long i = Block.reserved(cidr); i < cidr.size(); i++) {
      IpAddress ip = cidr.address().plus(i);
      if (!block.allocations().containsKey(ip)
          && reserved.stream().noneMatch(r -> r.contains(ip))) {
        return ip;
      }
    }
    return null;
  }

  private static Applied given(
      IpamState state, long revision, AssignAddress c, Prefix cidr, IpAddress ip) {
    Assignee to = c.to();
    Allocation a = new Allocation(ip, to.handle(), to.namespace(), to.name(), c.atMs());
    IpamState next = state.withHeld(cidr, new Held(a, revision));
    return new Applied(next, assigned(next, to, ip));
  }

  private static Assigned assigned(IpamState state, Assignee to, IpAddress ip) {
    Block block = state.blockAround(ip);
    return new Assigned(to, ip, block == null ? "" : block.pool());
  }

  static Applied unassign(IpamState state, UnassignAddress c) {
    Held has = held(state, c.from());
    if (has == null) {
      return Ipam.refused(
          state, Reason.CONFLICT, c.from() + " has no " + c.from().family() + " address");
    }
    IpAddress ip = has.allocation().ip();
    Prefix cidr = Objects.requireNonNull(state.blockAround(ip)).cidr();
    IpamState next = state.withoutHeld(cidr, ip);
    boolean empty = Objects.requireNonNull(next.block(cidr)).allocated() == 0;
    return new Applied(empty ? next.withoutBlock(cidr) : next, new Unassigned(c.from(), ip));
  }

  private static @Nullable Held held(IpamState state, Assignee to) {
    for (Held held : state.heldBy(to.handle())) {
      Block block = state.blockAround(held.allocation().ip());
      if (held.allocation().ip().family() == to.family()
          && block != null
          && block.owner().equals(Assignee.OWNER)) {
        return held;
      }
    }
    return null;
  }
}
