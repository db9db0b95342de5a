package dev.catwalk.ipam.machine;

import static dev.catwalk.ipam.machine.IpamTest.handle;
import static dev.catwalk.ipam.machine.IpamTest.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.OfPast;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node that lost its disk while its pods went on. */
class RemainsTest {
  private static final NodeEpoch BEFORE = new NodeEpoch("node1", 0x11);
  private static final NodeEpoch NOW = new NodeEpoch("node1", 0x12);
  private static final NodeEpoch OTHER = new NodeEpoch("node2", 0x22);
  private static final Prefix BLOCK = Prefix.parse("10.42.0.0/29");

  private IpamState state = IpamState.empty();
  private long revision;
  private final Ledger ledger = new Ledger(NOW);

  @BeforeEach
  void aPodOfALifeThatIsPast() {
    say(new CreatePools(List.of(IpamTest.pool("p", "10.42.0.0/24", 29)), true));
    say(new RegisterNode(BEFORE));
    say(new RegisterNode(OTHER));
    say(new ClaimBlock(BEFORE, new Exactly(BLOCK), 1));
    say(new RecordAllocations(
        BEFORE,
        BLOCK,
        1,
        List.of(IpamTest.up("10.42.0.1", "runs"), IpamTest.up("10.42.0.2", "ended"))));
  }

  private Outcome say(Command command) {
    Applied applied =
        Ipam.apply(state, ++revision, CommandCodec.decode(CommandCodec.encode(command)));
    state = applied.next();
    return applied.outcome();
  }

  private Outcome takeOver(NodeEpoch owner, NodeEpoch before) {
    return say(new ClaimBlock(owner, new OfPast(BLOCK, before), 5));
  }

  private void refused(Reason reason, NodeEpoch owner, NodeEpoch before) {
    assertEquals(
        reason, assertInstanceOf(Refused.class, takeOver(owner, before)).reason());
    assertEquals(2, state.blocks().get(BLOCK).allocated());
  }

  private static Allocation found(String ip, String name) {
    return new Allocation(ip(ip), handle(name), "ns", "pod-" + name, 9);
  }

  private Grants ask(String name) {
    Ledger.Decision decision = ledger.allocate(
        List.of(new AddressRequest(handle(name), Family.IPV4, null, "ns", "pod-" + name, 10)));
    ledger.onDisk(decision.entries());
    return decision.grants();
  }

  private String given(String name) {
    return assertInstanceOf(Grants.All.class, ask(name))
        .allocations()
        .getFirst()
        .ip()
        .toString();
  }

  @Test
  void onlyThePastOfTheSameNodeIsTakenOver() {
    refused(Reason.NOT_OWNER, BEFORE, BEFORE);
    refused(Reason.STALE_EPOCH, NOW, BEFORE);
    refused(Reason.NOT_OWNER, OTHER, BEFORE);
    say(new SucceedNode(NOW, BEFORE));
    refused(Reason.NOT_OWNER, OTHER, BEFORE);
    refused(Reason.NOT_OWNER, NOW, OTHER);
    refused(Reason.STALE_EPOCH, BEFORE, BEFORE);
    Granted granted = assertInstanceOf(Granted.class, takeOver(NOW, BEFORE));
    assertEquals(new Granted(BLOCK, "p", NOW, revision, 0), granted);
    assertEquals(granted, takeOver(NOW, BEFORE), "asked again");
    assertEquals(List.of(), state.blocksOf(BEFORE));
    assertEquals(31, state.freeBlocks(state.pools().get("p")));
  }

  /** Before anything new is given, what runs is held; what ended while nobody looked is free. */
  @Test
  void whatRunsIsHeldBeforeAnythingIsGiven() {
    ledger.adopt(List.of(found("10.42.0.1", "runs")));
    say(new SucceedNode(NOW, BEFORE));
    ledger.onDisk(ledger.take((Granted) takeOver(NOW, BEFORE)));
    assertEquals(List.of(), ledger.remains());
    assertEquals("10.42.0.1", given("runs"));
    TreeSet<String> others = new TreeSet<>();
    for (String name : List.of("a", "b", "c", "d", "e", "f")) {
      others.add(given(name));
    }
    assertEquals(6, others.size());
    assertTrue(!others.contains("10.42.0.1") && others.contains("10.42.0.2"), others::toString);
    for (var batch = ledger.nextBatch(); batch != null; batch = ledger.nextBatch()) {
      ledger.onDisk(ledger.answered(batch, say(batch)));
    }
    Held held = state.holderOf(ip("10.42.0.1"));
    assertEquals(found("10.42.0.1", "runs"), held == null ? null : held.allocation());
    assertEquals(7, state.blocks().get(BLOCK).allocated());
  }

  @Test
  void untilTheBlockIsOursThePodKeepsItsAddressAndDelLetsItGo() {
    ledger.adopt(List.of(found("10.42.0.1", "runs")));
    assertEquals("10.42.0.1", given("runs"));
    ledger.release(handle("runs"), 10);
    assertEquals(List.of(), ledger.remains());
    assertInstanceOf(Grants.None.class, ask("runs"));
  }

  /** Also the cluster forgot, and another was quicker. */
  @Test
  void whatAnotherHasByNowIsNotToldAgain() {
    state = IpamState.empty();
    say(new CreatePools(List.of(IpamTest.pool("p", "10.42.0.0/24", 29)), true));
    say(new RegisterNode(OTHER));
    say(new ClaimBlock(OTHER, new Exactly(BLOCK), 1));
    ledger.adopt(List.of(found("10.42.0.1", "runs")));
    ledger.observe(state, revision);
    Grant.Denied why = assertInstanceOf(Grants.None.class, ask("runs")).why();
    assertEquals(Why.TAKEN, why.why());
    assertTrue(why.what().contains("node2"), why.what());
  }

  /** Found again after a crash in the midst of it: held once, and no other's. */
  @Test
  void whatIsInAnOwnBlockIsHeldAtOnce() {
    say(new SucceedNode(NOW, BEFORE));
    ledger.onDisk(ledger.take((Granted) takeOver(NOW, BEFORE)));
    ledger.onDisk(ledger.adopt(List.of(found("10.42.0.1", "runs"))));
    assertEquals(List.of(), ledger.adopt(List.of(found("10.42.0.1", "runs"))));
    assertEquals(1, ledger.held().size());
    assertEquals(List.of(), ledger.problems());
    ledger.adopt(List.of(found("10.42.0.1", "another")));
    assertTrue(ledger.problems().toString().contains("10.42.0.1"), ledger.problems()::toString);
    assertInstanceOf(Grants.None.class, ask("new"));
  }
}
