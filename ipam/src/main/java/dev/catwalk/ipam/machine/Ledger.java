package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.machine.Change.Allocated;
import dev.catwalk.ipam.machine.Change.Released;
import dev.catwalk.ipam.machine.Command.GiveBack;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Given;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.machine.LedgerEntry.Resting;
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
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
  private final OwnBlocks blocks = new OwnBlocks();
  /** Blocks that are ours but must not be used, with the reason. */
  private final TreeMap<Prefix, String> unusable = new TreeMap<>();

  private final Remains remains = new Remains();

  /** The revision of the state that was seen last. */
  private long observed;

  private @Nullable NodeEpoch successor;
  private AllocationRules rules = AllocationRules.NONE;
  private final Growth growth;
  private final Offers offers;

  public Ledger(NodeEpoch owner) {
    this.owner = owner;
    this.growth = new Growth(owner, blocks);
    this.offers = new Offers(blocks, remains);
  }

  /** The life of the node that this is the ledger of. */
  public NodeEpoch owner() {
    return owner;
  }

  /** Keeps to these rules from now on. */
  public void govern(AllocationRules next) {
    rules = next;
    growth.govern(next);
    blocks.all().forEach(own -> own.addresses.govern(next));
  }

  /**
   * Pods are there, found in the kernel, with addresses of which this ledger knows nothing: their
   * record was lost with the disk. Nobody else gets these addresses: where the block is an own one
   * they are held from now on, else as soon as it becomes one.
   */
  public List<LedgerEntry> adopt(List<Allocation> found) {
    List<LedgerEntry> entries = new ArrayList<>();
    for (Allocation a : found) {
      OwnBlock own = blocks.around(a.ip());
      if (own == null || own.addresses.apart().containsKey(a.ip())) {
        remains.add(a);
      } else if (own.addresses.isLeft(a.ip()) && own.addresses.of(a.handle()) == null) {
        own.addresses.hold(a);
        entries.add(own.enter(new Allocated(a)));
      } else if (!a.ip().equals(addressOf(own, a.handle()))) {
        own.problem = a.ip() + " is the address of pod " + a.owner() + " (" + a.handle()
            + ") and was handed out to another too: delete one of the two pods";
      }
    }
    return entries;
  }

  private static @Nullable IpAddress addressOf(OwnBlock own, Handle handle) {
    Allocation has = own.addresses.of(handle);
    return has == null ? null : has.ip();
  }

  /** What {@link #adopt} was told of and is in no own block yet. */
  public List<Allocation> remains() {
    return remains.all();
  }

  /** Own blocks, in address order. */
  public List<Prefix> blocks() {
    return blocks.names();
  }

  /** How many addresses of the own blocks are free for anybody. */
  public int free() {
    int free = 0;
    for (OwnBlock own : blocks.all()) {
      free += own.isOpen() && own.name == null ? own.addresses.free() : 0;
    }
    return free;
  }

  /** How many changes the store has not acknowledged. */
  public int pending() {
    return blocks.all().stream().mapToInt(OwnBlock::pending).sum();
  }

  /** What there is in each of the own blocks. */
  public List<Stock> stock(long nowMs) {
    List<Stock> all = new ArrayList<>();
    for (OwnBlock own : blocks.all()) {
      all.add(own.stock(nowMs));
    }
    return all;
  }

  /** All that is handed out, in address order. */
  public List<Allocation> held() {
    List<Allocation> all = new ArrayList<>();
    blocks.all().forEach(b -> all.addAll(b.addresses.held()));
    return all;
  }

  /** What is set apart in an own block, in address order. */
  public Collection<IpAddress> apartIn(Prefix block) {
    OwnBlock own = blocks.get(block);
    return own == null ? List.of() : own.addresses.apart().keySet();
  }

  /** What a handle holds, in address order. */
  public List<Allocation> heldBy(Handle handle) {
    List<Allocation> all = new ArrayList<>();
    for (OwnBlock own : blocks.all()) {
      Allocation a = own.addresses.of(handle);
      if (a != null) {
        all.add(a);
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
    blocks.replay(entry);
  }

  /** The whole ledger, in as few entries as can be. */
  public List<LedgerEntry> image() {
    return blocks.image();
  }

  /** These entries are on disk: what they say may be told. */
  public void onDisk(List<LedgerEntry> entries) {
    entries.forEach(blocks::onDisk);
  }

  /** What is wrong, each with its remedy. */
  public List<String> problems() {
    List<String> all = new ArrayList<>();
    if (successor != null) {
      all.add(retired(successor));
    }
    all.addAll(unusable.values());
    for (OwnBlock own : blocks.all()) {
      if (own.problem != null) {
        all.add(own.problem);
      }
    }
    return all;
  }

  /**
   * Gives addresses out of the own blocks, all that are asked for or none: where the handle has one
   * of a family, that one. {@link Growth#mayClaimFor} says whether a further block would help.
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
    return successor != null
        ? new Denied(Why.RETIRED, retired(successor))
        : offers.of(request, pending());
  }

  /** What a further block may help, and what may be asked of the store for it. */
  public Growth growth() {
    return growth;
  }

  /**
   * Takes back all that a handle has; nothing to do is no mistake.
   *
   * @param nowMs from when on the addresses rest, milliseconds since 1970
   */
  public List<LedgerEntry> release(Handle handle, long nowMs) {
    List<LedgerEntry> entries = new ArrayList<>();
    remains.release(handle);
    for (OwnBlock own : blocks.all()) {
      Allocation a = own.addresses.release(handle, nowMs);
      if (a != null) {
        entries.add(own.enter(new Released(a.ip(), handle)));
        if (rules.coolDownMs() > 0) {
          entries.add(new Resting(own.cidr(), a.ip(), nowMs));
        }
      }
    }
    return entries;
  }

  /** Begins to give back blocks that have long been empty and that others can stand in for. */
  public List<LedgerEntry> tidy(long nowMs) {
    return Tidying.begin(blocks, rules, growth, nowMs);
  }

  /** Answers what is asked of the owner of these blocks, once each. */
  public List<LedgerEntry> answerAsks(IpamState state, long nowMs) {
    return successor != null || state.asks().isEmpty()
        ? List.of()
        : Lender.answer(blocks, owner, state, nowMs);
  }

  /**
   * The store has granted a block, or says once more that it did. An answer that comes so late that
   * the state has been seen since says nothing new: the block may have been given back meanwhile.
   */
  public List<LedgerEntry> take(Granted granted) {
    return granted.claimedAt() <= observed ? List.of() : taken(granted);
  }

  private List<LedgerEntry> taken(Granted granted) {
    Long ended = blocks.ended(granted.block());
    if (!granted.owner().equals(owner)
        || blocks.get(granted.block()) != null
        || ended != null && granted.claimedAt() <= ended) {
      return List.of();
    }
    if (granted.recorded() > 0) {
      unusable.put(granted.block(), unknownContent(granted.block()));
      return List.of();
    }
    OwnBlock own = new OwnBlock(granted.block(), granted.claimedAt());
    granted.apart().forEach(ip -> own.addresses.setApart(ip, 0));
    own.pool = granted.pool();
    own.name = granted.name();
    own.addresses.govern(rules);
    blocks.put(own);
    List<LedgerEntry> entries = new ArrayList<>();
    entries.add(new Taken(granted.block(), granted.claimedAt(), granted.apart()));
    entries.addAll(adopt(remains.takeFrom(granted.block(), granted.apart())));
    return entries;
  }

  /** Compares with the replicated state at {@code revision}: it decides about claims. */
  public List<LedgerEntry> observe(IpamState state, long revision) {
    observed = revision;
    Registration registration = state.nodes().get(owner.node());
    if (registration != null && registration.retired().contains(owner.epoch())) {
      successor = registration.current();
    }
    List<LedgerEntry> entries = new ArrayList<>();
    for (OwnBlock own : new ArrayList<>(blocks.all())) {
      Block there = state.block(own.cidr());
      if (revision < own.claimedAt) {
        continue; // older than the claim: it cannot know
      }
      if (successor != null
          || there == null
          || !there.owner().equals(owner)
          || there.claimedAt() != own.claimedAt) {
        entries.addAll(blocks.lose(own.cidr()));
      } else if (there.recorded() > own.made()) {
        own.problem = unknownContent(own.cidr());
      } else {
        Pool pool = state.pools().get(there.pool());
        own.pool = there.pool();
        own.closed = pool != null && pool.disabled();
        own.name = own.cidr().isHost() ? state.nameOf(own.cidr().address()) : null;
        own.acknowledge(there.recorded());
        entries.addAll(releasedElsewhere(own, there));
        entries.addAll(Lender.takeBackIn(own, there, state));
      }
    }
    blocks.forget((block, claimedAt) -> isPast(state, block, claimedAt));
    unusable.clear();
    growth.observe(state.pools());
    remains.observe(state, owner);
    if (successor == null) {
      state.blocksOf(owner).forEach(block -> entries.addAll(taken(Granted.of(state, block))));
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

  /** Whether the state knows that a claim has ended. */
  private boolean isPast(IpamState state, Prefix block, long claimedAt) {
    Block there = state.block(block);
    return there == null || !there.owner().equals(owner) || there.claimedAt() != claimedAt;
  }

  /** What the store should hear next; null if there is nothing, or an answer is waited for. */
  public @Nullable RecordAllocations nextBatch() {
    for (OwnBlock own : blocks.all()) {
      RecordAllocations batch = own.nextBatch(owner);
      if (batch != null) {
        return batch;
      }
    }
    return null;
  }

  /** Which block the store should take back next; null if there is none, as with batches. */
  public @Nullable GiveBack nextGiveBack() {
    for (OwnBlock own : blocks.all()) {
      GiveBack next = own.nextGiveBack(owner);
      if (next != null) {
        return next;
      }
    }
    return null;
  }

  /** The store's answer to that. */
  public List<LedgerEntry> answered(GiveBack sent, Outcome outcome) {
    unanswered(sent.block());
    OwnBlock own = blocks.get(sent.block());
    if (own == null || own.claimedAt != sent.claimedAt()) {
      return List.of();
    }
    if (outcome instanceof Refused refused && refused.reason() != Reason.NOT_OWNER) {
      own.problem = "block " + sent.block() + " cannot be given back: " + refused.what();
      return List.of();
    }
    return blocks.lose(sent.block());
  }

  /** The store's answer to a batch. */
  public List<LedgerEntry> answered(RecordAllocations batch, Outcome outcome) {
    unanswered(batch.block());
    OwnBlock own = blocks.get(batch.block());
    if (own == null || own.claimedAt != batch.claimedAt()) {
      return List.of();
    }
    if (outcome instanceof Outcome.Recorded recorded) {
      own.acknowledge(recorded.sequence());
    } else if (outcome instanceof Refused refused) {
      if (refused.reason() == Reason.NOT_OWNER || refused.reason() == Reason.STALE_EPOCH) {
        return blocks.lose(batch.block());
      }
      own.problem =
          "the store refuses what this node did in block " + batch.block() + ": " + refused.what();
    }
    return List.of();
  }

  /** What was sent of this block may be sent again: there was no answer. */
  public void unanswered(Prefix block) {
    OwnBlock own = blocks.get(block);
    if (own != null) {
      own.answered();
    }
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
