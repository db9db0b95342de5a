package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.Prefix;
import java.util.List;

/** What {@link Ipam#apply} answers. A refusal has changed nothing. */
public sealed interface Outcome {

  /**
   * The pools are there.
   *
   * @param created names of those that were not there before
   */
  record PoolsReady(List<String> created) implements Outcome {
    public PoolsReady {
      created = List.copyOf(created);
    }
  }

  record PoolDeleted(String name) implements Outcome {}

  /** This life of the node counts. */
  record Registered(NodeEpoch node) implements Outcome {}

  /**
   * The block is the claimant's.
   *
   * @param claimedAt the revision at which it became so: a state older than that does not know it
   * @param recorded how many changes of the owner are recorded in it: 0 for a new one
   */
  record Granted(Prefix block, String pool, NodeEpoch owner, long claimedAt, long recorded)
      implements Outcome {
    static Granted of(Block block) {
      return new Granted(
          block.cidr(), block.pool(), block.owner(), block.claimedAt(), block.recorded());
    }
  }

  record BlockReleased(Prefix block) implements Outcome {}

  /**
   * The changes are recorded.
   *
   * @param sequence the last change of this block that is recorded now
   */
  record Recorded(Prefix block, long sequence) implements Outcome {}

  /**
   * The handle holds nothing any more.
   *
   * @param released what it held
   */
  record HandleReleased(List<Allocation> released) implements Outcome {
    public HandleReleased {
      released = List.copyOf(released);
    }
  }

  /**
   * Nothing changed.
   *
   * @param what a sentence fit for a user, with the remedy where there is one
   */
  record Refused(Reason reason, String what) implements Outcome {}

  /** Why a command is refused. The names are on the wire: they stay. */
  enum Reason {
    /** No pool of this name, or none around this address. */
    UNKNOWN_POOL,
    /** The pool gives out no block now. */
    POOL_DISABLED,
    /** No free block is left. */
    EXHAUSTED,
    /** The pool shares addresses with another one. */
    OVERLAP,
    /** What is there under this name or address differs. */
    CONFLICT,
    /** Something is still in use. */
    NOT_EMPTY,
    /** The block is another's, or nobody's. */
    NOT_OWNER,
    /** A later life of the node has registered. */
    STALE_EPOCH,
    /** The node has never registered. */
    UNKNOWN_NODE,
    /** Changes before this one are missing. */
    SEQUENCE_GAP,
    /** The bytes are no command, or one that no correct sender makes. */
    MALFORMED
  }
}
