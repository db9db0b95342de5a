package dev.catwalk.ipam.machine;

import static dev.catwalk.ipam.machine.BlockAllocatorTest.any;
import static dev.catwalk.ipam.machine.IpamTest.handle;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Command.ReleaseByHandle;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.machine.Ledger.Decision;
import dev.catwalk.ipam.machine.LedgerEntry.Changed;
import dev.catwalk.ipam.machine.LedgerEntry.Lost;
import dev.catwalk.ipam.machine.LedgerEntry.Taken;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.Recorded;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The owner's side, against the machine itself. */
class LedgerTest {
  private static final NodeEpoch NODE1 = new NodeEpoch("node1", 0x11);
  private static final Prefix BLOCK = Prefix.parse("10.42.0.0/29");

  private IpamState state = IpamState.empty();
  private long revision;
  private final List<LedgerEntry> disk = new ArrayList<>();
  private Ledger ledger = new Ledger(NODE1);

  private Outcome say(Command command) {
    Applied applied = Ipam.apply(state, ++revision, command);
    state = applied.next();
    return applied.outcome();
  }

  private void write(List<LedgerEntry> entries) {
    for (LedgerEntry entry : entries) {
      disk.add(LedgerEntry.decode(entry.encode()));
    }
    ledger.onDisk(entries);
  }

  private Grants allocate(AddressRequest... requests) {
    Decision decision = ledger.allocate(List.of(requests));
    write(decision.entries());
    return decision.grants();
  }

  private Grants allocate(String name) {
    return allocate(any(name));
  }

  private Allocation given(String name) {
    return assertInstanceOf(Grants.All.class, allocate(name)).allocations().getFirst();
  }

  private Denied denied(String name) {
    return assertInstanceOf(Grants.None.class, allocate(name)).why();
  }

  private static AddressRequest sixth(String name) {
    return new AddressRequest(handle(name), Family.IPV6, null, "shop", name, 7);
  }

  private void restart() {
    ledger = new Ledger(NODE1);
    disk.forEach(ledger::replay);
  }

  private void claim() {
    say(new CreatePools(List.of(IpamTest.pool("p", "10.42.0.0/24", 29)), true));
    say(new RegisterNode(NODE1));
    write(ledger.take(assertInstanceOf(
        Granted.class, say(new ClaimBlock(NODE1, new FromPools(List.of("p")), 1)))));
  }

  private void replicate() {
    for (RecordAllocations batch = ledger.nextBatch(); batch != null; batch = ledger.nextBatch()) {
      write(ledger.answered(batch, say(batch)));
    }
  }

  @Test
  void whatIsDecidedIsRecordedBehindInOrder() {
    claim();
    allocate("a");
    allocate("b");
    write(ledger.release(handle("a"), 7));
    assertEquals(3, ledger.pending());
    RecordAllocations batch = ledger.nextBatch();
    assertEquals(1, batch.firstSequence());
    assertEquals(3, batch.changes().size());
    assertNull(ledger.nextBatch(), "one at a time");
    ledger.unanswered(batch.block());
    assertEquals(batch, ledger.nextBatch());
    assertEquals(new Recorded(BLOCK, 3), say(batch));
    write(ledger.answered(batch, new Recorded(BLOCK, 3)));
    assertEquals(0, ledger.pending());
    assertEquals(1, state.blocks().get(BLOCK).allocated());
  }

  @Test
  void onlyWhatIsOnDiskIsTold() {
    claim();
    Decision first = ledger.allocate(List.of(any("a")));
    Decision second = ledger.allocate(List.of(any("b")));
    assertNull(ledger.nextBatch());
    ledger.onDisk(first.entries());
    assertEquals(1, ledger.nextBatch().changes().size());
    assertEquals(1, second.entries().size());
  }

  @Test
  void aRestartKnowsAllThatIsOnDiskAndSendsWhatTheStoreDoesNotHave() {
    claim();
    allocate("a");
    replicate();
    allocate("b");
    write(ledger.release(handle("a"), 7));
    Ledger before = ledger;
    restart();
    assertEquals(before.held(), ledger.held());
    assertEquals(before.image(), replayed(before.image()).image());
    assertEquals(3, ledger.pending(), "it cannot know what was acknowledged");
    ledger.observe(state, revision);
    assertEquals(2, ledger.pending());
    replicate();
    assertEquals(1, state.blocks().get(BLOCK).allocated());
    assertEquals(3, state.blocks().get(BLOCK).recorded());
    Allocation again = given("b");
    assertEquals("10.42.0.2", again.ip().toString());
  }

  @Test
  void ofTwoFamiliesBothAreGivenOrNone() {
    claim();
    say(new CreatePools(List.of(IpamTest.pool("six", "2001:db8::/120", 126)), false));
    ledger.observe(state, revision);
    Ledger before = replayed(disk);
    Grants.None none = assertInstanceOf(Grants.None.class, allocate(any("a"), sixth("a")));
    assertEquals(Family.IPV6, none.request().family());
    assertEquals(Why.FULL, none.why().why());
    assertEquals(before.image(), ledger.image(), "nothing was handed out on the way");
    assertEquals(new FromPools(List.of("six")), ledger.growth().furtherBlock(sixth("z")));
    write(ledger.take(assertInstanceOf(
        Granted.class, say(new ClaimBlock(NODE1, new FromPools(List.of("six")), 2)))));
    Decision both = ledger.allocate(List.of(any("a"), sixth("a")));
    assertEquals(2, both.entries().size(), "one record for both");
    write(both.entries());
    List<String> given = assertInstanceOf(Grants.All.class, both.grants()).allocations().stream()
        .map(a -> a.ip().toString())
        .toList();
    assertEquals(List.of("10.42.0.1", "2001:db8::1"), given);
    assertEquals(both.grants(), allocate(any("a"), sixth("a")));
    replicate();
    assertEquals(2, state.heldBy(handle("a")).size());
    restart();
    assertEquals(2, ledger.heldBy(handle("a")).size());
    assertEquals(2, ledger.release(handle("a"), 7).size());
    assertEquals(List.of(), ledger.held());
  }

  @Test
  void whoHasOneFamilyAlreadyKeepsItAndGetsTheOther() {
    claim();
    Allocation four = given("a");
    say(new CreatePools(List.of(IpamTest.pool("six", "2001:db8::/120", 126)), false));
    write(ledger.take(assertInstanceOf(
        Granted.class, say(new ClaimBlock(NODE1, new FromPools(List.of("six")), 2)))));
    Grants.All both = assertInstanceOf(Grants.All.class, allocate(any("a"), sixth("a")));
    assertEquals(four, both.allocations().getFirst());
    assertEquals("2001:db8::1", both.allocations().getLast().ip().toString());
  }

  private static Ledger replayed(List<LedgerEntry> entries) {
    Ledger ledger = new Ledger(NODE1);
    entries.forEach(e -> ledger.replay(LedgerEntry.decode(e.encode())));
    return ledger;
  }

  @Test
  void aBlockWhoseGrantWasNotHeardOfIsTakenUpFromTheState() {
    claim();
    disk.clear();
    restart();
    assertEquals(Why.FULL, denied("a").why());
    write(ledger.observe(state, revision));
    assertEquals(List.of(new Taken(BLOCK, revision)), disk);
    given("a");
  }

  @Test
  void aBlockOfUnknownContentIsNotUsed() {
    claim();
    allocate("a");
    replicate();
    List<LedgerEntry> good = List.copyOf(disk);
    disk.clear(); // the file is gone
    restart();
    write(ledger.observe(state, revision));
    denied("b");
    assertTrue(
        ledger.problems().getFirst().contains("10.42.0.0/29"), ledger.problems().toString());
    assertEquals(List.of(), ledger.image());

    disk.add(good.getFirst()); // its end is gone
    restart();
    write(ledger.observe(state, revision));
    denied("b");
    assertEquals(1, ledger.problems().size());
  }

  @Test
  void aClaimThatIsLostIsNotUsedAndAnOlderStateDoesNotTakeIt() {
    IpamState older = state;
    claim();
    allocate("a");
    assertEquals(List.of(), ledger.observe(older, 0));
    assertEquals(List.of(BLOCK), ledger.blocks());
    say(new ReleaseBlock(NODE1, BLOCK, true));
    assertEquals(List.of(new Lost(BLOCK)), ledger.observe(state, revision));
    assertEquals(List.of(), ledger.held());
    assertEquals(Why.FULL, denied("b").why());
  }

  @Test
  void theStoresRefusalLosesTheClaimToo() {
    claim();
    allocate("a");
    say(new ReleaseBlock(NODE1, BLOCK, true));
    replicate();
    assertEquals(new Lost(BLOCK), disk.getLast());
    restart();
    assertEquals(List.of(), ledger.blocks());
  }

  @Test
  void aSuccessorEndsThisLife() {
    claim();
    allocate("a");
    say(new SucceedNode(new NodeEpoch("node1", 0x99), NODE1));
    write(ledger.observe(state, revision));
    Denied denied = denied("a");
    assertEquals(Why.RETIRED, denied.why());
    assertTrue(denied.what().contains("0000000000000099"), denied.what());
  }

  @Test
  void whatAnOperatorReleasesInTheStoreTheOwnerReleasesToo() {
    claim();
    allocate("a");
    allocate("b");
    replicate();
    IpamState before = state;
    long beforeRevision = revision;
    say(new ReleaseByHandle(handle("a")));
    allocate("c");
    write(ledger.observe(state, revision));
    assertEquals(3, ledger.held().size(), "the store does not know c yet: no verdict");
    replicate();
    write(ledger.observe(before, beforeRevision));
    assertEquals(3, ledger.held().size(), "an older state is no verdict either");
    write(ledger.observe(state, revision));
    assertEquals(2, ledger.held().size());
    assertInstanceOf(Changed.class, disk.getLast());
    replicate();
    assertEquals(List.of(), ledger.observe(state, revision));
    assertEquals(2, state.blocks().get(BLOCK).allocated());
  }

  @Test
  void theBlockWithMostFreeAddressesGives() {
    claim();
    for (int i = 0; i < 7; i++) {
      allocate("c" + i);
    }
    assertEquals(Why.FULL, denied("late").why());
    write(ledger.take((Granted) say(new ClaimBlock(NODE1, new FromPools(List.of("p")), 2))));
    write(ledger.release(handle("c3"), 7));
    Allocation late = given("late");
    assertEquals("10.42.0.9", late.ip().toString());
    assertEquals(1, ledger.heldBy(handle("late")).size());
    assertEquals(7, ledger.free());
  }

  @Test
  void entriesOutOfOrderAreRefused() {
    claim();
    allocate("a");
    allocate("b");
    List<LedgerEntry> gap = List.of(disk.get(0), disk.get(2));
    assertThrows(IllegalArgumentException.class, () -> replayed(gap));
    assertThrows(IllegalArgumentException.class, () -> replayed(disk.subList(1, 2)));
    assertNotNull(replayed(disk));
  }

  @Test
  void tooLongABacklogTakesNoMore() {
    claim();
    for (int i = 0; i < Ledger.MAX_PENDING / 2; i++) {
      allocate("x");
      write(ledger.release(handle("x"), 7));
    }
    assertEquals(Why.BACKLOG, denied("y").why());
    replicate();
    given("y");
  }
}
