package dev.catwalk.felix.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.AddressRequest;
import dev.catwalk.ipam.machine.Applied;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Grant;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Given;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.machine.Ipam;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.store.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
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

  @BeforeEach
  void start() throws Exception {
    node = NodeIdentity.open(dir, "node1");
    addresses = LocalAddresses.open(dir, node, this::submit);
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
    return CompletableFuture.completedFuture(applied.outcome());
  }

  private void apply(Command command) {
    assertFalse(submit(command).join() instanceof Outcome.Refused);
  }

  private synchronized void observe() {
    addresses.observe(state, revision);
  }

  private synchronized int recorded() {
    int all = 0;
    for (Block block : state.blocks().values()) {
      all += block.allocated();
    }
    return all;
  }

  private Grant allocate(String name) throws Exception {
    return addresses.allocate(request(name, null)).get(20, TimeUnit.SECONDS);
  }

  private static AddressRequest request(String name, IpAddress wanted) {
    return new AddressRequest(new Handle(name, "eth0"), Family.IPV4, wanted, "shop", name, 5);
  }

  private void restart() throws Exception {
    addresses.close();
    addresses = LocalAddresses.open(dir, NodeIdentity.open(dir, "node1"), this::submit);
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
    Given a = assertInstanceOf(Given.class, allocate("a"));
    assertEquals("10.42.0.1", a.allocation().ip().toString());
    Given b = assertInstanceOf(Given.class, allocate("b"));
    assertEquals(1, addresses.release(new Handle("a", "eth0")).get().size());
    assertEquals(0, addresses.release(new Handle("a", "eth0")).get().size());
    until(() -> addresses.pending() == 0);
    assertEquals(1, recorded());
    restart();
    assertEquals(List.of(b.allocation()), addresses.held());
    assertEquals(b.allocation(), assertInstanceOf(Given.class, allocate("b")).allocation());
    Given c = assertInstanceOf(Given.class, allocate("c"));
    assertEquals("10.42.0.3", c.allocation().ip().toString(), "what rested longest");
    observe();
    until(() -> recorded() == 2);
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
      assertInstanceOf(Given.class, allocate("c" + i));
    }
    Denied denied = assertInstanceOf(Denied.class, allocate("late"));
    assertEquals(Why.NO_QUORUM, denied.why());
    assertTrue(denied.what().contains("10.42.7.0/24 is full"), denied.what());
    assertTrue(denied.what().contains("1 of 3 members answers"), denied.what());
    assertEquals(255, addresses.pending());
    restart();
    assertEquals(Why.NO_QUORUM, assertInstanceOf(Denied.class, allocate("late")).why());
    synchronized (this) {
      quorum = true;
    }
    observe();
    until(() -> recorded() == 255);
    assertInstanceOf(Given.class, allocate("late"));
    assertEquals(2, addresses.blocks().size());
  }

  @Test
  void aFixedAddressIsGivenAndItsHolderNamed() throws Exception {
    assertInstanceOf(Given.class, allocate("a"));
    IpAddress wanted = IpAddress.parse("10.42.0.9");
    assertInstanceOf(Given.class, addresses.allocate(request("fix", wanted)).get());
    Denied taken =
        assertInstanceOf(Denied.class, addresses.allocate(request("x", wanted)).get());
    assertTrue(taken.what().contains("shop/fix"), taken.what());
    IpAddress foreign = IpAddress.parse("10.42.1.9");
    Denied outside =
        assertInstanceOf(Denied.class, addresses.allocate(request("x", foreign)).get());
    assertEquals(Why.OUTSIDE, outside.why());
    assertTrue(outside.what().contains("10.42.0.0/24"), outside.what());
  }

  @Test
  void aLostClaimIsNotServedFrom() throws Exception {
    assertInstanceOf(Given.class, allocate("a"));
    until(() -> recorded() == 1);
    apply(new ReleaseBlock(node, Prefix.parse("10.42.0.0/24"), true));
    NodeEpoch other = new NodeEpoch("node2", 2);
    apply(new RegisterNode(other));
    apply(new Command.ClaimBlock(other, new Exactly(Prefix.parse("10.42.0.0/24")), 1));
    observe();
    Given moved = assertInstanceOf(Given.class, allocate("a"));
    assertEquals("10.42.1.1", moved.allocation().ip().toString());
    apply(new RegisterNode(new NodeEpoch("node1", node.epoch() + 1)));
    observe();
    assertEquals(Why.RETIRED, assertInstanceOf(Denied.class, allocate("a")).why());
    assertEquals(1, addresses.problems().size());
    restart();
    observe();
    assertEquals(Why.RETIRED, assertInstanceOf(Denied.class, allocate("b")).why());
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
            Given given = assertInstanceOf(Given.class, allocate(name + "-" + i));
            mine.add(given.allocation().ip());
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
