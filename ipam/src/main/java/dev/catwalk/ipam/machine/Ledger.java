package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Change.Allocated;
import dev.catwalk.ipam.machine.Change.Released;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.Wanted;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Given;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.machine.LedgerEntry.Changed;
import dev.catwalk.ipam.machine.LedgerEntry.Image;
import dev.catwalk.ipam.machine.LedgerEntry.Lost;
import dev.catwalk.ipam.machine.LedgerEntry.Taken;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.tree.SortedTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One life of a node as the owner of its blocks: what it handed out, what of that the store does not
 * know yet, and what the store says about its claims. Every verb returns the entries that must be on
 * disk before anybody hears of what was decided.
 *
 * <p>Mutable, for one thread, and a function of the calls made to it.
 */
public final class Ledger {
  /** So many changes may wait for the store; after that only releases are taken. */
  static final int MAX_PENDING = 50_000;

  /** An answer, and what has to be on disk, all or nothing, before it is given. */
  public record Decision(Grants grants, List<LedgerEntry> entries) {
    public Decision {
      entries = List.copyOf(entries);
    }
  }

  private final NodeEpoch owner;
  private final TreeMap<Prefix, OwnBlock> blocks = new TreeMap<>();

  /** Blocks that are ours but must not be used, with the reason. */
  private final TreeMap<Prefix, String> unusable = new TreeMap<>();

  private @Nullable NodeEpoch successor;
  private SortedTree<String, Pool> pools = SortedTree.empty();

  public Ledger(NodeEpoch owner) {
    this.owner = owner;
  }

  /** The life of the node that this is the ledger of. */
  public NodeEpoch owner() {
    return owner;
  }

  /** Own blocks, in address order. */
  public List<Prefix> blocks() {
    return new ArrayList<>(blocks.keySet());
  }

  /** How many addresses of the own blocks are free. */
  public int free() {
    return blocks.values().stream().mapToInt(b -> b.addresses.free()).sum();
  }

  /** How many changes the store has not acknowledged. */
  public int pending() {
    return blocks.values().stream().mapToInt(OwnBlock::pending).sum();
  }

  /** All that is handed out, in address order. */
  public List<Allocation> held() {
    List<Allocation> all = new ArrayList<>();
    blocks.values().forEach(b -> all.addAll(b.addresses.held()));
    return all;
  }

  /** What a handle holds, in address order. */
  public List<Allocation> heldBy(Handle handle) {
    List<Allocation> all = new ArrayList<>();
    for (OwnBlock own : blocks.values()) {
      Allocation a = own.addresses.of(handle);
      if (a != null) {
        all.add(a);
      }
    }
    return all;
  }

  /** What is wrong, each with its remedy. */
  public List<String> problems() {
    List<String> all = new ArrayList<>();
    if (successor != null) {
      all.add(retired(successor));
    }
    all.addAll(unusable.values());
    for (OwnBlock own : blocks.values()) {
      if (own.problem != null) {
        all.add(own.problem);
      }
    }
    return all;
  }

  /**
   * Does again what an entry from the disk says.
   *
   * @throws IllegalArgumentException if it cannot follow on those before it
   */
  public void replay(LedgerEntry entry) {
    switch (entry) {
      case Taken e -> blocks.put(e.block(), new OwnBlock(e.block(), e.claimedAt()));
      case Lost e -> blocks.remove(e.block());
      case Image e -> blocks.put(e.block(), new OwnBlock(e));
      case Changed e -> {
        OwnBlock own = blocks.get(e.block());
        if (own == null) {
          throw new IllegalArgumentException("a change in " + e.block() + ", which is not ours");
        }
        own.replay(e);
      }
    }
  }

  /** The whole ledger, in as few entries as can be. */
  public List<LedgerEntry> image() {
    List<LedgerEntry> all = new ArrayList<>();
    blocks.values().forEach(own -> all.add(own.image()));
    return all;
  }

  /**
   * Gives addresses out of the own blocks, all that are asked for or none: where the handle has one
   * of a family, that one. {@link Why#FULL} means that a further block of the family would help.
   *
   * @param requests one for each family at most, all of one handle; at least one
   */
  public Decision allocate(List<AddressRequest> requests) {
    assert requests.stream().map(AddressRequest::family).distinct().count() == requests.size()
        : requests;
    List<Given> offers = new ArrayList<>();
    for (AddressRequest request : requests) {
      switch (offer(request)) {
        case Given given -> offers.add(given);
        case Denied denied -> {
          return new Decision(new Grants.None(request, denied), List.of());
        }
      }
    }
    List<LedgerEntry> entries = new ArrayList<>();
    for (Given given : offers) {
      OwnBlock own = blocks.get(given.block());
      if (given.fresh() && own != null) {
        own.addresses.hold(given.allocation());
        entries.add(own.enter(new Allocated(given.allocation())));
      }
    }
    return new Decision(new Grants.All(offers.stream().map(Given::allocation).toList()), entries);
  }

  private Grant offer(AddressRequest request) {
    if (successor != null) {
      return new Denied(Why.RETIRED, retired(successor));
    }
    for (OwnBlock own : blocks.values()) {
      if (own.cidr().family() == request.family() && own.addresses.of(request.handle()) != null) {
        return own.addresses.offer(request);
      }
    }
    if (pending() >= MAX_PENDING) {
      return new Denied(
          Why.BACKLOG,
          MAX_PENDING + " changes wait to be recorded in the store: bring back its quorum");
    }
    IpAddress wanted = request.wanted();
    OwnBlock own = wanted == null ? emptiest(request.family()) : around(wanted);
    if (own == null || own.problem != null) {
      return wanted == null
          ? new Denied(Why.FULL, "this node has no block of " + request.family() + " addresses")
          : new Denied(Why.OUTSIDE, wanted + " is in no block of this node: it has " + names());
    }
    return own.addresses.offer(request);
  }

  /** The block with the most free addresses: what was released just now rests there longest. */
  private @Nullable OwnBlock emptiest(Family family) {
    OwnBlock best = null;
    for (OwnBlock own : blocks.values()) {
      if (own.problem == null
          && own.cidr().family() == family
          && (best == null || own.addresses.free() > best.addresses.free())) {
        best = own;
      }
    }
    return best;
  }

  /** What to ask the store for when the own blocks are full: a block of any pool in use. */
  public Wanted furtherBlock(Family family) {
    List<String> names = new ArrayList<>();
    for (Pool pool : pools.values()) {
      if (pool.cidr().family() == family && !pool.disabled()) {
        names.add(pool.name());
      }
    }
    return new FromPools(names);
  }

  /** Takes back all that a handle has; nothing to do is no mistake. */
  public List<LedgerEntry> release(Handle handle) {
    List<LedgerEntry> entries = new ArrayList<>();
    for (OwnBlock own : blocks.values()) {
      Allocation a = own.addresses.release(handle);
      if (a != null) {
        entries.add(own.enter(new Released(a.ip(), handle)));
      }
    }
    return entries;
  }

  /** The store has granted a block, or says once more that it did. */
  public List<LedgerEntry> take(Granted granted) {
    if (!granted.owner().equals(owner) || blocks.containsKey(granted.block())) {
      return List.of();
    }
    if (granted.recorded() > 0) {
      unusable.put(granted.block(), unknownContent(granted.block()));
      return List.of();
    }
    blocks.put(granted.block(), new OwnBlock(granted.block(), granted.claimedAt()));
    return List.of(new Taken(granted.block(), granted.claimedAt()));
  }

  /** Compares with the replicated state at {@code revision}: it decides about claims. */
  public List<LedgerEntry> observe(IpamState state, long revision) {
    Registration registration = state.nodes().get(owner.node());
    if (registration != null && registration.retired().contains(owner.epoch())) {
      successor = registration.current();
    }
    List<LedgerEntry> entries = new ArrayList<>();
    for (OwnBlock own : new ArrayList<>(blocks.values())) {
      Block there = state.blocks().get(own.cidr());
      if (revision < own.claimedAt) {
        continue; // older than the claim: it cannot know
      }
      if (successor != null || there == null || !there.owner().equals(owner)) {
        entries.addAll(lose(own.cidr()));
      } else if (there.recorded() > own.made()) {
        own.problem = unknownContent(own.cidr());
      } else {
        own.acknowledge(there.recorded());
        entries.addAll(releasedElsewhere(own, there));
      }
    }
    unusable.clear();
    pools = state.pools();
    if (successor == null) {
      state.blocksOf(owner).forEach(block -> entries.addAll(take(Granted.of(block))));
    }
    return entries;
  }

  /** What an operator has released in the store while its owner still held it. */
  private static List<LedgerEntry> releasedElsewhere(OwnBlock own, Block there) {
    List<LedgerEntry> entries = new ArrayList<>();
    if (there.recorded() == own.made() && there.allocated() != own.addresses.allocated()) {
      for (Allocation a : own.addresses.held()) {
        if (!there.allocations().containsKey(a.ip())) {
          own.addresses.release(a.handle());
          entries.add(own.enter(new Released(a.ip(), a.handle())));
        }
      }
    }
    return entries;
  }

  private List<LedgerEntry> lose(Prefix block) {
    OwnBlock own = blocks.remove(block);
    return own == null ? List.of() : List.of(new Lost(block));
  }

  /** These entries are on disk: what they say may be told. */
  public void onDisk(List<LedgerEntry> entries) {
    for (LedgerEntry entry : entries) {
      OwnBlock own = blocks.get(entry.block());
      if (own != null && entry instanceof Changed changed) {
        own.onDisk(changed.sequence());
      }
    }
  }

  /** What the store should hear next; null if there is nothing, or an answer is waited for. */
  public @Nullable RecordAllocations nextBatch() {
    for (OwnBlock own : blocks.values()) {
      RecordAllocations batch = own.nextBatch(owner);
      if (batch != null) {
        return batch;
      }
    }
    return null;
  }

  /** The store's answer to a batch. */
  public List<LedgerEntry> answered(RecordAllocations batch, Outcome outcome) {
    unanswered(batch);
    OwnBlock own = blocks.get(batch.block());
    if (own == null) {
      return List.of();
    }
    if (outcome instanceof Outcome.Recorded recorded) {
      own.acknowledge(recorded.sequence());
    } else if (outcome instanceof Refused refused) {
      if (refused.reason() == Reason.NOT_OWNER || refused.reason() == Reason.STALE_EPOCH) {
        return lose(batch.block());
      }
      own.problem =
          "the store refuses what this node did in block " + batch.block() + ": " + refused.what();
    }
    return List.of();
  }

  /** The batch may be sent again: there was no answer. */
  public void unanswered(RecordAllocations batch) {
    OwnBlock own = blocks.get(batch.block());
    if (own != null) {
      own.answered();
    }
  }

  private @Nullable OwnBlock around(IpAddress ip) {
    Map.Entry<Prefix, OwnBlock> below = blocks.floorEntry(ip.asPrefix());
    return below != null && below.getKey().contains(ip) ? below.getValue() : null;
  }

  private String names() {
    return blocks.isEmpty()
        ? "none"
        : String.join(", ", blocks.keySet().stream().map(Prefix::toString).toList());
  }

  private String retired(NodeEpoch by) {
    return "this agent is " + owner + ", but " + by + " has registered since: two nodes have one"
        + " name, or an old disk came back; give this node another name, or empty its data"
        + " directory";
  }

  private static String unknownContent(Prefix block) {
    return "block " + block + " is this node's, but its record on disk does not say what was handed"
        + " out of it: nothing more is; empty the data directory for a new life of the node, then"
        + " release the block";
  }
}
