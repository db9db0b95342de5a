package dev.catwalk.ipam.machine;

import static dev.catwalk.ipam.machine.IpamTest.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.GiveBack;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.SetPool;
import dev.catwalk.ipam.machine.Command.SplitPool;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.machine.Ledger.Decision;
import dev.catwalk.ipam.machine.Outcome.BlockReleased;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.PoolsReady;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Blocks that come and go, pools that change, and what an owner keeps to when it chooses. */
class SeveralBlocksTest {
  private static final NodeEpoch NODE = new NodeEpoch("node1", 1);
  private static final Prefix FIRST = Prefix.parse("10.42.0.0/30");

  private IpamState state = IpamState.empty();
  private long revision;
  private final Ledger ledger = new Ledger(NODE);

  @BeforeEach
  void twoPools() {
    say(new CreatePools(
        List.of(IpamTest.pool("p", "10.42.0.0/28", 30), IpamTest.pool("q", "10.43.0.0/28", 30)),
        true));
    say(new RegisterNode(NODE));
    claim("p");
  }

  private Outcome say(Command command) {
    Applied applied = Ipam.apply(state, ++revision, command);
    state = applied.next();
    return applied.outcome();
  }

  private void claim(String pool) {
    ledger.onDisk(ledger.take(assertInstanceOf(
        Granted.class, say(new ClaimBlock(NODE, new FromPools(List.of(pool)), revision)))));
  }

  private static AddressRequest from(String name, long nowMs, String... pools) {
    return new AddressRequest(handle(name), Family.IPV4, null, "shop", name, nowMs, List.of(pools));
  }

  private Allocation given(AddressRequest request) {
    Decision decision = ledger.allocate(List.of(request));
    ledger.onDisk(decision.entries());
    return assertInstanceOf(Grants.All.class, decision.grants(), decision::toString)
        .allocations()
        .getFirst();
  }

  private Denied denied(AddressRequest request) {
    return assertInstanceOf(Grants.None.class, ledger.allocate(List.of(request)).grants())
        .why();
  }

  private void release(String name, long nowMs) {
    ledger.onDisk(ledger.release(handle(name), nowMs));
  }

  private void replicate() {
    for (RecordAllocations batch = ledger.nextBatch(); batch != null; batch = ledger.nextBatch()) {
      ledger.onDisk(ledger.answered(batch, say(batch)));
    }
    ledger.onDisk(ledger.observe(state, revision));
  }

  private static AllocationRules rules(long coolDownMs, int maxBlocks, String... reserved) {
    return new AllocationRules(
        List.of(reserved).stream().map(Prefix::parse).toList(),
        coolDownMs,
        maxBlocks,
        maxBlocks + 1,
        100,
        new TreeSet<>());
  }

  /** A fixed address that is a block of its own goes where its pod goes. */
  @Test
  void aBlockOfOneAddressIsGivenBackAsSoonAsItIsFree() {
    say(new CreatePools(List.of(IpamTest.pool("each", "10.44.0.0/28", 32)), false));
    replicate();
    IpAddress fixed = IpAddress.parse("10.44.0.9");
    AddressRequest request =
        new AddressRequest(handle("a"), Family.IPV4, fixed, "shop", "a", 0, List.of());
    Denied outside = denied(request);
    assertTrue(ledger.growth().mayClaimFor(request, outside), outside::toString);
    assertEquals(new Exactly(fixed.asPrefix()), ledger.growth().furtherBlock(request));
    ledger.onDisk(ledger.take(assertInstanceOf(
        Granted.class, say(new ClaimBlock(NODE, ledger.growth().furtherBlock(request), 77)))));
    assertEquals(fixed, given(request).ip());
    replicate();
    assertTrue(ledger.tidy(1).isEmpty(), "it is in use");
    release("a", 2);
    assertTrue(ledger.tidy(2).isEmpty(), "the store does not know yet");
    replicate();
    ledger.onDisk(ledger.tidy(3));
    assertEquals(Why.BACKLOG, denied(request).why());
    assertFalse(
        ledger.growth().mayClaimFor(request, denied(request)), "a claim of it would come too late");
    GiveBack back = ledger.nextGiveBack();
    assertNotNull(back);
    ledger.onDisk(ledger.answered(back, say(back)));
    NodeEpoch other = new NodeEpoch("node2", 2);
    say(new RegisterNode(other));
    assertInstanceOf(Granted.class, say(new ClaimBlock(other, new Exactly(fixed.asPrefix()), 1)));
    assertNull(ledger.nextGiveBack());
  }

  @Test
  void aPodGetsAnAddressOfThePoolsThatAreForItOnly() {
    Denied none = denied(from("a", 0, "q"));
    assertEquals(Why.FULL, none.why());
    assertTrue(none.what().contains("pool q"), none.what());
    assertEquals(new FromPools(List.of("q")), ledger.growth().furtherBlock(from("a", 0, "q")));
    claim("q");
    assertEquals("10.43.0.1", given(from("a", 0, "q")).ip().toString());
    assertEquals("10.42.0.1", given(from("b", 0, "p")).ip().toString());
  }

  @Test
  void anEmptyBlockGoesBackWhenAnotherServesAndNotBeforeItHasLongBeenEmpty() {
    ledger.govern(rules(0, 9));
    for (String name : List.of("a", "b", "c")) {
      given(from(name, 0, "p"));
    }
    claim("p");
    given(from("d", 0, "p"));
    replicate();
    for (String name : List.of("a", "b", "c")) {
      release(name, 1);
    }
    assertEquals(List.of(), ledger.tidy(1_000), "the store does not know yet");
    replicate();
    assertEquals(List.of(), ledger.tidy(1_000));
    assertEquals(List.of(), ledger.tidy(1_099));
    List<LedgerEntry> giving = ledger.tidy(1_100);
    assertEquals(List.of(new LedgerEntry.Giving(FIRST)), giving);
    assertNull(ledger.nextGiveBack(), "not before it is on disk");
    ledger.onDisk(giving);
    GiveBack back = ledger.nextGiveBack();
    assertEquals("10.42.0.6", given(from("a", 1_100, "p")).ip().toString());
    assertNotNull(back);
    assertEquals(new BlockReleased(FIRST), say(back));
    ledger.onDisk(ledger.answered(back, new BlockReleased(FIRST)));
    assertEquals(List.of(Prefix.parse("10.42.0.4/30")), ledger.blocks());
    assertInstanceOf(Refused.class, say(back), "once is enough");
  }

  @Test
  void aLateWordOfAnEarlierClaimDoesNothing() {
    given(from("a", 0));
    RecordAllocations late = ledger.nextBatch();
    assertNotNull(late);
    say(late);
    say(new Command.ReleaseBlock(NODE, FIRST, true));
    replicate();
    assertEquals(List.of(), ledger.blocks());
    claim("p");
    assertEquals(List.of(FIRST), ledger.blocks());
    assertEquals(Reason.NOT_OWNER, ((Refused) say(late)).reason());
    ledger.onDisk(ledger.answered(late, new Outcome.Recorded(FIRST, 1)));
    given(from("b", 0));
    assertEquals(1, ledger.pending());
    long before = ((Granted) say(new ClaimBlock(NODE, new Command.Exactly(FIRST), 99))).claimedAt();
    replicate();
    say(new Command.ReleaseBlock(NODE, FIRST, true));
    replicate();
    assertEquals(List.of(), ledger.take(new Granted(FIRST, "p", NODE, before, 0)));
  }

  @Test
  void anAddressRestsAfterItsRelease() {
    ledger.govern(rules(1_000, 9));
    for (String name : List.of("a", "b", "c")) {
      given(from(name, 0));
    }
    release("b", 5_000);
    assertEquals(List.of(new Stock(FIRST, 2, 0, 1)), ledger.stock(5_999));
    Denied resting = denied(from("d", 5_999));
    assertEquals(Why.FULL, resting.why());
    assertTrue(resting.what().contains("rest after their release (1)"), resting.what());
    Ledger again = new Ledger(NODE);
    again.govern(rules(1_000, 9));
    ledger.image().forEach(e -> again.replay(LedgerEntry.decode(e.encode())));
    again.govern(rules(1_000, 9));
    assertEquals(
        ledger.stock(5_999).getFirst().used(), again.stock(5_999).getFirst().used());
    assertEquals("10.42.0.2", given(from("d", 6_000)).ip().toString());
  }

  @Test
  void whatIsReservedIsForThoseWhoNameIt() {
    ledger.govern(rules(0, 9, "10.42.0.1/32", "10.42.0.2/32"));
    assertEquals("10.42.0.3", given(from("a", 0)).ip().toString());
    assertEquals(Why.FULL, denied(from("b", 0)).why());
    IpAddress named = IpAddress.parse("10.42.0.2");
    assertEquals(
        named,
        given(new AddressRequest(handle("b"), Family.IPV4, named, "shop", "b", 0))
            .ip());
    release("b", 0);
    assertEquals(Why.FULL, denied(from("c", 0)).why(), "back where it was");
    ledger.govern(rules(0, 9));
    assertEquals("10.42.0.1", given(from("c", 0)).ip().toString());
  }

  @Test
  void aNodeHasItsLimit() {
    ledger.govern(rules(0, 1));
    Denied full = new Denied(Why.FULL, "full");
    Denied limit = ledger.growth().limit(from("x", 0), full);
    assertNotNull(limit);
    assertTrue(limit.what().contains("limit of 1 blocks"), limit.what());
    assertNull(
        ledger.growth().limit(new AddressRequest(handle("x"), Family.IPV6, null, "", "", 0), full));
  }

  /** Two blocks of each pool at most: the third one comes from the other pool, and then none does. */
  @Test
  void aPoolGivesANodeSoManyBlocksAtMost() {
    ledger.govern(new AllocationRules(List.of(), 0, Integer.MAX_VALUE, 2, 100, new TreeSet<>()));
    claim("p");
    ledger.observe(state, revision);
    Denied full = new Denied(Why.FULL, "full");
    assertNull(ledger.growth().limit(from("x", 0), full));
    assertEquals(new FromPools(List.of("q")), ledger.growth().furtherBlock(from("x", 0)));
    Denied limit = ledger.growth().limit(from("x", 0, "p"), full);
    assertNotNull(limit);
    assertTrue(limit.what().contains("2 blocks of pool p"), limit.what());
    claim("q");
    claim("q");
    ledger.observe(state, revision);
    assertNotNull(ledger.growth().limit(from("x", 0), full));
  }

  @Test
  void aClosedPoolGivesNothingMoreAndItsBlocksGoBack() {
    ledger.govern(rules(0, 9));
    given(from("a", 0));
    replicate();
    say(new SetPool(state.pools().get("p").closed()));
    ledger.observe(state, revision);
    assertEquals(0, ledger.free());
    assertEquals(Why.FULL, denied(from("b", 0)).why());
    release("a", 0);
    replicate();
    ledger.tidy(0);
    assertEquals(List.of(new LedgerEntry.Giving(FIRST)), ledger.tidy(100));
  }

  @Test
  void aPoolGrowsAndShrinksAroundItsBlocks() {
    Pool larger = IpamTest.pool("p", "10.42.0.0/24", 30);
    assertEquals(new PoolsReady(List.of("p")), say(new SetPool(larger)));
    assertEquals(63, state.freeBlocks(larger));
    assertEquals(new PoolsReady(List.of()), say(new SetPool(larger)));
    Refused lost =
        assertInstanceOf(Refused.class, say(new SetPool(IpamTest.pool("p", "10.42.0.128/25", 30))));
    assertEquals(Reason.NOT_EMPTY, lost.reason());
    Refused taken =
        assertInstanceOf(Refused.class, say(new SetPool(IpamTest.pool("p", "10.42.0.0/15", 30))));
    assertEquals(Reason.OVERLAP, taken.reason());
  }

  @Test
  void aPoolIsSplitUnderItsBlocks() {
    say(new ClaimBlock(NODE, new Command.Exactly(Prefix.parse("10.42.0.8/30")), 77));
    assertEquals(new PoolsReady(List.of("p-1", "p-2")), say(new SplitPool("p", 2)));
    assertEquals(Prefix.parse("10.42.0.8/29"), state.pools().get("p-2").cidr());
    assertEquals("p-1", state.blocks().get(FIRST).pool());
    assertEquals("p-2", state.blocks().get(Prefix.parse("10.42.0.8/30")).pool());
    assertEquals(2, state.blocksOf(NODE).size());
    assertEquals(Reason.UNKNOWN_POOL, ((Refused) say(new SplitPool("p", 2))).reason());
    assertEquals(Reason.MALFORMED, ((Refused) say(new SplitPool("q", 3))).reason());
    assertEquals(Reason.CONFLICT, ((Refused) say(new SplitPool("q", 8))).reason());
  }
}
