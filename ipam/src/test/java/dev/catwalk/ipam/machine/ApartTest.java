package dev.catwalk.ipam.machine;

import static dev.catwalk.ipam.machine.IpamTest.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.Command.AskAddress;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.ForgetName;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.GiveBack;
import dev.catwalk.ipam.machine.Command.Most;
import dev.catwalk.ipam.machine.Command.OfPast;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Command.SplitPool;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.machine.Ledger.Decision;
import dev.catwalk.ipam.machine.Outcome.Asked;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.NameForgotten;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.StickyName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Addresses set apart from their blocks: lent, kept for a name, moved, and taken back in. */
class ApartTest {
  private static final NodeEpoch ONE = new NodeEpoch("node1", 1);
  private static final NodeEpoch TWO = new NodeEpoch("node2", 2);
  private static final Prefix BLOCK = Prefix.parse("10.42.0.0/30");
  private static final StickyName DB = new StickyName("shop", "db-0", Family.IPV4);

  private IpamState state = IpamState.empty();
  private long revision;
  private long requests = 100;
  private final Ledger one = new Ledger(ONE);
  private final Ledger two = new Ledger(TWO);

  @BeforeEach
  void oneBlockForTwoNodes() {
    say(new CreatePools(List.of(IpamTest.pool("p", "10.42.0.0/30", 30)), true));
    say(new RegisterNode(ONE));
    say(new RegisterNode(TWO));
    one.onDisk(one.take(
        assertInstanceOf(Granted.class, say(new ClaimBlock(ONE, new FromPools(List.of("p")), 1)))));
    turn(1_000);
  }

  private Outcome say(Command command) {
    Applied applied =
        Ipam.apply(state, ++revision, CommandCodec.decode(CommandCodec.encode(command)));
    state = applied.next();
    Outcome outcome = OutcomeCodec.decode(OutcomeCodec.encode(applied.outcome()));
    assertEquals(applied.outcome(), outcome);
    assertEquals(state, SnapshotCodec.decode(SnapshotCodec.encode(state)));
    return outcome;
  }

  private Reason refused(Command command) {
    return assertInstanceOf(Refused.class, say(command)).reason();
  }

  /** Everything that is known goes everywhere. */
  private void turn(long nowMs) {
    for (int round = 0; round < 3; round++) {
      for (Ledger ledger : List.of(one, two)) {
        ledger.onDisk(ledger.observe(state, revision));
        ledger.onDisk(ledger.answerAsks(state, nowMs));
        ledger.onDisk(ledger.tidy(nowMs));
        tell(ledger);
      }
    }
  }

  private void tell(Ledger ledger) {
    for (RecordAllocations b = ledger.nextBatch(); b != null; b = ledger.nextBatch()) {
      ledger.onDisk(ledger.answered(b, say(b)));
    }
    for (GiveBack b = ledger.nextGiveBack(); b != null; b = ledger.nextGiveBack()) {
      ledger.onDisk(ledger.answered(b, say(b)));
    }
  }

  private AskAddress ask(NodeEpoch node, @Nullable StickyName name, @Nullable IpAddress wanted) {
    return new AskAddress(node, Family.IPV4, List.of("p"), name, wanted, true, ++requests);
  }

  private static AddressRequest request(String id, @Nullable StickyName name) {
    return new AddressRequest(handle(id), Family.IPV4, null, "shop", "db-0", 5, List.of(), name);
  }

  private static Decision allocate(Ledger ledger, String id, @Nullable StickyName name) {
    Decision decision = ledger.allocate(List.of(request(id, name)));
    ledger.onDisk(decision.entries());
    return decision;
  }

  private static IpAddress given(Ledger ledger, String id, @Nullable StickyName name) {
    Decision decision = allocate(ledger, id, name);
    return assertInstanceOf(Grants.All.class, decision.grants(), decision::toString)
        .allocations()
        .getFirst()
        .ip();
  }

  private static Denied denied(Ledger ledger, String id, @Nullable StickyName name) {
    return assertInstanceOf(Grants.None.class, allocate(ledger, id, name).grants())
        .why();
  }

  private static void isWhole(Ledger ledger, Prefix block) {
    for (Stock stock : ledger.stock(0)) {
      if (stock.block().equals(block)) {
        assertEquals(Block.usable(block), stock.used() + stock.free() + stock.cooling());
      }
    }
  }

  @Test
  void anAddressThatIsKeptForANameOutlivesItsPodAndMovesInOneEntry() {
    assertEquals(Why.APART, denied(one, "a", DB).why());
    assertEquals(BLOCK, assertInstanceOf(Asked.class, say(ask(ONE, DB, null))).block());
    turn(1_000);
    IpAddress kept = given(one, "a", DB);
    assertEquals(kept, state.names().get(DB));
    assertEquals(Why.TAKEN, denied(one, "b", DB).why());
    turn(1_001);
    assertEquals(Reason.CONFLICT, refused(ask(TWO, DB, null)), "its pod is on node1 as yet");
    one.onDisk(one.release(handle("a"), 1_002));
    turn(1_003);
    assertEquals(List.of(BLOCK), one.blocks(), "given back, and kept");
    assertEquals(kept, state.names().get(DB));
    for (String other : List.of("x", "y")) {
      assertFalse(given(one, other, null).equals(kept));
    }
    assertEquals(Why.FULL, denied(one, "z", null).why());
    isWhole(one, BLOCK);

    Granted moved = assertInstanceOf(Granted.class, say(ask(TWO, DB, null)));
    assertEquals(kept.asPrefix(), moved.block());
    assertEquals(DB, moved.name());
    assertEquals(TWO, state.blockAround(kept).owner());
    two.onDisk(two.take(moved));
    assertEquals(kept, given(two, "a2", DB));
    assertEquals(Why.FULL, denied(two, "c", null).why(), "it is for that name alone");
    turn(1_004);
    assertEquals(kept, state.heldBy(handle("a2")).getFirst().allocation().ip());
    assertEquals(Reason.NOT_EMPTY, refused(new ForgetName(DB)));

    two.onDisk(two.release(handle("a2"), 1_005));
    turn(1_006);
    assertEquals(new NameForgotten(DB, kept), say(new ForgetName(DB)));
    turn(1_007);
    assertEquals(kept, given(one, "z", null), "in its block again");
  }

  @Test
  void ofTwoNodesThatKeepOneNameAtOnceOneHasIt() {
    say(ask(ONE, DB, null));
    say(ask(TWO, DB, null));
    turn(1_000);
    assertEquals(1, state.names().size());
    assertEquals(1, state.singles().size());
    assertEquals(2, one.stock(0).getFirst().free(), "the other one is in its block again");
  }

  @Test
  void aBorrowedAddressGoesBackWhenItsPodHasGone() {
    Denied full = denied(two, "b", null);
    two.govern(new AllocationRules(List.of(), 0, 9, 9, 100, true, new TreeSet<>()));
    assertFalse(two.growth().mayAskFor(request("b", null), full), "a block is claimed first");
    Denied noBlock = new Denied(Why.NO_BLOCK, "every block has an owner");
    assertTrue(two.growth().mayAskFor(request("b", null), noBlock));
    AskAddress ask = two.growth().ask(request("b", null), 77);
    assertEquals(List.of("p"), ask.pools());
    say(ask);
    turn(1_000);
    assertTrue(two.growth().claim(new FromPools(List.of("p")), 1).most().blocks() == 9);
    IpAddress lent = given(two, "b", null);
    assertTrue(BLOCK.contains(lent));
    assertEquals(lent.asPrefix(), two.blocks().getFirst(), "it is told as a block of its own");
    assertEquals(List.of(lent), state.apartIn(BLOCK));
    turn(1_001);
    isWhole(one, BLOCK);
    for (String other : List.of("x", "y")) {
      assertFalse(given(one, other, null).equals(lent));
    }
    assertEquals(Why.FULL, denied(one, "z", null).why());
    say(new AskAddress(TWO, Family.IPV4, List.of("p"), null, lent, true, 78));
    assertNull(state.asks().first(), "what is apart is not to be had");
    two.onDisk(two.release(handle("b"), 1_002));
    turn(1_003);
    assertEquals(List.of(), two.blocks());
    assertEquals(lent, given(one, "z", null));
    isWhole(one, BLOCK);
  }

  @Test
  void whatIsBorrowedAndNotNeededGoesBackAfterAWhile() {
    say(ask(TWO, null, null));
    turn(1_000);
    assertEquals(1, two.blocks().size());
    turn(1_000 + Tidying.UNUSED_MS - 1);
    assertEquals(1, two.blocks().size());
    turn(1_000 + Tidying.UNUSED_MS);
    assertEquals(0, two.blocks().size());
    assertEquals(3, one.stock(0).getFirst().free());
  }

  @Test
  void whoHasNothingSaysSoAndAnotherIsAskedNext() {
    for (String id : List.of("x", "y", "z")) {
      given(one, id, null);
    }
    say(ask(TWO, null, null));
    turn(1_000);
    assertTrue(state.asks().values().iterator().next().declined());
    assertEquals(Reason.EXHAUSTED, refused(ask(TWO, null, null)));
  }

  @Test
  void aBlockDoesNotEndWhileSomethingIsApartInIt() {
    say(ask(TWO, DB, null));
    turn(1_000);
    assertEquals(Reason.NOT_EMPTY, refused(new ReleaseBlock(ONE, BLOCK, true)));
    assertTrue(one.tidy(10_000).isEmpty());
    NodeEpoch next = new NodeEpoch("node1", 3);
    say(new SucceedNode(next, ONE));
    Ledger heir = new Ledger(next);
    Granted taken =
        assertInstanceOf(Granted.class, say(new ClaimBlock(next, new OfPast(BLOCK, ONE), 1)));
    List<LedgerEntry> entries = heir.take(taken);
    heir.onDisk(entries);
    IpAddress apart = state.names().get(DB);
    Ledger again = new Ledger(next);
    entries.forEach(e -> again.replay(LedgerEntry.decode(e.encode())));
    for (Ledger ledger : List.of(heir, again)) {
      for (String id : List.of("x", "y")) {
        assertFalse(given(ledger, id, null).equals(apart));
      }
      assertEquals(Why.FULL, denied(ledger, "z", null).why());
    }
  }

  @Test
  void whatAPastLifeAskedForIsTakenBackIn() {
    say(ask(TWO, null, null));
    List<LedgerEntry> promised = one.answerAsks(state, 0);
    one.onDisk(promised);
    assertEquals(1, promised.size());
    assertEquals(List.of(), one.answerAsks(state, 0), "once");
    say(new SucceedNode(new NodeEpoch("node2", 9), TWO));
    assertNull(state.asks().first());
    RecordAllocations batch = one.nextBatch();
    assertNotNull(batch);
    one.onDisk(one.answered(batch, say(batch)));
    assertTrue(state.singles().isEmpty());
    assertEquals(2, one.stock(0).getFirst().free());
    one.onDisk(one.observe(state, revision));
    assertEquals(3, one.stock(0).getFirst().free());
  }

  /** Whoever gives a block back has said how much it did in it. */
  @Test
  void aBlockThatIsBeingGivenBackAnswersNobody() {
    say(new CreatePools(List.of(IpamTest.pool("q", "10.43.0.0/28", 30)), false));
    one.govern(new AllocationRules(List.of(), 0, 9, 9, 0, new TreeSet<>()));
    one.onDisk(one.take(assertInstanceOf(
        Granted.class, say(new ClaimBlock(ONE, new FromPools(List.of("q")), 21)))));
    one.onDisk(one.take(assertInstanceOf(
        Granted.class, say(new ClaimBlock(ONE, new FromPools(List.of("q")), 22)))));
    one.onDisk(one.observe(state, revision));
    assertEquals(1, one.tidy(5).size());
    say(new AskAddress(TWO, Family.IPV4, List.of("q"), null, null, true, 23));
    say(new AskAddress(
        TWO, Family.IPV4, List.of("q"), null, IpAddress.parse("10.43.0.1"), true, 24));
    assertEquals(List.of(), one.answerAsks(state, 6));
  }

  /** The whole ledger, with what it promised, is read again from its image. */
  @Test
  void aRestartedOwnerKeepsItsPromise() {
    say(ask(TWO, null, null));
    one.onDisk(one.answerAsks(state, 0));
    Ledger again = new Ledger(ONE);
    one.image().forEach(e -> again.replay(LedgerEntry.decode(e.encode())));
    assertEquals(one.stock(0), again.stock(0));
    assertEquals(one.apartIn(BLOCK), again.apartIn(BLOCK));
    RecordAllocations batch = again.nextBatch();
    assertNotNull(batch);
    say(batch);
    assertEquals(1, state.singles().size());
    say(new SplitPool("p", 2));
    assertEquals(1, state.singles().size());
  }

  @Test
  void aBlockIsNotHandedOutTwiceByItsParts() {
    say(ask(TWO, null, IpAddress.parse("10.42.0.2")));
    turn(0);
    assertEquals(TWO, state.blockAround(IpAddress.parse("10.42.0.2")).owner());
    assertEquals(ONE, state.blockAround(IpAddress.parse("10.42.0.3")).owner());
    assertEquals(
        Reason.CONFLICT,
        refused(new ClaimBlock(ONE, new Exactly(Prefix.parse("10.42.0.2/32")), 5)));
    Allocation stolen = new Allocation(IpAddress.parse("10.42.0.2"), handle("s"), "shop", "s", 1);
    assertEquals(
        Reason.CONFLICT,
        refused(new RecordAllocations(
            ONE,
            BLOCK,
            state.blocks().get(BLOCK).recorded() + 1,
            List.of(new Change.Allocated(stolen)))));
    byte[] bytes = SnapshotCodec.encode(state);
    bytes[0] = 1;
    assertThrows(IllegalArgumentException.class, () -> SnapshotCodec.decode(bytes));
  }

  /** However many claims are under way at once. */
  @Test
  void aNodeHasAsManyBlocksAsItMayHave() {
    say(new CreatePools(List.of(IpamTest.pool("q", "10.43.0.0/28", 30)), false));
    Most two = new Most(3, 2);
    FromPools fromBoth = new FromPools(List.of("q", "p"));
    assertInstanceOf(Granted.class, say(new ClaimBlock(ONE, fromBoth, 11, two)));
    assertInstanceOf(Granted.class, say(new ClaimBlock(ONE, fromBoth, 12, two)));
    assertEquals(Reason.LIMIT, refused(new ClaimBlock(ONE, fromBoth, 13, two)));
    Most ofPool = new Most(9, 2);
    assertEquals(
        Reason.LIMIT, refused(new ClaimBlock(ONE, new FromPools(List.of("q")), 14, ofPool)));
    assertEquals(
        Reason.LIMIT,
        refused(new ClaimBlock(ONE, new Exactly(Prefix.parse("10.43.0.12/30")), 15, ofPool)));
    assertInstanceOf(Granted.class, say(new ClaimBlock(ONE, fromBoth, 12, two)), "as before");
    assertInstanceOf(Granted.class, say(new ClaimBlock(TWO, fromBoth, 16, two)));
  }
}
