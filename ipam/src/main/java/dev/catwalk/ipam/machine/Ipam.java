package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Command.AskAddress;
import dev.catwalk.ipam.machine.Command.AssignAddress;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.DeletePool;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.ForgetName;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.GiveBack;
import dev.catwalk.ipam.machine.Command.OfPast;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Command.ReleaseByHandle;
import dev.catwalk.ipam.machine.Command.SetPool;
import dev.catwalk.ipam.machine.Command.SplitPool;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.Command.UnassignAddress;
import dev.catwalk.ipam.machine.Outcome.BlockReleased;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.HandleReleased;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Recorded;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.machine.Outcome.Registered;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The replicated machine of address management: a function of its log. Every command costs O(log n)
 * in the number of blocks, and O(1) of that for each change that it carries.
 */
public final class Ipam {
  private Ipam() {}

  /**
   * Applies one command.
   *
   * @param revision the store-wide number of the command
   */
  public static Applied apply(IpamState state, long revision, Command command) {
    return switch (command) {
      case CreatePools c -> Pools.create(state, c);
      case DeletePool c -> Pools.delete(state, c);
      case SetPool c -> Pools.set(state, c.pool());
      case SplitPool c -> Pools.split(state, c);
      case RegisterNode c -> register(state, c.node(), null);
      case SucceedNode c -> register(state, c.node(), c.before());
      case ClaimBlock c -> claim(state, revision, c);
      case ReleaseBlock c -> releaseBlock(state, c);
      case GiveBack c -> giveBack(state, c);
      case RecordAllocations c -> record(state, revision, c);
      case ReleaseByHandle c -> releaseByHandle(state, c);
      case AskAddress c -> Asking.ask(state, revision, c);
      case ForgetName c -> Asking.forget(state, c);
      case AssignAddress c -> Assigning.assign(state, revision, c);
      case UnassignAddress c -> Assigning.unassign(state, c);
    };
  }

  private static Applied register(
      IpamState state, NodeEpoch node, @Nullable NodeEpoch predecessor) {
    if (Assignee.isReserved(node)) {
      return refused(
          state, Reason.MALFORMED, node.node() + " is no name for a node: correct node.name");
    }
    Registration before = state.nodes().get(node.node());
    if (before == null && predecessor == null) {
      Registration first = new Registration(node, List.of());
      return new Applied(state.withNode(first), new Registered(node));
    }
    if (before != null && before.current().equals(node)) {
      return new Applied(state, new Registered(node));
    }
    if (before == null
        || !before.current().equals(predecessor) && !before.retired().contains(node.epoch())
        || !node.node().equals(before.current().node())) {
      return refused(
          state,
          Reason.CONFLICT,
          node + " does not succeed " + (before == null ? "nobody" : before.current()) + " but "
              + (predecessor == null ? "nobody" : predecessor));
    }
    if (before.retired().contains(node.epoch())) {
      return refused(state, stale(before.current(), node));
    }
    return new Applied(
        Asking.withoutAsksOf(state, before.current()).withNode(before.renewed(node)),
        new Registered(node));
  }

  private static Applied claim(IpamState state, long revision, ClaimBlock c) {
    Refused notCurrent = notCurrent(state, c.owner());
    if (notCurrent != null) {
      return refused(state, notCurrent);
    }
    Block given = state.blockOfRequest(c.owner(), c.requestId());
    if (given != null) {
      return new Applied(state, Granted.of(state, given));
    }
    return switch (c.wanted()) {
      case Exactly exactly -> claimExactly(state, revision, c, exactly.cidr());
      case OfPast past -> claimPast(state, revision, c, past);
      case FromPools from -> claimLowest(state, revision, c, from.names());
    };
  }

  private static Applied claimExactly(IpamState state, long revision, ClaimBlock c, Prefix wanted) {
    Block taken = state.block(wanted);
    if (taken != null) {
      return taken.owner().equals(c.owner())
          ? new Applied(state, Granted.of(state, taken))
          : refused(state, Reason.CONFLICT, "block " + wanted + " belongs to " + taken.owner());
    }
    Pool pool = state.poolAround(wanted);
    if (pool == null) {
      return refused(
          state,
          Reason.UNKNOWN_POOL,
          "block " + wanted + " is in no pool: choose one of a pool, or create a pool around it");
    }
    if (!pool.hasBlock(wanted)) {
      return refused(
          state,
          Reason.CONFLICT,
          "pool " + pool.name() + " is cut into blocks of /" + pool.blockSize() + ": " + wanted
              + " is none of them");
    }
    if (pool.disabled()) {
      return refused(state, Reason.POOL_DISABLED, "pool " + pool.name() + " is disabled");
    }
    Refused limit = BlockLimits.ofNode(state, c, pool);
    limit = limit == null ? BlockLimits.ofPool(state, c, pool) : limit;
    return limit == null ? granted(state, revision, c, pool, wanted) : refused(state, limit);
  }

  private static Applied claimPast(IpamState state, long revision, ClaimBlock c, OfPast past) {
    Block block = state.block(past.cidr());
    Registration node = state.nodes().get(c.owner().node());
    boolean isPast = node != null
        && past.before().node().equals(c.owner().node())
        && node.retired().contains(past.before().epoch());
    if (block == null || !isPast || !block.owner().equals(past.before())) {
      return refused(state, notOwner(past.before(), past.cidr(), block));
    }
    Block taken = Block.fresh(block.cidr(), block.pool(), c.owner(), c.requestId(), revision);
    boolean single = state.singles().containsKey(block.cidr());
    IpamState without = state.withoutBlock(block.cidr());
    IpamState next = single ? without.withSingle(taken) : without.withBlock(taken);
    return new Applied(next, Granted.of(next, taken));
  }

  private static Applied claimLowest(
      IpamState state, long revision, ClaimBlock c, List<String> names) {
    boolean known = false;
    boolean enabled = false;
    Refused limit = null;
    for (String name : names) {
      Pool pool = state.pools().get(name);
      known |= pool != null;
      if (pool != null && !pool.disabled()) {
        enabled = true;
        Refused ofNode = BlockLimits.ofNode(state, c, pool);
        if (ofNode != null) {
          return refused(state, ofNode);
        }
        Refused ofPool = BlockLimits.ofPool(state, c, pool);
        if (ofPool != null) {
          limit = ofPool;
          continue;
        }
        Prefix lowest = state.lowestFreeBlock(pool);
        if (lowest != null) {
          return granted(state, revision, c, pool, lowest);
        }
      }
    }
    if (limit != null) {
      return refused(state, limit);
    }
    String all = names.isEmpty() ? "(none named)" : String.join(", ", names);
    if (!known) {
      return refused(
          state, Reason.UNKNOWN_POOL, "there is no pool " + all + ": create one, or name another");
    }
    return enabled
        ? refused(
            state,
            Reason.EXHAUSTED,
            "every block of pool " + all + " has an owner: add a pool, or release the blocks of"
                + " nodes that are gone")
        : refused(state, Reason.POOL_DISABLED, "pool " + all + " is disabled");
  }

  private static Applied granted(
      IpamState state, long revision, ClaimBlock c, Pool pool, Prefix cidr) {
    Block block = Block.fresh(cidr, pool.name(), c.owner(), c.requestId(), revision);
    return new Applied(state.withBlock(block), Granted.of(state, block));
  }

  private static Applied releaseBlock(IpamState state, ReleaseBlock c) {
    Block block = state.block(c.block());
    if (block == null || !block.owner().equals(c.owner())) {
      return refused(state, notOwner(c.owner(), c.block(), block));
    }
    if (block.allocated() > 0 && !c.evenIfUsed()) {
      return refused(
          state,
          Reason.NOT_EMPTY,
          "block " + c.block() + " has " + block.allocated() + " addresses in use");
    }
    Refused apart = Asking.apart(state, c.block());
    return apart != null
        ? refused(state, apart)
        : new Applied(state.withoutBlock(c.block()), new BlockReleased(c.block()));
  }

  private static Applied giveBack(IpamState state, GiveBack c) {
    Block block = state.block(c.block());
    if (block == null || !block.owner().equals(c.owner()) || block.claimedAt() != c.claimedAt()) {
      return refused(state, notOwner(c.owner(), c.block(), block));
    }
    if (block.allocated() > 0 || block.recorded() != c.recorded()) {
      return refused(
          state,
          Reason.NOT_EMPTY,
          "block " + c.block() + " has " + block.allocated() + " addresses in use after "
              + block.recorded() + " changes, its owner speaks of " + c.recorded());
    }
    Refused apart = Asking.apart(state, c.block());
    return apart != null
        ? refused(state, apart)
        : new Applied(state.withoutBlock(c.block()), new BlockReleased(c.block()));
  }

  private static Applied record(IpamState state, long revision, RecordAllocations c) {
    Block block = state.block(c.block());
    if (block == null
        || !block.owner().equals(c.owner())
        || c.claimedAt() != RecordAllocations.ANY_CLAIM && c.claimedAt() != block.claimedAt()) {
      return refused(state, notOwner(c.owner(), c.block(), block));
    }
    Refused notCurrent = notCurrent(state, c.owner());
    if (notCurrent != null) {
      return refused(state, notCurrent);
    }
    if (c.firstSequence() < 1 || c.firstSequence() > block.recorded() + 1) {
      return refused(
          state,
          Reason.SEQUENCE_GAP,
          "block " + c.block() + ": change " + c.firstSequence() + " came, "
              + (block.recorded() + 1) + " is next");
    }
    IpamState next = state;
    long sequence = c.firstSequence();
    for (Change change : c.changes()) {
      if (sequence++ <= block.recorded()) {
        continue;
      }
      Refused wrong = problem(next, c.block(), change);
      if (wrong != null) {
        return refused(state, wrong);
      }
      next = changed(next, revision, c.block(), change);
    }
    long last = Math.max(block.recorded(), sequence - 1);
    return new Applied(next.withRecorded(c.block(), last), new Recorded(c.block(), last));
  }

  /** Why a change cannot be: the owner of a block, its only writer, sends none of these. */
  private static @Nullable Refused problem(IpamState state, Prefix block, Change change) {
    return switch (change) {
      case Change.Released released -> null;
      case Change.BackIn back -> null;
      case Change.Declined declined -> null;
      case Change.SetApart set -> Asking.problem(state, block, set);
      case Change.Allocated(Allocation a) -> {
        if (!Block.isUsable(block, a.ip())) {
          yield new Refused(Reason.MALFORMED, a.ip() + " is not to be handed out of " + block);
        }
        if (!block.isHost() && state.isApart(a.ip())) {
          yield new Refused(Reason.CONFLICT, a.ip() + " is set apart and is not " + block + "'s");
        }
        Held holder = state.holderOf(a.ip());
        yield holder == null
            ? null
            : new Refused(
                Reason.CONFLICT, a.ip() + " is held by " + holder.allocation().owner());
      }
    };
  }

  private static IpamState changed(IpamState state, long revision, Prefix block, Change change) {
    return switch (change) {
      case Change.Allocated(Allocation a) -> state.withHeld(block, new Held(a, revision));
      case Change.Released released -> {
        Block in = state.block(block);
        Held holder = in == null ? null : in.allocations().get(released.ip());
        yield holder != null && holder.allocation().handle().equals(released.handle())
            ? state.withoutHeld(block, released.ip())
            : state;
      }
      case Change.BackIn back -> state;
      case Change.Declined declined -> Asking.declined(state, declined);
      case Change.SetApart set -> Asking.setApart(state, revision, block, set);
    };
  }

  private static Applied releaseByHandle(IpamState state, ReleaseByHandle c) {
    IpamState next = state;
    List<Allocation> released = new ArrayList<>();
    for (Held held : state.heldBy(c.handle())) {
      Block block = state.blockAround(held.allocation().ip());
      if (block != null) {
        next = next.withoutHeld(block.cidr(), held.allocation().ip());
        released.add(held.allocation());
      }
    }
    return new Applied(next, new HandleReleased(released));
  }

  static @Nullable Refused notCurrent(IpamState state, NodeEpoch node) {
    Registration registration = state.nodes().get(node.node());
    if (registration == null) {
      return new Refused(
          Reason.UNKNOWN_NODE, "node " + node.node() + " has not registered with the store");
    }
    return registration.current().equals(node) ? null : stale(registration.current(), node);
  }

  private static Refused stale(NodeEpoch current, NodeEpoch node) {
    return new Refused(
        Reason.STALE_EPOCH,
        "node " + node.node() + " lives on under epoch " + current.epochText() + ", epoch "
            + node.epochText() + " is past: two nodes have one name, or an old disk came back");
  }

  private static Refused notOwner(NodeEpoch claimant, Prefix cidr, @Nullable Block block) {
    return new Refused(
        Reason.NOT_OWNER,
        "block " + cidr + " is not " + claimant + "'s: "
            + (block == null ? "nobody has it" : block.owner() + " has it"));
  }

  static Applied refused(IpamState state, Reason reason, String what) {
    return refused(state, new Refused(reason, what));
  }

  static Applied refused(IpamState state, Refused refusal) {
    return new Applied(state, refusal);
  }
}
