package dev.catwalk.ipam.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.Change.Allocated;
import dev.catwalk.ipam.machine.Change.Released;
import dev.catwalk.ipam.machine.Command.AssignAddress;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.DeletePool;
import dev.catwalk.ipam.machine.Command.Exactly;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.GiveBack;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Command.ReleaseByHandle;
import dev.catwalk.ipam.machine.Command.SetPool;
import dev.catwalk.ipam.machine.Command.SplitPool;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.Command.UnassignAddress;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.IpamState;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands by chance, sensible and not: what must hold whatever comes. */
class IpamPropertyTest {
  private static final int COMMANDS = 10_000;

  private SplittableRandom random;
  private IpamState state = IpamState.empty();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void noAddressTwiceAndEveryReplayAgrees(long seed) {
    random = new SplittableRandom(seed);
    IpamState replica = IpamState.empty();
    for (int revision = 1; revision <= COMMANDS; revision++) {
      Command command = any();
      byte[] bytes = CommandCodec.encode(command);
      assertEquals(command, CommandCodec.decode(bytes));
      Applied here = Ipam.apply(state, revision, command);
      Applied there = Ipam.apply(replica, revision, CommandCodec.decode(bytes));
      assertEquals(here.outcome(), there.outcome());
      assertEquals(here.outcome(), OutcomeCodec.decode(OutcomeCodec.encode(here.outcome())));
      state = here.next();
      replica = there.next();
      if (random.nextInt(500) == 0) {
        byte[] snapshot = SnapshotCodec.encode(state);
        replica = SnapshotCodec.decode(SnapshotCodec.encode(replica));
        assertEquals(state, replica);
        assertArrayEquals(snapshot, SnapshotCodec.encode(replica));
        holdsTogether(state);
      }
    }
    holdsTogether(state);
    assertArrayEquals(SnapshotCodec.encode(state), SnapshotCodec.encode(replica));
    assertTrue(state.blocks().size() > 5, "the run reached something: " + state);
  }

  /** Counted from the outside, without the state's own indices. */
  private static void holdsTogether(IpamState state) {
    Set<IpAddress> all = new HashSet<>();
    TreeMap<Handle, Integer> perHandle = new TreeMap<>();
    TreeMap<NodeEpoch, Integer> perOwner = new TreeMap<>();
    Prefix before = null;
    for (Block block : state.blocks().values()) {
      assertTrue(before == null || !before.overlaps(block.cidr()), "blocks overlap");
      before = block.cidr();
      Pool pool = state.pools().get(block.pool());
      assertTrue(pool.hasBlock(block.cidr()));
      assertEquals(pool, state.poolAround(block.cidr()));
      perOwner.merge(block.owner(), 1, Integer::sum);
      for (Held held : block.allocations().values()) {
        Allocation a = held.allocation();
        assertTrue(all.add(a.ip()), () -> a.ip() + " twice");
        assertTrue(Block.isUsable(block.cidr(), a.ip()));
        assertEquals(held, state.holderOf(a.ip()));
        perHandle.merge(a.handle(), 1, Integer::sum);
      }
      assertEquals(Block.usable(block.cidr()), block.allocated() + block.free());
    }
    perHandle.forEach((handle, n) -> assertEquals(n, state.heldBy(handle).size()));
    perOwner.forEach((owner, n) -> assertEquals(n, state.blocksOf(owner).size()));
    for (Pool pool : state.pools().values()) {
      for (long i = 0; i < pool.blocks(); i++) {
        Prefix block = pool.blockAt(i);
        assertEquals(i, pool.indexOf(block));
        if (state.blocks().get(block) == null) {
          assertEquals(block, state.lowestFreeBlock(pool));
          break;
        }
      }
    }
  }

  private Command any() {
    NodeEpoch node = new NodeEpoch("node" + random.nextInt(4), random.nextInt(30) == 0 ? 2 : 1);
    return switch (random.nextInt(25)) {
      case 23 ->
        new AssignAddress(
            service(),
            List.of("p" + random.nextInt(4), "p0"),
            List.of(somewhere()),
            null,
            random.nextInt(1000));
      case 24 -> new UnassignAddress(service());
      case 20 -> {
        Pool pool = pool();
        yield new SetPool(random.nextInt(9) == 0 ? pool.closed() : pool);
      }
      case 21 -> giveBack(node);
      case 22 ->
        random.nextInt(100) == 0
            ? new SplitPool("p" + random.nextInt(4), 1 << random.nextInt(3))
            : giveBack(node);
      case 0 -> new CreatePools(List.of(pool()), random.nextBoolean());
      case 1 -> random.nextInt(20) == 0 ? new DeletePool("p" + random.nextInt(4)) : release(node);
      case 2 ->
        random.nextInt(2000) == 0
            ? new SucceedNode(new NodeEpoch(node.node(), 3), node)
            : new RegisterNode(node);
      case 3, 4 ->
        new ClaimBlock(
            node, new FromPools(List.of("p" + random.nextInt(4), "p0")), random.nextInt(60));
      case 5 -> new ClaimBlock(node, new Exactly(somewhere()), random.nextInt(1000));
      case 6 -> release(node);
      case 7 -> new ReleaseByHandle(handle());
      default -> record();
    };
  }

  private Assignee service() {
    Family family = random.nextInt(4) == 0 ? Family.IPV6 : Family.IPV4;
    return new Assignee(Assignee.Use.SERVICE, "shop", "s" + random.nextInt(60), family);
  }

  private ReleaseBlock release(NodeEpoch node) {
    List<Block> own = state.blocksOf(node);
    Prefix block = own.isEmpty() || random.nextInt(9) == 0
        ? somewhere()
        : own.get(random.nextInt(own.size())).cidr();
    return new ReleaseBlock(node, block, random.nextInt(4) == 0);
  }

  /** Of a block that is empty or not, of this claim or an earlier one. */
  private Command giveBack(NodeEpoch node) {
    List<Block> own = state.blocksOf(node);
    if (own.isEmpty()) {
      return release(node);
    }
    Block block = own.get(random.nextInt(own.size()));
    return new GiveBack(
        node,
        block.cidr(),
        block.claimedAt() - random.nextInt(2),
        block.recorded() - random.nextInt(2));
  }

  private Pool pool() {
    int which = random.nextInt(4);
    return new Pool(
        "p" + which,
        which == 3
            ? Prefix.parse("fd00:42::/116")
            : Prefix.parse("10." + (which + random.nextInt(2)) + ".0.0/" + (20 + which)),
        which == 3 ? 122 : 27,
        true,
        false);
  }

  private Prefix somewhere() {
    return Prefix.of(IpAddress.v4(0x0a000000 | random.nextInt(1 << 18)), random.nextInt(26, 29));
  }

  private Handle handle() {
    return new Handle("c" + random.nextInt(300), "eth0");
  }

  /** Mostly what an owner would send: the next changes, at times again, late or too early. */
  private Command record() {
    List<Block> blocks = new ArrayList<>();
    state.blocks().values().forEach(blocks::add);
    if (blocks.isEmpty()) {
      return new RegisterNode(new NodeEpoch("node0", 1));
    }
    Block block = blocks.get(random.nextInt(blocks.size()));
    List<Change> changes = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      IpAddress ip = block.cidr().at(random.nextInt((int) block.cidr().size()));
      Held held = block.allocations().get(ip);
      changes.add(
          held == null
              ? new Allocated(new Allocation(ip, handle(), "ns", "pod", random.nextInt(99)))
              : new Released(ip, held.allocation().handle()));
    }
    long next = Math.max(1, block.recorded() + 1 + (random.nextInt(8) - 6) / 2);
    return new RecordAllocations(block.owner(), block.cidr(), next, changes);
  }

  @Test
  void bytesThatAreNoSnapshotAreRefused() {
    random = new SplittableRandom(7);
    for (int revision = 1; revision <= 500; revision++) {
      state = Ipam.apply(state, revision, any()).next();
    }
    byte[] good = SnapshotCodec.encode(state);
    for (int cut = 0; cut < good.length; cut += 7) {
      byte[] torn = Arrays.copyOf(good, cut);
      assertThrows(IllegalArgumentException.class, () -> SnapshotCodec.decode(torn));
    }
    for (int flip = 0; flip < good.length; flip += 3) {
      byte[] bad = good.clone();
      bad[flip] ^= 0x10;
      try { // another state, or an error that says where: never an inconsistent one
        holdsTogether(SnapshotCodec.decode(bad));
      } catch (IllegalArgumentException expected) {
        assertNotNull(expected.getMessage());
      }
    }
  }

  /** About two seconds here; anything that searches all blocks would take hours. */
  @Test
  @Timeout(60)
  void aHundredThousandBlocksCostNoMoreThanTheirLogarithm() {
    IpamState large = IpamState.empty();
    Pool pool = IpamTest.pool("p", "10.0.0.0/8", 26);
    large = Ipam.apply(large, 1, new CreatePools(List.of(pool), true)).next();
    for (int node = 0; node < 1000; node++) {
      NodeEpoch owner = new NodeEpoch("n" + node, 1);
      large = Ipam.apply(large, 1, new RegisterNode(owner)).next();
      for (int i = 0; i < 100; i++) {
        Command claim = new ClaimBlock(owner, new FromPools(List.of("p")), i);
        large = Ipam.apply(large, 2, claim).next();
      }
    }
    assertEquals(100_000, large.blocks().size());
    assertEquals(Prefix.parse("10.97.168.0/26"), large.lowestFreeBlock(pool));
    assertNull(large.holderOf(IpAddress.parse("10.97.167.255")));
  }
}
