package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

  /**
   * Makes a pool, or gives the one of this name these values. Its blocks stay with their owners, so
   * all of them must be blocks of the changed pool too: it may grow, shrink where it is free, be
   * disabled; its blocks' size changes only while none is claimed.
   */
  record SetPool(Pool pool) implements Command {}

  /**
   * Cuts a pool into equal parts that take its place, each with the blocks in its range: {@code
   * NAME-1} to {@code NAME-n}. No block changes its owner.
   *
   * @param parts a power of two, 2 to {@value #MAX_PARTS}
   */
  record SplitPool(String name, int parts) implements Command {
    public static final int MAX_PARTS = 64;
  }

  /** A node says which life of it counts, the first one of its name. */
  record RegisterNode(NodeEpoch node) implements Command {}

  /**
   * A new life of a node takes the place of the one that counts now. An earlier life cannot come
   * back; what a life said that died before it was heard does nothing either, since its predecessor
   * does not count any more.
   */
  record SucceedNode(NodeEpoch node, NodeEpoch before) implements Command {}

  /**
   * Gives a node one more block. The same request gets the same block as often as it is made.
   *
   * @param requestId numbers the request among those of {@code owner}
   */
  record ClaimBlock(NodeEpoch owner, Wanted wanted, long requestId, Most most) implements Command {
    /** Without a limit. */
    public ClaimBlock(NodeEpoch owner, Wanted wanted, long requestId) {
      this(owner, wanted, requestId, Most.ANY);
    }
  }

  /**
   * How many blocks a node has at most; what is set apart for it does not count.
   *
   * @param blocks of one family, 1 or more
   * @param ofPool of one pool, 1 or more
   */
  record Most(int blocks, int ofPool) {
    /** No limit. */
    public static final Most ANY = new Most(Integer.MAX_VALUE, Integer.MAX_VALUE);

    public Most {
      if (blocks < 1 || ofPool < 1) {
        throw new IllegalArgumentException("a limit of blocks is less than 1");
      }
    }
  }

  /**
   * Asks for one address apart from its block. One that is kept for {@code name} and that no node
   * has is the asker's in this one entry, wherever it was before. Else the owner of a block is asked
   * to set one apart: the owner alone hands out of its block, so it must have promised its own disk
   * first that it does not hand out this one.
   *
   * @param pools names of the pools that it may come from
   * @param name whom it is to be kept for after its pod; null: it is lent, and goes back then
   * @param wanted this address and no other; null: any
   * @param ofOthers whether other nodes' blocks may serve too
   * @param requestId numbers the request among those of {@code asker}
   */
  record AskAddress(
      NodeEpoch asker,
      Family family,
      List<String> pools,
      @Nullable StickyName name,
      @Nullable IpAddress wanted,
      boolean ofOthers,
      long requestId)
      implements Command {
    public AskAddress {
      pools = List.copyOf(pools);
      if (wanted != null && wanted.family() != family || name != null && name.family() != family) {
        throw new IllegalArgumentException("an address is asked for of two families");
      }
    }
  }

  /** Keeps no address for a name any more; refused while some node has it. */
  record ForgetName(StickyName name) implements Command {}

  /**
   * Gives a service, or a node for itself, an address of a pool; the same to whoever has one.
   *
   * @param pools names of those that are for this, the most wanted first
   * @param reserved what only those get who name it
   * @param wanted this address and no other; null: any
   * @param atMs by the clock of who asks, milliseconds since 1970
   */
  record AssignAddress(
      Assignee to,
      List<String> pools,
      List<Prefix> reserved,
      @Nullable IpAddress wanted,
      long atMs) implements Command {
    public AssignAddress {
      pools = List.copyOf(pools);
      reserved = List.copyOf(reserved);
      if (wanted != null && wanted.family() != to.family()) {
        throw new IllegalArgumentException(wanted + " is no " + to.family() + " address");
      }
    }
  }

  /** Takes it back; what is empty of its block then is the pool's again. */
  record UnassignAddress(Assignee from) implements Command {}

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
   * The block of a past life of the same node, in one step: between the two nobody else can have it.
   * What is recorded in it is forgotten, the new owner says what there is. Only for an agent that
   * lost its disk and finds in its kernel the pods that the past life made: there is no other machine
   * then that may hand out of the block.
   */
  record OfPast(Prefix cidr, NodeEpoch before) implements Wanted {}

  /**
   * Gives a block back to its pool.
   *
   * @param owner who has it now, as the caller believes: any life of any node
   * @param evenIfUsed whether to forget what is recorded in it: only for an operator who knows that
   *     the owner is gone for good
   */
  record ReleaseBlock(NodeEpoch owner, Prefix block, boolean evenIfUsed) implements Command {}

  /**
   * The owner of an empty block gives it back. It has promised its own disk before to hand out
   * nothing more of it. Late and doubled ones do nothing: a block that was claimed anew since has
   * another {@code claimedAt}.
   *
   * @param claimedAt the claim that ends
   * @param recorded all that the owner ever did in it
   */
  record GiveBack(NodeEpoch owner, Prefix block, long claimedAt, long recorded)
      implements Command {}

  /**
   * The owner of a block tells what it did in it. Changes that are known already are passed over,
   * so a batch may be sent again; one that leaves a gap is refused.
   *
   * @param claimedAt the claim that they were made under: after another claim of the same block they
   *     mean nothing
   * @param firstSequence number of the first of {@code changes}; the owner counts from 1 in each
   *     block that it claims
   */
  record RecordAllocations(
      NodeEpoch owner, Prefix block, long claimedAt, long firstSequence, List<Change> changes)
      implements Command {
    /** Of whatever claim: what programs wrote into the log that knew of one claim only. */
    static final long ANY_CLAIM = -1;

    public RecordAllocations {
      changes = List.copyOf(changes);
    }

    public RecordAllocations(
        NodeEpoch owner, Prefix block, long firstSequence, List<Change> changes) {
      this(owner, block, ANY_CLAIM, firstSequence, changes);
    }
  }

  /**
   * Forgets every address recorded for a handle, wherever it is. The owner of the block learns it
   * from the state and lets go of the address too.
   */
  record ReleaseByHandle(Handle handle) implements Command {}
}
