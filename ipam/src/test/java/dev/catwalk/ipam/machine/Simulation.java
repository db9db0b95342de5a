package dev.catwalk.ipam.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.Command.AskAddress;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.ForgetName;
import dev.catwalk.ipam.machine.Command.GiveBack;
import dev.catwalk.ipam.machine.Command.OfPast;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Command.SetPool;
import dev.catwalk.ipam.machine.Command.SplitPool;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.Ledger.Decision;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Nodes with their disks, one log, and messages that are late, lost or doubled; what befalls them is
 * chosen by a seed. After every operation: no address is two pods', none that somebody was told of
 * is forgotten, used and free and cooling together are the blocks, and the blocks the pools.
 */
final class Simulation {
  private static final int HANDLES = 12;

  /** On its way to the log, or back from it with an outcome. */
  private record Message(SimulatedOwner node, int start, Command command, Outcome outcome) {}

  private final SplittableRandom random;
  private final List<IpamState> states = new ArrayList<>(List.of(IpamState.empty()));
  private final List<SimulatedOwner> nodes = new ArrayList<>();
  private final List<Message> messages = new ArrayList<>();

  /** Machines that others have replaced, as they were. */
  private final List<SimulatedOwner> off = new ArrayList<>();

  /** Pods that answer to an address, whoever believes to own it. */
  private final TreeMap<IpAddress, String> inUse = new TreeMap<>();

  /** Where each name had its address last, and which that was. */
  private final TreeMap<StickyName, SimulatedOwner> lastAt = new TreeMap<>();

  private final TreeMap<StickyName, IpAddress> lastIp = new TreeMap<>();

  private long nowMs = 1_000_000;
  private long epochs;
  int given;
  int givenBack;
  int servedWhileCut;
  int adopted;

  /** Whether a machine that was off answers before it has heard of the log as it is then. */
  private final boolean trusting;

  /** Draws what has to do with addresses set apart; null where there is none of that. */
  private final SplittableRandom apart;

  int lent;
  int moved;

  Simulation(long seed) {
    this(seed, false, false);
  }

  /**
   * @param trusting whether a machine that was off believes its disk alone
   * @param sharing whether nodes ask for addresses apart, to borrow or to keep them for a name
   */
  Simulation(long seed, boolean trusting, boolean sharing) {
    this.trusting = trusting;
    random = new SplittableRandom(seed);
    apart = sharing ? new SplittableRandom(~seed) : null;
    for (int i = random.nextInt(2, 6); i > 0; i--) {
      nodes.add(new SimulatedOwner("node" + i, ++epochs));
    }
    commit(new CreatePools(
        List.of(
            new Pool("four", Prefix.parse("10.42.0.0/25"), 29, true, false),
            new Pool("each", Prefix.parse("10.43.0.0/28"), 32, true, false),
            new Pool("six", Prefix.parse("fd00::/122"), 125, true, false)),
        true));
  }

  void run(int operations) {
    for (int i = 0; i < operations; i++) {
      share();
      SimulatedOwner node = nodes.get(random.nextInt(nodes.size()));
      operate(node);
      node.check(nowMs);
      if (i % 64 == 0) {
        checkAll();
      }
    }
    settle();
  }

  private IpamState head() {
    return states.getLast();
  }

  private Outcome commit(Command command) {
    Applied applied =
        Ipam.apply(head(), states.size(), CommandCodec.decode(CommandCodec.encode(command)));
    lent += applied.next().singles().size() > head().singles().size() ? 1 : 0;
    states.add(applied.next());
    return applied.outcome();
  }

  private void operate(SimulatedOwner node) {
    nowMs += random.nextInt(20);
    switch (random.nextInt(93)) {
      case 90 -> wipe(node);
      case 91, 92 -> switchOn();
      case 0 -> node.cut = true;
      case 1, 2, 3, 4 -> node.cut = false;
      case 5 -> crash(node);
      case 6, 7, 8, 9, 10 -> restart(node);
      case 11 -> replace(node);
      case 12 -> pools();
      case 13 -> node.ledger.govern(rules());
      case 14 -> operator();
      case 15 -> {
        if (node.up) {
          node.rewrite();
        }
      }
      case 16 -> nowMs += random.nextInt(2_000);
      case 17, 18, 19, 20, 21, 22, 23, 24, 25, 26 -> observe(node);
      case 27, 28, 29, 30, 31 -> tell(node);
      case 32, 33, 34, 35, 36, 37, 38, 39, 40, 41 -> {
        for (int some = random.nextInt(12); some >= 0; some--) {
          deliver();
        }
      }
      case 42, 43, 44, 45, 46, 47, 48, 49 -> {
        for (int some = random.nextInt(4); some >= 0; some--) {
          node.sync();
        }
      }
      case 50, 51, 52, 53, 54 -> delete(node);
      default -> add(node);
    }
  }

  private void crash(SimulatedOwner node) {
    if (node.up) {
      node.crash(random.nextInt(3));
    }
  }

  /** What this member of the store knows at its start may be older than what it knew before. */
  private void restart(SimulatedOwner node) {
    if (node.up) {
      return;
    }
    node.restart();
    node.barrier = states.size() - 1;
    node.seen = random.nextInt(node.seen + 1);
    node.check(nowMs);
    for (Allocation a : node.ledger.held()) {
      if (!node.pods.containsKey(a.handle())) {
        node.write(node.ledger.release(a.handle(), nowMs), () -> {}); // nobody was told of it
      }
    }
  }

  /** Deleted and made again under its name: pods and disk are gone, messages are on their way. */
  private void replace(SimulatedOwner node) {
    if (!node.replaced && random.nextInt(4) == 0) {
      inUse.values().removeIf(pod -> pod.startsWith(node.epoch + " "));
      off.add(node.switchedOff());
      node.begin(++epochs);
      node.barrier = states.size() - 1;
      node.seen = 0;
    }
  }

  /** Its disk is lost while its pods go on. */
  private void wipe(SimulatedOwner node) {
    if (node.replaced || random.nextInt(3) > 0) {
      return;
    }
    NodeEpoch before = node.epoch;
    node.wipe(++epochs);
    inUse.replaceAll((ip, pod) -> pod.startsWith(before + " ")
        ? node.epoch + pod.substring(before.toString().length())
        : pod);
    node.barrier = states.size() - 1;
    node.seen = 0;
  }

  /** A machine that another has replaced since is switched on again, with its old disk. */
  private void switchOn() {
    off.stream().filter(this::isRetired).findFirst().ifPresent(node -> {
      off.remove(node);
      node.cut = random.nextBoolean();
      nodes.add(node);
      restart(node);
      node.barrier = trusting ? 0 : node.barrier;
    });
  }

  private boolean isRetired(SimulatedOwner node) {
    Registration name = head().nodes().get(node.name);
    return name != null && name.retired().contains(node.epoch.epoch());
  }

  /** Asks for what earlier lives of this machine had, as its kernel tells. */
  private void claimPast(SimulatedOwner node) {
    for (long epoch : node.past) {
      NodeEpoch past = new NodeEpoch(node.name, epoch);
      for (Block block : states.get(node.seen).blocksOf(past)) {
        send(node, new ClaimBlock(node.epoch, new OfPast(block.cidr(), past), ++node.requests));
      }
    }
  }

  private void pools() {
    List<Pool> all = new ArrayList<>();
    head().pools().values().forEach(all::add);
    Pool pool = all.get(random.nextInt(all.size()));
    Prefix half =
        Prefix.of(pool.cidr().address(), Math.min(pool.cidr().length() + 1, pool.blockSize()));
    Prefix twice = Prefix.of(pool.cidr().address(), pool.cidr().length() - 1);
    commit(
        switch (random.nextInt(8)) {
          case 0 -> new SplitPool(pool.name(), 1 << random.nextInt(1, 3));
          case 1 -> new SetPool(pool.as(pool.name(), half));
          case 2, 3 -> new SetPool(pool.as(pool.name(), twice));
          case 4 -> new SetPool(pool.closed());
          default -> new SetPool(new Pool(pool.name(), pool.cidr(), pool.blockSize(), true, false));
        });
  }

  private AllocationRules rules() {
    return new AllocationRules(
        random.nextBoolean() ? List.of() : List.of(Prefix.parse("10.42.0.16/30")),
        random.nextInt(3) * 300L,
        random.nextInt(1, 9),
        random.nextInt(1, 9),
        random.nextInt(2_000),
        new TreeSet<>());
  }

  /** Takes back what past lives had: their machines are gone. */
  private void operator() {
    for (Registration node : head().nodes().values()) {
      for (long epoch : node.retired()) {
        NodeEpoch past = new NodeEpoch(node.current().node(), epoch);
        if (nodes.stream().anyMatch(n -> n.epoch.equals(past) || n.past.contains(epoch))) {
          continue; // its machine is there, and so may be its pods
        }
        for (Block block : head().blocksOf(past)) {
          commit(new ReleaseBlock(past, block.cidr(), true));
        }
      }
    }
  }

  private void observe(SimulatedOwner node) {
    if (!node.up || node.cut) {
      return;
    }
    node.seen = random.nextInt(node.seen, states.size());
    if (random.nextInt(3) > 0) {
      node.seen = states.size() - 1;
    }
    node.write(node.ledger.observe(states.get(node.seen), node.seen), () -> {});
    answerAsks(node);
    node.write(node.ledger.tidy(nowMs), () -> {});
    Registration known = states.get(node.seen).nodes().get(node.name);
    if (node.serves() && known != null && known.current().equals(node.epoch)) {
      claimPast(node);
    }
    if (node.serves() && (known == null || !known.current().equals(node.epoch))) {
      send(
          node,
          known == null
              ? new RegisterNode(node.epoch)
              : new SucceedNode(node.epoch, known.current()));
    }
  }

  private void send(SimulatedOwner node, Command command) {
    messages.add(new Message(node, node.start, command, null));
  }

  private void tell(SimulatedOwner node) {
    if (!node.up) {
      return;
    }
    RecordAllocations batch = node.ledger.nextBatch();
    if (batch != null) {
      send(node, batch);
    }
    GiveBack back = node.ledger.nextGiveBack();
    if (back != null) {
      send(node, back);
    }
  }

  /** Some message arrives, is lost, or comes once more. */
  private void deliver() {
    if (messages.isEmpty()) {
      return;
    }
    Message message = messages.remove(random.nextInt(messages.size()));
    SimulatedOwner node = message.node();
    boolean lives = node.up && node.start == message.start();
    if (random.nextInt(12) == 0 || lives && node.cut && random.nextInt(3) > 0) {
      if (lives && message.command() instanceof RecordAllocations batch) {
        node.ledger.unanswered(batch.block());
      } else if (lives && message.command() instanceof GiveBack back) {
        node.ledger.unanswered(back.block());
      }
      return;
    }
    if (message.outcome() == null) {
      Outcome outcome = commit(message.command());
      adopted += message.command() instanceof ClaimBlock claim
              && claim.wanted() instanceof OfPast
              && outcome instanceof Granted
          ? 1
          : 0;
      messages.add(new Message(node, message.start(), message.command(), outcome));
      if (random.nextInt(20) == 0) {
        messages.add(message);
      }
      givenBack +=
          message.command() instanceof GiveBack && !(outcome instanceof Outcome.Refused) ? 1 : 0;
    } else if (lives) {
      node.write(answered(node, message.command(), message.outcome()), () -> {});
    }
  }

  private static List<LedgerEntry> answered(SimulatedOwner node, Command sent, Outcome outcome) {
    return switch (sent) {
      case RecordAllocations batch -> node.ledger.answered(batch, outcome);
      case GiveBack back -> node.ledger.answered(back, outcome);
      default ->
        outcome instanceof Granted granted ? node.ledger.take(granted) : List.<LedgerEntry>of();
    };
  }

  private void add(SimulatedOwner node) {
    if (!node.serves()) {
      return;
    }
    Handle handle = new Handle("c" + random.nextInt(HANDLES), "eth0");
    List<AddressRequest> requests = new ArrayList<>();
    int kind = random.nextInt(4);
    List<String> pools = kind == 0 ? List.of("each") : List.of();
    requests.add(new AddressRequest(handle, Family.IPV4, null, "shop", "p", nowMs, pools));
    if (kind == 1) {
      requests.add(new AddressRequest(handle, Family.IPV6, null, "shop", "p", nowMs));
    }
    if (kind == 2 && node.ledger.heldBy(handle).isEmpty()) {
      int place = random.nextInt(144); // of pool four, or of each
      IpAddress wanted = IpAddress.v4(place < 128 ? 0x0a2a0000 + place : 0x0a2b0000 + place - 128);
      requests.set(0, new AddressRequest(handle, Family.IPV4, wanted, "shop", "p", nowMs));
    }
    Decision decision = node.ledger.allocate(requests);
    switch (decision.grants()) {
      case Grants.All(List<Allocation> allocations) -> {
        servedWhileCut += node.cut ? 1 : 0;
        int start = node.start;
        node.write(decision.entries(), () -> {
          if (node.start == start) {
            told(node, handle, allocations);
          }
        });
      }
      case Grants.None(AddressRequest request, Grant.Denied denied) -> {
        boolean further = node.ledger.growth().mayClaimFor(request, denied)
            && node.ledger.growth().limit(request, denied) == null;
        long underWay = messages.stream()
            .filter(m -> m.node() == node && m.command() instanceof ClaimBlock)
            .count();
        if (further && underWay < 2) {
          long id = node.requests += random.nextInt(2); // at times the same one again
          send(node, new ClaimBlock(node.epoch, node.ledger.growth().furtherBlock(request), id));
        }
      }
    }
  }

  /** Pods that keep their addresses, and nodes that borrow, whatever else goes on. */
  private void share() {
    if (apart == null) {
      return;
    }
    SimulatedOwner node = nodes.get(apart.nextInt(nodes.size()));
    switch (apart.nextInt(100)) {
      case 0 -> {
        if (!head().names().isEmpty()) {
          commit(new ForgetName(head().names().keys().iterator().next()));
        }
      }
      case 1, 2, 3, 4, 5 -> borrow(node);
      case 6, 7, 8, 9, 10, 11, 12, 13 -> nodes.forEach(this::deleteSticky);
      case 14, 15, 16, 17, 18, 19, 20, 21, 22, 23 -> hurry(node);
      case 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40 -> addSticky(node);
      default -> {}
    }
  }

  /** A node that comes to what it has to do. */
  private void hurry(SimulatedOwner node) {
    observe(node);
    while (node.up && node.hasUnsynced()) {
      node.sync();
    }
    tell(node);
    for (int i = messages.size(); i > 0; i--) {
      deliver();
    }
  }

  private void answerAsks(SimulatedOwner node) {
    if (apart != null) {
      node.write(node.ledger.answerAsks(states.get(node.seen), nowMs), () -> {});
    }
  }

  private void borrow(SimulatedOwner node) {
    if (node.serves()) {
      Family family = apart.nextInt(4) == 0 ? Family.IPV6 : Family.IPV4;
      IpAddress wanted = family == Family.IPV4 && apart.nextInt(4) == 0
          ? IpAddress.v4(0x0a2a0000 + apart.nextInt(128))
          : null;
      ask(node, family, null, wanted);
    }
  }

  private void ask(
      SimulatedOwner node, Family family, @Nullable StickyName name, @Nullable IpAddress wanted) {
    long id = Long.MIN_VALUE + (node.requests += apart.nextInt(3) > 0 ? 1 : 0);
    List<String> pools = new ArrayList<>();
    head().pools().keys().forEach(pools::add);
    send(
        node,
        new AskAddress(
            node.epoch, family, pools, name, wanted, name == null || apart.nextBoolean(), id));
  }

  private static Handle sticky(StickyName name) {
    return new Handle("s-" + name.name(), "eth0");
  }

  /** One of few names, on any node: the store alone knows where it may be. */
  private void addSticky(SimulatedOwner node) {
    if (!node.serves()) {
      return;
    }
    StickyName name = new StickyName("shop", "n" + apart.nextInt(3), Family.IPV4);
    AddressRequest request = new AddressRequest(
        sticky(name), name.family(), null, "shop", name.name(), nowMs, List.of(), name);
    Decision decision = node.ledger.allocate(List.of(request));
    switch (decision.grants()) {
      case Grants.All(List<Allocation> allocations) -> {
        int start = node.start;
        node.write(decision.entries(), () -> {
          if (node.start == start && node.ledger.heldBy(sticky(name)).containsAll(allocations)) {
            IpAddress ip = allocations.getFirst().ip();
            SimulatedOwner before = lastAt.put(name, node);
            IpAddress last = lastIp.put(name, ip);
            boolean kept = ip.equals(head().names().get(name));
            moved += before != null && before != node && ip.equals(last) && kept ? 1 : 0;
            told(node, sticky(name), allocations);
          }
        });
      }
      case Grants.None(AddressRequest one, Grant.Denied denied) -> {
        if (denied.why() == Grant.Why.APART) {
          ask(node, name.family(), name, null);
        }
      }
    }
  }

  private void deleteSticky(SimulatedOwner node) {
    Handle handle = new Handle("s-n" + apart.nextInt(3), "eth0");
    if (!node.serves() || apart.nextInt(3) == 0) {
      return;
    }
    List<IpAddress> ips = node.pods.remove(handle);
    if (ips != null) {
      ips.forEach(inUse::remove);
    }
    node.write(node.ledger.release(handle, nowMs), () -> {});
  }

  private void told(SimulatedOwner node, Handle handle, List<Allocation> allocations) {
    if (!node.ledger.heldBy(handle).containsAll(allocations)) {
      return; // given back by a call that overtook this answer
    }
    given++;
    for (Allocation a : allocations) {
      String pod = node.epoch + " " + handle;
      String other = inUse.put(a.ip(), pod);
      assertTrue(
          other == null || other.equals(pod),
          () -> a.ip() + " is given twice: " + other + ", " + pod);
    }
    TreeSet<IpAddress> ips = new TreeSet<>(node.pods.getOrDefault(handle, List.of()));
    allocations.forEach(a -> ips.add(a.ip()));
    node.pods.put(handle, List.copyOf(ips));
  }

  /** The pod ends; the node hears of it, or never does. */
  private void delete(SimulatedOwner node) {
    if (!node.serves()) {
      return;
    }
    Handle handle = new Handle("c" + random.nextInt(HANDLES), "eth0");
    List<IpAddress> ips = node.pods.remove(handle);
    if (ips != null) {
      ips.forEach(inUse::remove);
    }
    if (random.nextInt(15) > 0) {
      node.write(node.ledger.release(handle, nowMs), () -> {});
    }
  }

  private void checkAll() {
    TreeMap<IpAddress, NodeEpoch> held = new TreeMap<>();
    for (SimulatedOwner node : nodes) {
      if (node.serves()) {
        for (Allocation a : node.ledger.held()) {
          NodeEpoch other = held.put(a.ip(), node.epoch);
          assertNull(other, () -> a.ip() + " is held by " + node.epoch + " and " + other);
        }
      }
    }
    TreeMap<String, Long> claimed = new TreeMap<>();
    for (IpAddress kept : head().names().values()) {
      Block block = head().blockAround(kept);
      assertTrue(block != null, () -> kept + " is kept out of no block");
    }
    for (Block single : head().singles().values()) {
      Block around = head().blocks().floor(single.cidr()).getValue();
      assertTrue(
          around.cidr().contains(single.cidr())
              && !around.allocations().containsKey(single.cidr().address()),
          () -> single + " and " + around);
    }
    for (Block block : head().blocks().values()) {
      assertEquals(Block.usable(block.cidr()), block.allocated() + block.free());
      assertTrue(block.free() >= head().apartIn(block.cidr()).size(), block::toString);
      Pool pool = head().pools().get(block.pool());
      assertTrue(pool != null && pool.hasBlock(block.cidr()), block::toString);
      claimed.merge(block.pool(), 1L, Long::sum);
    }
    for (Pool pool : head().pools().values()) {
      long mine = claimed.getOrDefault(pool.name(), 0L);
      assertEquals(pool.blocks(), mine + head().freeBlocks(pool), pool.name());
    }
  }

  /** All heals, everything arrives; then replicated state and ledgers say the same. */
  private void settle() {
    for (SimulatedOwner node : nodes) {
      node.cut = false;
      restart(node);
      node.ledger.govern(AllocationRules.NONE);
    }
    for (int quiet = 0; quiet < 3; quiet++) {
      for (int round = 0; round < 400; round++) {
        nodes.forEach(this::turn);
        while (!messages.isEmpty()) {
          deliver();
        }
      }
    }
    checkAll();
    for (SimulatedOwner node : nodes) {
      node.check(nowMs);
      if (node.replaced) {
        assertEquals(List.of(), node.ledger.blocks(), node.name + " was replaced");
        continue;
      }
      assertEquals(List.of(), node.ledger.remains(), node.name);
      assertEquals(List.of(), node.ledger.problems(), node.name);
      assertEquals(0, node.ledger.pending(), node.name);
      List<Allocation> inStore = new ArrayList<>();
      for (Block block : head().blocksOf(node.epoch)) {
        for (Held one : block.allocations().values()) {
          inStore.add(one.allocation());
        }
      }
      assertEquals(inStore, node.ledger.held(), node.name);
      for (Block block : head().blocksOf(node.epoch)) {
        List<IpAddress> promised = new ArrayList<>(node.ledger.apartIn(block.cidr()));
        assertEquals(head().apartIn(block.cidr()), promised, node.name);
      }
    }
    assertEquals(head(), SnapshotCodec.decode(SnapshotCodec.encode(head())));
  }

  private void turn(SimulatedOwner node) {
    boolean busy = node.seen < states.size() - 1
        || node.hasUnsynced()
        || node.ledger.pending() > 0
        || wishes(node);
    if (busy) {
      node.seen = states.size() - 1;
      observe(node);
      while (node.hasUnsynced()) {
        node.sync();
      }
      tell(node);
    }
  }

  /**
   * Whether a node repeats what it asked of the store, whose answer may have been lost: to be this
   * life of its name, and to have what earlier lives of the machine had.
   */
  private boolean wishes(SimulatedOwner node) {
    if (node.replaced) {
      return false;
    }
    Registration known = head().nodes().get(node.name);
    return known == null
        || !known.current().equals(node.epoch)
        || node.past.stream()
            .anyMatch(past -> !head().blocksOf(new NodeEpoch(node.name, past)).isEmpty());
  }
}
