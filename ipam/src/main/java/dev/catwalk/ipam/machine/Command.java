package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Prefix;
import java.util.List;

/** What can be asked of the replicated state; {@link Ipam#apply} answers with an {@link Outcome}. */
public sealed interface Command {

  /**
   * Makes pools, all or none. A pool that is there already with the same values is no mistake.
   *
   * @param onlyIfNone whether to leave all as it is if there is any pool: how a configuration
   *     becomes state once and never again
   */
  record CreatePools(List<Pool> pools, boolean onlyIfNone) implements Command {
    public CreatePools {
      pools = List.copyOf(pools);
    }
  }

  /** Removes a pool of which no block is claimed. */
  record DeletePool(String name) implements Command {}

  /** A node says which life of it counts from now on. An earlier life cannot come back. */
  record RegisterNode(NodeEpoch node) implements Command {}

  /**
   * Gives a node one more block. The same request gets the same block as often as it is made.
   *
   * @param requestId numbers the request among those of {@code owner}
   */
  record ClaimBlock(NodeEpoch owner, Wanted wanted, long requestId) implements Command {}

  /** Which block a node wants. */
  sealed interface Wanted {}

  /** The lowest free block of the first of these pools that has one. */
  record FromPools(List<String> names) implements Wanted {
    public FromPools {
      names = List.copyOf(names);
    }
  }

  /** This block and no other. A node that has it already is given it again. */
  record Exactly(Prefix cidr) implements Wanted {}

  /**
   * Gives a block back to its pool.
   *
   * @param owner who has it now, as the caller believes: any life of any node
   * @param evenIfUsed whether to forget what is recorded in it: only for an operator who knows that
   *     the owner is gone for good
   */
  record ReleaseBlock(NodeEpoch owner, Prefix block, boolean evenIfUsed) implements Command {}

  /**
   * The owner of a block tells what it did in it. Changes that are known already are passed over,
   * so a batch may be sent again; one that leaves a gap is refused.
   *
   * @param firstSequence number of the first of {@code changes}; the owner counts from 1 in each
   *     block that it claims
   */
  record RecordAllocations(NodeEpoch owner, Prefix block, long firstSequence, List<Change> changes)
      implements Command {
    public RecordAllocations {
      changes = List.copyOf(changes);
    }
  }

  /**
   * Forgets every address recorded for a handle, wherever it is. The owner of the block learns it
   * from the state and lets go of the address too.
   */
  record ReleaseByHandle(Handle handle) implements Command {}
}
