package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
   * @param apart what an earlier owner of it has set apart, in address order
   * @param name whom its one address is kept for; null: nobody
   */
  record Granted(
      Prefix block,
      String pool,
      NodeEpoch owner,
      long claimedAt,
      long recorded,
      List<IpAddress> apart,
      @Nullable StickyName name)
      implements Outcome {
    public Granted {
      apart = List.copyOf(apart);
    }

    /** Of a block with nothing apart in it. */
    public Granted(Prefix block, String pool, NodeEpoch owner, long claimedAt, long recorded) {
      this(block, pool, owner, claimedAt, recorded, List.of(), null);
    }

    static Granted of(IpamState state, Block block) {
      return new Granted(
          block.cidr(),
          block.pool(),
          block.owner(),
          block.claimedAt(),
          block.recorded(),
          state.apartIn(block.cidr()),
          block.cidr().isHost() ? state.nameOf(block.cidr().address()) : null);
    }
  }

  /**
   * The owner of this block is asked for an address.
   *
   * @param askedAt the revision at which it is
   */
  record Asked(Prefix block, NodeEpoch owner, long askedAt) implements Outcome {}

  /** Nothing is kept for the name any more. */
  record NameForgotten(StickyName name, IpAddress ip) implements Outcome {}

  /** It has this address of that pool. */
  record Assigned(Assignee to, IpAddress ip, String pool) implements Outcome {}

  /** It has no such address any more. */
  record Unassigned(Assignee from, IpAddress ip) implements Outcome {}

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
    /** The node has as many blocks as it may have. */
    LIMIT,
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
