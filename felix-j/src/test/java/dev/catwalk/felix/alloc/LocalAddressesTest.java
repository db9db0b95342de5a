package dev.catwalk.felix.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.AddressRequest;
import dev.catwalk.ipam.machine.AllocationRules;
import dev.catwalk.ipam.machine.Applied;
import dev.catwalk.ipam.machine.Change.SetApart;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.AskAddress;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.machine.Grants;
import dev.catwalk.ipam.machine.Ipam;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Ask;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** On a real disk, against the machine itself at the other end of the door. */
@Timeout(60)
class LocalAddressesTest {
  @TempDir
  Path dir;

  private NodeEpoch node;
  private LocalAddresses addresses;

  /** Guarded by this. */
  private IpamState state = IpamState.empty();

  private long revision;
  private boolean quorum = true;

  /** Commands are applied, and nobody hears what came of them. */
  private boolean mute;

  private String origin = "00000000000000aa";

  @BeforeEach
  void start() throws Exception {
    node = NodeIdentity.open(dir, "node1");
    addresses = LocalAddresses.open(dir, node, store());
    Pool pool = new Pool("default", Prefix.parse("10.42.0.0/16"), 24, true, false);
    apply(new CreatePools(List.of(pool), true));
    apply(new RegisterNode(node));
    observe();
  }

  @AfterEach
  void stop() throws Exception {
    addresses.close();
  }

  private synchronized CompletableFuture<Outcome> submit(Command command) {
    if (!quorum) {
      return CompletableFuture.failedFuture(
          new StoreException(StoreException.Kind.NO_QUORUM, "1 of 3 members answers"));
    }
    Applied applied = Ipam.apply(state, ++revision, command);
    state = applied.next();
    return mute
        ? CompletableFuture.failedFuture(
            new StoreException(StoreException.Kind.NO_QUORUM, "the answer was lost"))
        : CompletableFuture.completedFuture(applied.outcome());
  }

  private Submitter store() {
    return new Submitter() {
      @Override
      public CompletableFuture<Outcome> submit(Command command) {
        return LocalAddressesTest.this.submit(command);
      }

      @Override
      public String origin() {
        synchronized (LocalAddressesTest.this) {
          return origin;
        }
      }
    };
  }

  private synchronized void exchangeStore(String itsOrigin, IpamState its, long itsRevision) {
    origin = itsOrigin;
    state = its;
    revision = itsRevision;
  }

  private void apply(Command command) {
    assertFalse(submit(command).join() instanceof Outcome.Refused);
  }

  /** Not under this: the store is asked where it comes from under the lock of the addresses. */
  private void observe() {
    IpamState now;
    long at;
    synchronized (this) {
      now = state;
      at = revision;
    }
    addresses.observe(now, at);
  }

  private synchronized int recorded() {
    int all = 0;
    for (Block block : state.blocks().values()) {
      all += block.allocated();
    }
    return all;
  }

  private Grants allocate(AddressRequest... requests) throws Exception {
    return addresses.allocate(List.of(requests)).get(20, TimeUnit.SECONDS);
  }

  private Allocation given(AddressRequest request) throws Exception {
    return assertInstanceOf(Grants.All.class, allocate(request)).allocations().getFirst();
  }

  private Allocation given(String name) throws Exception {
    return given(request(name, null));
  }

  private Denied denied(AddressRequest... requests) throws Exception {
    return assertInstanceOf(Grants.None.class, allocate(requests)).why();
  }

  private Denied denied(String name) throws Exception {
    return denied(request(name, null));
  }

  private static AddressRequest request(String name, IpAddress wanted) {
    return new AddressRequest(new Handle(name, "eth0"), Family.IPV4, wanted, "shop", name, 5);
  }

  /** Of a burst the first is told at once, and all others when some time has passed. */
  @Test
  void whatComesSoonAfterIsToldTogether() throws Exception {
    given("takes-a-block");
    until(() -> addresses.pending() == 0);
    addresses.close();
    ArrayDeque<Runnable> apart = new ArrayDeque<>();
    addresses = new LocalAddresses(
        node,
        AllocationJournal.open(dir, node),
        new StoreBinding(dir),
        store(),
        Runnable::run,
        apart::add,
        () -> 1);
    observe();
    int before = recorded();
    given("a");
    until(() -> recorded() == before + 1);
    given("b");
    given("c");
    until(() -> addresses.pending() == 2);
    assertEquals(before + 1, recorded());
    apart.remove().run();
    until(() -> recorded() == before + 3);
    assertEquals(1, apart.size());
  }

  private void restart() throws Exception {
    addresses.close();
    addresses = LocalAddresses.open(dir, NodeIdentity.open(dir, "node1"), store());
  }

  private void until(BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "did not come about");
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @Test
  void theFirstAddressClaimsABlockAndARestartKnowsAll() throws Exception {
    Allocation a = given("a");
    assertEquals("10.42.0.1", a.ip().toString());
    Allocation b = given("b");
    assertEquals(1, addresses.release(new Handle("a", "eth0")).get().size());
    assertEquals(0, addresses.release(new Handle("a", "eth0")).get().size());
    until(() -> addresses.pending() == 0);
    assertEquals(1, recorded());
    restart();
    assertEquals(List.of(b), addresses.held());
    assertEquals(b, given("b"));
    Allocation c = given("c");
    assertEquals("10.42.0.3", c.ip().toString(), "what rested longest");
    observe();
    until(() -> recorded() == 2);
  }

  private Grants followed(AddressRequest request) throws Exception {
    CompletableFuture<Grants> asked = addresses.allocate(List.of(request));
    until(() -> {
      observe();
      return asked.isDone();
    });
    return asked.get();
  }

  /** Kept while no pod has it, then another node's: not told here any more. */
  @Test
  void anAddressThatIsKeptForANameGoesWhereItsPodGoes() throws Exception {
    StickyName db = new StickyName("shop", "db-0", Family.IPV4);
    Handle first = new Handle("a", "eth0");
    AddressRequest request =
        new AddressRequest(first, Family.IPV4, null, "shop", "db-0", 5, List.of(), db);
    IpAddress kept = assertInstanceOf(Grants.All.class, followed(request))
        .allocations()
        .getFirst()
        .ip();
    assertEquals(List.of(Prefix.parse("10.42.0.0/24"), kept.asPrefix()), addresses.blocks());
    assertEquals(1, addresses.release(first).get().size());
    until(() -> {
      observe();
      return addresses.blocks().size() == 1;
    });
    Handle second = new Handle("b", "eth0");
    AddressRequest again =
        new AddressRequest(second, Family.IPV4, null, "shop", "db-0", 6, List.of(), db);
    assertEquals(
        kept,
        assertInstanceOf(Grants.All.class, followed(again))
            .allocations()
            .getFirst()
            .ip());
    addresses.release(second).get();
    until(() -> {
      observe();
      return addresses.blocks().size() == 1;
    });
    NodeEpoch other = new NodeEpoch("node2", 7);
    apply(new RegisterNode(other));
    AskAddress ask = new AskAddress(other, Family.IPV4, List.of("default"), db, null, false, 9);
    assertInstanceOf(Granted.class, submit(ask).join());
    observe();
    assertEquals(Why.TAKEN, denied(request).why());
  }

  @Test
  void whereNoBlockIsToBeHadAnAddressIsBorrowed() throws Exception {
    apply(new CreatePools(
        List.of(new Pool("tiny", Prefix.parse("10.43.0.0/30"), 30, true, false)), false));
    addresses.govern(new AllocationRules(
        List.of(), 0, 1, 1, Long.MAX_VALUE, true, Collections.emptySortedSet()));
    assertInstanceOf(
        Granted.class,
        addresses.claim(new Exactly(Prefix.parse("10.43.0.0/30"))).get());
    for (String id : List.of("a", "b", "c")) {
      given(id);
    }
    NodeEpoch other = new NodeEpoch("node2", 7);
    Prefix theirs = Prefix.parse("10.42.1.0/24");
    apply(new RegisterNode(other));
    apply(new ClaimBlock(other, new Exactly(theirs), 1));
    observe();
    CompletableFuture<Grants> asked = addresses.allocate(List.of(request("d", null)));
    until(() -> {
      answer(other, theirs);
      observe();
      return asked.isDone();
    });
    IpAddress lent =
        assertInstanceOf(Grants.All.class, asked.get()).allocations().getFirst().ip();
    assertEquals(IpAddress.parse("10.42.1.9"), lent);
    assertTrue(addresses.blocks().contains(lent.asPrefix()), "to be told to peers");
  }

  private synchronized void answer(NodeEpoch owner, Prefix block) {
    for (Ask ask : state.asks().values()) {
      apply(new RecordAllocations(
          owner,
          block,
          state.blocks().get(block).recorded() + 1,
          List.of(
              new SetApart(IpAddress.parse("10.42.1.9"), ask.asker().node(), ask.requestId()))));
    }
  }

  /** A store that was emptied may give our block to another node before it has come as far. */
  @Test
  void nothingIsHandedOutBesideAStoreThatDidNotGrantTheBlocks() throws Exception {
    Allocation a = given("a");
    until(() -> addresses.pending() == 0);
    IpamState old = state;
    long oldRevision = revision;

    exchangeStore("", IpamState.empty(), 0);
    restart();
    assertEquals(Why.OTHER_STORE, denied("b").why(), "an empty store may be any");

    exchangeStore("00000000000000bb", IpamState.empty(), 0);
    apply(new CreatePools(
        List.of(new Pool("default", Prefix.parse("10.42.0.0/16"), 24, true, false)), true));
    NodeEpoch other = new NodeEpoch("node2", 7);
    apply(new RegisterNode(other));
    apply(new ClaimBlock(other, new Exactly(Prefix.parse("10.42.0.0/24")), 1));
    observe();
    Denied denied = denied("b");
    assertEquals(Why.OTHER_STORE, denied.why());
    assertTrue(denied.what().contains("store 00000000000000aa"), denied.what());
    assertTrue(denied.what().contains("empty " + dir), denied.what());
    assertEquals(List.of(denied.what()), addresses.problems());
    assertEquals(Why.OTHER_STORE, denied("a").why(), "nor is it said again what was given");
    assertInstanceOf(
        Outcome.Refused.class,
        addresses.claim(new Exactly(Prefix.parse("10.42.9.0/24"))).get());
    assertEquals(List.of(a), addresses.held());
    assertEquals(1, addresses.release(new Handle("a", "eth0")).get().size());
    assertEquals(0, recorded(), "what this node does is not this store's business");

    exchangeStore("00000000000000aa", old, oldRevision);
    observe();
    assertEquals("10.42.0.2", given("b").ip().toString(), "the old store is back");
    until(() -> recorded() == 1);
  }

  @Test
  void aNodeWithoutABlockGoesOnInAnotherStore() throws Exception {
    observe();
    exchangeStore("00000000000000bb", state, revision);
    restart();
    observe();
    assertEquals("10.42.0.1", given("a").ip().toString());
  }

  @Test
  void aNewLifeMayBeginInAnotherStore() throws Exception {
    given("a");
    until(() -> addresses.pending() == 0);
    exchangeStore("00000000000000bb", state, revision);
    restart();
    assertEquals(Why.OTHER_STORE, denied("b").why());
    Files.delete(dir.resolve(NodeIdentity.FILE));
    addresses.close();
    NodeEpoch before = node;
    node = NodeIdentity.open(dir, "node1");
    addresses = LocalAddresses.open(dir, node, store());
    apply(new SucceedNode(node, before));
    observe();
    assertEquals("10.42.1.1", given("b").ip().toString());
  }

  @Test
  void ownAddressesAreGivenWithoutQuorumAndFurtherBlocksAreNot() throws Exception {
    assertInstanceOf(
        Granted.class,
        addresses.claim(new Exactly(Prefix.parse("10.42.7.0/24"))).get());
    synchronized (this) {
      quorum = false;
    }
    for (int i = 0; i < 255; i++) {
      given("c" + i);
    }
    Denied denied = denied("late");
    assertEquals(Why.NO_QUORUM, denied.why());
    assertTrue(denied.what().contains("10.42.7.0/24 is full"), denied.what());
    assertTrue(denied.what().contains("1 of 3 members answers"), denied.what());
    assertEquals(255, addresses.pending());
    restart();
    assertEquals(Why.NO_QUORUM, denied("late").why());
    synchronized (this) {
      quorum = true;
    }
    observe();
    until(() -> recorded() == 255);
    given("late");
    assertEquals(2, addresses.blocks().size());
  }

  @Test
  void aClaimWhoseAnswerWasLostGivesOneBlock() throws Exception {
    FromPools any = new FromPools(List.of("default"));
    mute = true;
    assertTrue(addresses.claim(any).isCompletedExceptionally());
    assertTrue(addresses.claim(any).isCompletedExceptionally());
    mute = false;
    assertInstanceOf(Granted.class, addresses.claim(any).get());
    assertEquals(1, state.blocksOf(node).size());
    assertInstanceOf(Granted.class, addresses.claim(any).get(), "another one, since it is asked");
    assertEquals(2, state.blocksOf(node).size());
  }

  @Test
  void aFixedAddressIsGivenAndItsHolderNamed() throws Exception {
    given("a");
    IpAddress wanted = IpAddress.parse("10.42.0.9");
    given(request("fix", wanted));
    Denied taken = denied(request("x", wanted));
    assertTrue(taken.what().contains("shop/fix"), taken.what());
    IpAddress foreign = IpAddress.parse("10.43.1.9");
    Denied outside = denied(request("x", foreign));
    assertEquals(Why.OUTSIDE, outside.why());
    assertTrue(outside.what().contains("10.42.0.0/24"), outside.what());
  }

  @Test
  void aFixedAddressOfABlockThatNobodyHasClaimsIt() throws Exception {
    given("a");
    NodeEpoch other = new NodeEpoch("node2", 7);
    apply(new RegisterNode(other));
    apply(new ClaimBlock(other, new Exactly(Prefix.parse("10.42.8.0/24")), 1));
    observe();
    IpAddress wanted = IpAddress.parse("10.42.7.9");
    assertEquals(wanted, given(request("fix", wanted)).ip());
    assertEquals(
        List.of(Prefix.parse("10.42.0.0/24"), Prefix.parse("10.42.7.0/24")), addresses.blocks());
    Denied anothers = denied(request("x", IpAddress.parse("10.42.8.9")));
    assertEquals(Why.NO_BLOCK, anothers.why());
    assertTrue(anothers.what().contains("belongs to node2"), anothers.what());
    Denied first = denied(request("x", IpAddress.parse("10.42.9.0")));
    assertEquals(Why.OUTSIDE, first.why(), "the first of a block is never given: none is claimed");
    assertEquals(2, addresses.blocks().size());
    quorum = false;
    Denied cutOff = denied(request("x", IpAddress.parse("10.42.10.9")));
    assertEquals(Why.NO_QUORUM, cutOff.why());
  }

  @Test
  void bothFamiliesAreGivenTogetherOrNotAtAll() throws Exception {
    AddressRequest four = request("a", null);
    AddressRequest six =
        new AddressRequest(four.handle(), Family.IPV6, null, "shop", "a", four.nowMs());
    assertEquals(Why.NO_BLOCK, denied(four, six).why(), "there is no pool of IPv6 addresses");
    assertEquals(List.of(), addresses.held());
    Pool pool = new Pool("six", Prefix.parse("2001:db8:42::/112"), 120, true, false);
    apply(new CreatePools(List.of(pool), false));
    observe();
    Grants both = assertInstanceOf(Grants.All.class, allocate(four, six));
    assertEquals(
        List.of("10.42.0.1", "2001:db8:42::1"),
        addresses.held().stream().map(a -> a.ip().toString()).toList());
    restart();
    assertEquals(both, allocate(four, six));
    observe();
    until(() -> recorded() == 2);
    assertEquals(2, addresses.release(four.handle()).get().size());
    until(() -> recorded() == 0);
  }

  @Test
  void aLostClaimIsNotServedFrom() throws Exception {
    given("a");
    until(() -> recorded() == 1);
    apply(new ReleaseBlock(node, Prefix.parse("10.42.0.0/24"), true));
    NodeEpoch other = new NodeEpoch("node2", 2);
    apply(new RegisterNode(other));
    apply(new Command.ClaimBlock(other, new Exactly(Prefix.parse("10.42.0.0/24")), 1));
    observe();
    Allocation moved = given("a");
    assertEquals("10.42.1.1", moved.ip().toString());
    apply(new SucceedNode(new NodeEpoch("node1", node.epoch() + 1), node));
    observe();
    assertEquals(Why.RETIRED, denied("a").why());
    assertEquals(1, addresses.problems().size());
    restart();
    observe();
    assertEquals(Why.RETIRED, denied("b").why());
  }

  /** 64 callers, each waiting for its answer: aim 5,000 a second, asked here with room to spare. */
  @Test
  void sixtyFourCallersShareTheirSyncs() throws Exception {
    int each = 200;
    Set<IpAddress> all = new HashSet<>();
    long started = System.nanoTime();
    try (ExecutorService callers = Executors.newFixedThreadPool(64)) {
      CountDownLatch ready = new CountDownLatch(64);
      List<Future<List<IpAddress>>> results = new ArrayList<>();
      for (int caller = 0; caller < 64; caller++) {
        String name = "c" + caller;
        results.add(callers.submit(() -> {
          ready.countDown();
          ready.await();
          List<IpAddress> mine = new ArrayList<>();
          for (int i = 0; i < each; i++) {
            Allocation given = given(name + "-" + i);
            mine.add(given.ip());
          }
          return mine;
        }));
      }
      for (Future<List<IpAddress>> result : results) {
        all.addAll(result.get());
      }
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    assertEquals(64 * each, all.size(), "no address twice");
    System.out.printf("%.0f durable allocations/s with 64 callers%n", 64 * each / seconds);
    assertTrue(64 * each / seconds > 500, "group commit does not group");
    until(() -> recorded() == 64 * each);
    restart();
    assertEquals(64 * each, addresses.held().size());
  }
}
