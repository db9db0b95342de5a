package dev.catwalk.felix.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.Change.Allocated;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Command.ReleaseByHandle;
import dev.catwalk.ipam.machine.CommandCodec;
import dev.catwalk.ipam.machine.SnapshotCodec;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.sim.VirtualTime;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.memory.SimulatedStores;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Addresses and keys through a store whose members lead, fall, miss and get things twice: whoever
 * reaches a revision, by whatever way, shows the same bytes there.
 */
class ReplicationStoryTest {
  private static final List<String> NAMES = List.of("node1", "node2", "node3", "node4", "node5");

  private VirtualTime time;
  private SplittableRandom random;
  private SimulatedStores stores;
  private final TreeMap<String, ClusterState> states = new TreeMap<>();
  private final TreeMap<String, Integer> starts = new TreeMap<>();
  private final TreeSet<String> down = new TreeSet<>();
  private final TreeMap<Long, String> seen = new TreeMap<>();

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void equalRevisionsAreEqualBytes(long seed) {
    time = new VirtualTime(seed);
    random = time.random().split();
    stores = new SimulatedStores(time, NAMES, () -> List.of(new KvMachine(), new IpamMachine()));
    stores.commitTwice(0.1);
    NAMES.forEach(this::follow);
    for (int step = 0; step < 1_000; step++) {
      act(NAMES.get(random.nextInt(NAMES.size())));
      boolean calm = random.nextInt(20) == 0; // long enough for an election
      time.run(random.nextLong(calm ? 3_000 : 12));
    }
    NAMES.forEach(this::bringBack);
    time.run(60_000);
    ClusterState first = states.get("node1");
    assertTrue(first.revision() > 300 && first.ipam().blocks().size() > 3, first.ipam()::toString);
    for (ClusterState state : states.values()) {
      assertEquals(first, state);
      assertArrayEquals(SnapshotCodec.encode(first.ipam()), SnapshotCodec.encode(state.ipam()));
    }
    assertEquals(
        1,
        NAMES.stream().map(n -> stores.store(n).status().stateHash()).distinct().count());
  }

  private void follow(String name) {
    int start = starts.merge(name, 1, Integer::sum);
    states.put(name, ClusterState.empty());
    stores.store(name).subscribe(0, change -> {
      if (starts.get(name) == start && !down.contains(name)) {
        ClusterState next = states.get(name).apply(change);
        states.put(name, next);
        String shown = IpamView.show(next) + " " + next.modRevisions();
        String before = seen.putIfAbsent(next.revision(), shown);
        assertEquals(before == null ? shown : before, shown);
      }
    });
  }

  private void bringBack(String name) {
    stores.heal(name);
    if (down.remove(name)) {
      stores.restart(name, random.nextInt(5));
      follow(name);
    }
  }

  private void act(String name) {
    switch (random.nextInt(60)) {
      case 0 -> stores.loseLeader();
      case 1 -> stores.cut(name);
      case 2, 3, 4 -> bringBack(name);
      case 5 -> {
        if (down.add(name)) {
          stores.crash(name);
        }
      }
      case 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 ->
        submit(name, KvMachine.NAME, kv(name).encode());
      default -> submit(name, IpamMachine.NAME, CommandCodec.encode(ipam(name)));
    }
  }

  private void submit(String name, String machine, byte[] command) {
    if (!down.contains(name)) {
      CompletableFuture<?> unused = stores.store(name).submit(machine, command);
    }
  }

  private KvTransaction kv(String name) {
    String key = Keys.manifest("Namespace", "", "n" + random.nextInt(9));
    long known = states.get(name).modRevision(key) - random.nextInt(2);
    Manifest manifest =
        new Manifest("Namespace", "", key.substring(key.lastIndexOf('/') + 1), 1, name);
    return random.nextInt(4) == 0
        ? KvTransaction.delete(key)
        : KvTransaction.putIf(key, known, manifest.encode());
  }

  private Command ipam(String name) {
    ClusterState state = states.get(name);
    NodeEpoch node = new NodeEpoch(name, random.nextInt(200) == 0 ? 2 : 1);
    List<Block> own = state.ipam().blocksOf(node);
    Handle handle = new Handle("c" + random.nextInt(40), "eth0");
    return switch (random.nextInt(own.isEmpty() ? 4 : 10)) {
      case 0 ->
        new CreatePools(
            List.of(new Pool("p", Prefix.parse("10.42.0.0/22"), 26, true, false)), true);
      case 1 -> new RegisterNode(node);
      case 2 -> new ClaimBlock(node, new FromPools(List.of("p")), random.nextInt(5));
      case 3 -> new ReleaseByHandle(handle);
      case 4 -> new ReleaseBlock(node, own.getFirst().cidr(), random.nextInt(3) == 0);
      default -> {
        Block block = own.get(random.nextInt(own.size()));
        Allocation a = new Allocation(
            block.cidr().at(random.nextInt(1, 64)), handle, "ns", "pod", time.nowMs());
        yield new RecordAllocations(
            node, block.cidr(), block.recorded() + 1, List.of(new Allocated(a)));
      }
    };
  }
}
