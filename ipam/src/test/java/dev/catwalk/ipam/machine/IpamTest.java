package dev.catwalk.ipam.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.Change.Allocated;
import dev.catwalk.ipam.machine.Change.Released;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.DeletePool;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Command.ReleaseByHandle;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.Outcome.BlockReleased;
import dev.catwalk.ipam.machine.Outcome.Granted;
import dev.catwalk.ipam.machine.Outcome.HandleReleased;
import dev.catwalk.ipam.machine.Outcome.PoolDeleted;
import dev.catwalk.ipam.machine.Outcome.PoolsReady;
import dev.catwalk.ipam.machine.Outcome.Reason;
import dev.catwalk.ipam.machine.Outcome.Recorded;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.machine.Outcome.Registered;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One command after another, with what each must answer. */
class IpamTest {
  private static final NodeEpoch NODE1 = new NodeEpoch("node1", 0x11);
  private static final NodeEpoch NODE2 = new NodeEpoch("node2", 0x22);
  private static final Pool POOL = pool("default", "10.42.0.0/22", 24);
  private static final FromPools DEFAULT = new FromPools(List.of("default"));

  private IpamState state = IpamState.empty();
  private long revision;

  private Outcome say(Command command) {
    Applied applied =
        Ipam.apply(state, ++revision, CommandCodec.decode(CommandCodec.encode(command)));
    state = applied.next();
    return OutcomeCodec.decode(OutcomeCodec.encode(applied.outcome()));
  }

  private void refuses(Reason reason, Command command, String... words) {
    IpamState before = state;
    Refused refused = assertInstanceOf(Refused.class, say(command));
    assertEquals(reason, refused.reason(), refused.what());
    for (String word : words) {
      assertTrue(refused.what().contains(word), () -> word + " not in: " + refused.what());
    }
    assertSame(before, state);
  }

  private Prefix claims(NodeEpoch node, Command.Wanted wanted, long requestId) {
    return assertInstanceOf(Granted.class, say(new ClaimBlock(node, wanted, requestId)))
        .block();
  }

  private void ready() {
    say(new CreatePools(List.of(POOL), true));
    say(new RegisterNode(NODE1));
    say(new RegisterNode(NODE2));
  }

  @Test
  void poolsAreWrittenOnceAndDoNotOverlap() {
    assertEquals(new PoolsReady(List.of("default")), say(new CreatePools(List.of(POOL), true)));
    Pool other = pool("other", "10.43.0.0/16", 24);
    assertEquals(new PoolsReady(List.of()), say(new CreatePools(List.of(other), true)));
    assertEquals(new PoolsReady(List.of("other")), say(new CreatePools(List.of(other), false)));
    assertEquals(new PoolsReady(List.of()), say(new CreatePools(List.of(POOL, other), false)));
    Pool wider = pool("wider", "10.40.0.0/13", 24);
    Pool inner = pool("inner", "10.42.1.0/24", 26);
    Pool free = pool("free", "10.99.0.0/16", 24);
    refuses(Reason.OVERLAP, new CreatePools(List.of(free, wider), false), "wider", "10.42.0.0/22");
    refuses(Reason.OVERLAP, new CreatePools(List.of(inner), false), "inner", "default");
    refuses(Reason.CONFLICT, new CreatePools(List.of(pool("default", "10.77.0.0/16", 26)), false));
    assertEquals(2, state.pools().size());
  }

  @Test
  void aPoolIsDeletedOnlyWhenNobodyHasABlockOfIt() {
    ready();
    Prefix block = claims(NODE1, DEFAULT, 1);
    refuses(Reason.NOT_EMPTY, new DeletePool("default"), "release");
    refuses(Reason.UNKNOWN_POOL, new DeletePool("nowhere"));
    assertEquals(new BlockReleased(block), say(new ReleaseBlock(NODE1, block, false)));
    assertEquals(new PoolDeleted("default"), say(new DeletePool("default")));
    refuses(Reason.UNKNOWN_POOL, new ClaimBlock(NODE1, DEFAULT, 2), "default");
  }

  @Test
  void theLowestFreeBlockIsClaimedAndTheSameRequestGetsTheSame() {
    ready();
    assertEquals(Prefix.parse("10.42.0.0/24"), claims(NODE1, DEFAULT, 1));
    assertEquals(Prefix.parse("10.42.1.0/24"), claims(NODE2, DEFAULT, 1));
    assertEquals(Prefix.parse("10.42.0.0/24"), claims(NODE1, DEFAULT, 1));
    assertEquals(Prefix.parse("10.42.2.0/24"), claims(NODE1, DEFAULT, 2));
    say(new ReleaseBlock(NODE1, Prefix.parse("10.42.0.0/24"), false));
    assertEquals(Prefix.parse("10.42.0.0/24"), claims(NODE2, DEFAULT, 2));
    assertEquals(Prefix.parse("10.42.3.0/24"), claims(NODE2, DEFAULT, 3));
    refuses(Reason.EXHAUSTED, new ClaimBlock(NODE1, DEFAULT, 9), "default");
    assertEquals(1, state.blocksOf(NODE1).size());
    assertEquals(3, state.blocksOf(NODE2).size());
  }

  @Test
  void pooledBlocksComeFromTheFirstPoolThatHasOne() {
    ready();
    say(new CreatePools(List.of(pool("small", "10.50.0.0/24", 24)), false));
    say(new CreatePools(
        List.of(new Pool("off", Prefix.parse("10.51.0.0/24"), 24, false, true)), false));
    FromPools order = new FromPools(List.of("off", "nowhere", "small", "default"));
    assertEquals(Prefix.parse("10.50.0.0/24"), claims(NODE1, order, 1));
    assertEquals(Prefix.parse("10.42.0.0/24"), claims(NODE1, order, 2));
    refuses(Reason.POOL_DISABLED, new ClaimBlock(NODE1, new FromPools(List.of("off")), 3), "off");
  }

  @Test
  void anExactBlockIsGivenOnceAndToTheSameOwnerAgain() {
    ready();
    Exactly wanted = new Exactly(Prefix.parse("10.42.2.0/24"));
    assertEquals(wanted.cidr(), claims(NODE1, wanted, 1));
    assertEquals(wanted.cidr(), claims(NODE1, wanted, 77));
    refuses(Reason.CONFLICT, new ClaimBlock(NODE2, wanted, 1), "node1", "10.42.2.0/24");
    refuses(
        Reason.CONFLICT,
        new ClaimBlock(NODE2, new Exactly(Prefix.parse("10.42.2.0/25")), 2),
        "blocks of /24");
    refuses(
        Reason.UNKNOWN_POOL, new ClaimBlock(NODE2, new Exactly(Prefix.parse("10.9.0.0/24")), 3));
    assertEquals(Prefix.parse("10.42.0.0/24"), claims(NODE2, DEFAULT, 4));
    assertEquals(Prefix.parse("10.42.1.0/24"), claims(NODE2, DEFAULT, 5));
    assertEquals(Prefix.parse("10.42.3.0/24"), claims(NODE2, DEFAULT, 6));
  }

  @Test
  void aLaterLifeOfANodeOwnsNothingByNameAndTheEarlierNeverReturns() {
    ready();
    Prefix block = claims(NODE1, new Exactly(Prefix.parse("10.42.2.0/24")), 1);
    NodeEpoch reborn = new NodeEpoch("node1", 0x99);
    assertEquals(new Registered(reborn), say(new SucceedNode(reborn, NODE1)));
    assertEquals(new Registered(reborn), say(new SucceedNode(reborn, NODE1)));
    refuses(Reason.STALE_EPOCH, new RegisterNode(NODE1), "0000000000000099");
    NodeEpoch unheard = new NodeEpoch("node1", 0x77);
    refuses(Reason.CONFLICT, new SucceedNode(unheard, NODE1), "does not succeed");
    refuses(Reason.CONFLICT, new RegisterNode(unheard), "but nobody");
    refuses(Reason.STALE_EPOCH, new ClaimBlock(NODE1, DEFAULT, 5));
    refuses(
        Reason.STALE_EPOCH, new RecordAllocations(NODE1, block, 1, List.of(up("10.42.2.1", "a"))));
    refuses(
        Reason.NOT_OWNER, new RecordAllocations(reborn, block, 1, List.of(up("10.42.2.1", "a"))));
    refuses(Reason.CONFLICT, new ClaimBlock(reborn, new Exactly(block), 1));
    refuses(Reason.UNKNOWN_NODE, new ClaimBlock(new NodeEpoch("node7", 1), DEFAULT, 1), "node7");
    assertEquals(new BlockReleased(block), say(new ReleaseBlock(NODE1, block, true)));
    assertEquals(block, claims(reborn, new Exactly(block), 1));
  }

  @Test
  void changesAreRecordedInOrderAndOnce() {
    ready();
    Prefix block = claims(NODE1, DEFAULT, 1);
    List<Change> first = List.of(up("10.42.0.1", "a"), up("10.42.0.2", "b"));
    assertEquals(new Recorded(block, 2), say(new RecordAllocations(NODE1, block, 1, first)));
    assertEquals(new Recorded(block, 2), say(new RecordAllocations(NODE1, block, 1, first)));
    refuses(
        Reason.SEQUENCE_GAP,
        new RecordAllocations(NODE1, block, 4, List.of(down("10.42.0.1", "a"))),
        "3 is next");
    List<Change> overlapping =
        List.of(up("10.42.0.2", "b"), down("10.42.0.1", "a"), up("10.42.0.1", "c"));
    assertEquals(new Recorded(block, 4), say(new RecordAllocations(NODE1, block, 2, overlapping)));
    assertEquals("c", state.holderOf(ip("10.42.0.1")).allocation().handle().containerId());
    assertEquals(List.of(), state.heldBy(handle("a")));
    assertEquals(1, state.heldBy(handle("b")).size());
    assertEquals(2, state.blocks().get(block).allocated());
    assertEquals(253, state.blocks().get(block).free());
    assertEquals(5, state.holderOf(ip("10.42.0.2")).revision());
  }

  @Test
  void whatAnOwnerCannotHaveDoneIsRefusedWhole() {
    ready();
    Prefix block = claims(NODE1, DEFAULT, 1);
    say(new RecordAllocations(NODE1, block, 1, List.of(up("10.42.0.1", "a"))));
    refuses(
        Reason.CONFLICT,
        new RecordAllocations(NODE1, block, 2, List.of(up("10.42.0.9", "x"), up("10.42.0.1", "b"))),
        "ns/pod-a");
    refuses(
        Reason.MALFORMED, new RecordAllocations(NODE1, block, 2, List.of(up("10.42.1.1", "b"))));
    refuses(
        Reason.MALFORMED, new RecordAllocations(NODE1, block, 2, List.of(up("10.42.0.0", "b"))));
    refuses(
        Reason.NOT_OWNER,
        new RecordAllocations(NODE2, block, 2, List.of(up("10.42.0.7", "b"))),
        "node1");
    Change foreign = down("10.42.0.1", "not-the-holder");
    assertEquals(
        new Recorded(block, 2), say(new RecordAllocations(NODE1, block, 2, List.of(foreign))));
    assertEquals(1, state.blocks().get(block).allocated());
  }

  @Test
  void aHandleIsReleasedWhereverItHoldsSomething() {
    ready();
    Prefix first = claims(NODE1, DEFAULT, 1);
    Prefix second = claims(NODE2, DEFAULT, 1);
    say(new RecordAllocations(NODE1, first, 1, List.of(up("10.42.0.1", "a"))));
    say(new RecordAllocations(NODE2, second, 1, List.of(up("10.42.1.1", "a"))));
    HandleReleased released =
        assertInstanceOf(HandleReleased.class, say(new ReleaseByHandle(handle("a"))));
    assertEquals(2, released.released().size());
    assertEquals(new HandleReleased(List.of()), say(new ReleaseByHandle(handle("a"))));
    assertEquals(0, state.blocks().get(first).allocated());
  }

  @Test
  void aUsedBlockIsGivenBackOnlyByForce() {
    ready();
    Prefix block = claims(NODE1, DEFAULT, 1);
    say(new RecordAllocations(NODE1, block, 1, List.of(up("10.42.0.1", "a"))));
    refuses(Reason.NOT_EMPTY, new ReleaseBlock(NODE1, block, false), "1 addresses");
    refuses(Reason.NOT_OWNER, new ReleaseBlock(NODE2, block, true));
    assertEquals(new BlockReleased(block), say(new ReleaseBlock(NODE1, block, true)));
    assertEquals(List.of(), state.heldBy(handle("a")));
    refuses(Reason.NOT_OWNER, new ReleaseBlock(NODE1, block, true), "nobody");
  }

  static Pool pool(String name, String cidr, int blockSize) {
    return new Pool(name, Prefix.parse(cidr), blockSize, true, false);
  }

  static Handle handle(String name) {
    return new Handle(name, "eth0");
  }

  static IpAddress ip(String text) {
    return IpAddress.parse(text);
  }

  static Change up(String ip, String name) {
    return new Allocated(new Allocation(ip(ip), handle(name), "ns", "pod-" + name, 1_000));
  }

  static Change down(String ip, String name) {
    return new Released(ip(ip), handle(name));
  }
}
