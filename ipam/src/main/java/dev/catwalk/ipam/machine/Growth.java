package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Command.AskAddress;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.Most;
import dev.catwalk.ipam.machine.Command.Wanted;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.tree.SortedTree;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the owner of a ledger may ask of the store where its own blocks do not serve: a further block,
 * or one address apart. Follows the ledger; for the same thread.
 */
public final class Growth {
  /** As many blocks, or more, are no limit. */
  private static final int NO_LIMIT = 1_000_000;

  private final NodeEpoch owner;
  private final OwnBlocks blocks;
  private SortedTree<String, Pool> pools = SortedTree.empty();
  private AllocationRules rules = AllocationRules.NONE;

  Growth(NodeEpoch owner, OwnBlocks blocks) {
    this.owner = owner;
    this.blocks = blocks;
  }

  void govern(AllocationRules next) {
    rules = next;
  }

  void observe(SortedTree<String, Pool> next) {
    pools = next;
  }

  /** Whether an own block is an address that was set apart from a larger one. */
  boolean isApart(OwnBlock own) {
    Pool pool = own.pool == null ? null : pools.get(own.pool);
    return own.cidr().isHost() && pool != null && pool.blockSize() != own.cidr().length();
  }

  /** The claim of a further block, within what this node may have. */
  public ClaimBlock claim(Wanted wanted, long requestId) {
    return new ClaimBlock(
        owner,
        wanted,
        requestId,
        new Most(said(rules.maxBlocks()), said(rules.maxBlocksPerPool())));
  }

  /** A limit that nobody has come to is none: such claims are read by every earlier program. */
  private static int said(int limit) {
    return limit < NO_LIMIT ? limit : Integer.MAX_VALUE;
  }

  /**
   * Whether one address apart may help: always where it is kept for a name, else where blocks do not
   * serve any more and borrowing is allowed.
   */
  public boolean mayAskFor(AddressRequest request, Denied denied) {
    return denied.why() == Why.APART || denied.why() == Why.NO_BLOCK && rules.borrows();
  }

  /** What asks for it. */
  public AskAddress ask(AddressRequest request, long requestId) {
    return new AskAddress(
        owner,
        request.family(),
        serving(request),
        request.keptFor(),
        request.wanted(),
        rules.borrows(),
        requestId);
  }

  /**
   * Whether a further block may help: where the own ones are full, and where a wanted address is in
   * none of them but in some block of a pool.
   */
  public boolean mayClaimFor(AddressRequest request, Denied denied) {
    return denied.why() == Why.FULL
        || denied.why() == Why.OUTSIDE
            && request.wanted() != null
            && blocks.around(request.wanted()) == null
            && blockOf(request.wanted()) != null;
  }

  /** The block in which an address would be handed out; null if it never is. */
  private @Nullable Prefix blockOf(IpAddress wanted) {
    Pool pool = poolOf(wanted);
    Prefix block = pool == null ? null : Prefix.of(wanted, pool.blockSize());
    return block != null && Block.isUsable(block, wanted) ? block : null;
  }

  private @Nullable Pool poolOf(IpAddress wanted) {
    for (Pool pool : pools.values()) {
      if (pool.cidr().contains(wanted)) {
        return pool;
      }
    }
    return null;
  }

  /**
   * What to ask the store for: the block that a wanted address is in, else any block of a pool that
   * may serve.
   */
  public Wanted furtherBlock(AddressRequest request) {
    Prefix block = request.wanted() == null ? null : blockOf(request.wanted());
    return block != null
        ? new Exactly(block)
        : new FromPools(
            serving(request).stream().filter(name -> !isAtLimit(name)).toList());
  }

  /** The names of the pools that may serve a request. */
  private List<String> serving(AddressRequest request) {
    if (request.wanted() != null) {
      Pool pool = poolOf(request.wanted());
      return pool == null ? List.of() : List.of(pool.name());
    }
    if (!request.pools().isEmpty()) {
      return request.pools();
    }
    List<String> names = new ArrayList<>();
    for (Pool pool : pools.values()) {
      if (pool.cidr().family() == request.family() && !pool.disabled()) {
        names.add(pool.name());
      }
    }
    return names;
  }

  private boolean isAtLimit(String pool) {
    long has = blocks.all().stream()
        .filter(own -> pool.equals(own.pool) && !isApart(own))
        .count();
    return has >= rules.maxBlocksPerPool();
  }

  /** Why no further block may be asked for; null if one may. */
  public @Nullable Denied limit(AddressRequest request, Denied full) {
    Family family = request.family();
    long has = blocks.all().stream()
        .filter(own -> own.cidr().family() == family && !isApart(own))
        .count();
    if (has >= rules.maxBlocks()) {
      return new Denied(
          Why.NO_BLOCK,
          full.what() + "; the limit of " + rules.maxBlocks() + " blocks of " + family
              + " is reached for this node: raise maxBlocksPerHost, or move pods to other nodes");
    }
    List<String> serving = serving(request);
    return serving.isEmpty() || !serving.stream().allMatch(this::isAtLimit)
        ? null
        : new Denied(
            Why.NO_BLOCK,
            full.what() + "; the limit of " + rules.maxBlocksPerPool() + " blocks of pool "
                + String.join(", ", serving)
                + " is reached for this node: raise ipam.maxBlocksPerPool in agent.yaml, or move"
                + " pods to other nodes");
  }
}
