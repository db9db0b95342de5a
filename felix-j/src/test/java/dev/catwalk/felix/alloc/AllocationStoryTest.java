package dev.catwalk.felix.alloc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.IpamMachine;
import dev.catwalk.felix.model.IpamView;
import dev.catwalk.ipam.machine.AddressRequest;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Grants;
import dev.catwalk.ipam.machine.SnapshotCodec;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.Held;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.net.sim.VirtualTime;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.memory.SimulatedStores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three nodes, their disks, the store between them, and whatever can befall them, by seed: no
 * address is two pods' at once, and none that a caller was told of is forgotten.
 */
class AllocationStoryTest {
  private static final int STEPS = 600;
  private static final int HANDLES = 24;

  /** In revisions. */
  private static final int SHOWN_EVERY = 16;

  private record Pod(String node, Handle handle) implements Comparable<Pod> {
    @Override
    public int compareTo(Pod other) {
      int byNode = node.compareTo(other.node);
      return byNode != 0 ? byNode : handle.compareTo(other.handle);
    }
  }

  @TempDir
  Path dir;

  private VirtualTime time;
  private SplittableRandom random;
  private SimulatedStores stores;
  private final List<StoryNode> nodes = new ArrayList<>();

  /** What callers were told and have not given back: the addresses that pods answer to. */
  private final TreeMap<Pod, List<IpAddress>> told = new TreeMap<>();

  private final TreeMap<IpAddress, Pod> inUse = new TreeMap<>();
  private final TreeMap<Long, byte[]> seen = new TreeMap<>();
  private final TreeMap<Long, String> shown = new TreeMap<>();
  private int given;
  private int crashes;

  static List<Long> seeds() {
    List<Long> all = new ArrayList<>();
    for (long seed = 1; seed <= 8; seed++) {
      all.add(seed);
    }
    return all;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void noAddressTwiceAndNoneForgotten(long seed) throws Exception {
    begin(seed);
    for (int step = 0; step < STEPS; step++) {
      act();
      boolean calm = random.nextInt(12) == 0; // long enough for an election
      time.run(random.nextLong(calm ? 3_000 : 20));
    }
    settle();
    int torn = nodes.stream().mapToInt(StoryNode::torn).sum();
    assertTrue(
        given > 50 && torn > 0, given + " given, " + crashes + " crashes, " + torn + " torn");
  }

  private void begin(long seed) throws IOException {
    time = new VirtualTime(seed);
    random = time.random().split();
    List<String> names = List.of("node1", "node2", "node3");
    stores = new SimulatedStores(time, names, () -> List.of(new KvMachine(), new IpamMachine()));
    stores.commitTwice(0.05);
    for (String name : names) {
      StoryNode node = new StoryNode(name, dir.resolve(name), time, stores, this::witness);
      nodes.add(node);
      node.start();
    }
    Pool four = new Pool("four", Prefix.parse("10.42.0.0/25"), 29, true, false);
    Pool six = new Pool("six", Prefix.parse("2001:db8::/121"), 125, true, false);
    submit(nodes.getFirst(), new CreatePools(List.of(four, six), true));
    nodes.forEach(node -> submit(node, new RegisterNode(node.epoch())));
    time.run(2_000);
  }

  private void submit(StoryNode node, Command command) {
    CompletableFuture<?> unused = Submitter.to(stores.store(node.name())).submit(command);
  }

  /**
   * Every member is in the same state at one revision, whenever it gets there, and shows the same of
   * it, which is looked at now and then: writing JSON would be most of this test's work.
   */
  private void witness(long revision, ClusterState cluster) {
    byte[] state = SnapshotCodec.encode(cluster.ipam());
    byte[] before = seen.putIfAbsent(revision, state);
    assertArrayEquals(before == null ? state : before, state);
    if (revision % SHOWN_EVERY == 0) {
      String text = IpamView.show(cluster).toString();
      String first = shown.putIfAbsent(revision, text);
      assertEquals(first == null ? text : first, text);
    }
  }

  private void act() throws IOException {
    StoryNode node = nodes.get(random.nextInt(nodes.size()));
    switch (random.nextInt(40)) {
      case 0 -> stores.loseLeader();
      case 1 -> stores.cut(node.name());
      case 2, 3 -> stores.heal(node.name());
      case 4, 5, 6 -> {
        if (node.isUp()) {
          node.crash();
          crashes++;
          if (random.nextInt(6) == 0) {
            rebuild(node);
          }
        }
      }
      case 7, 8, 9, 10, 11 -> startAgain(node);
      default -> {
        for (int calls = random.nextInt(1, 5); calls > 0; calls--) {
          call(node);
        }
      }
    }
  }

  /** The machine is replaced: its pods are gone, its disk is empty, its name is the same. */
  private void rebuild(StoryNode node) throws IOException {
    told.keySet().removeIf(pod -> pod.node().equals(node.name()));
    inUse.values().removeIf(pod -> pod.node().equals(node.name()));
    node.beginLife();
  }

  private void startAgain(StoryNode node) throws IOException {
    if (node.isUp()) {
      return;
    }
    node.restart();
    submit(node, new RegisterNode(node.epoch()));
    assertBothOrNone(node);
    told.forEach((pod, ips) -> {
      if (pod.node().equals(node.name())) {
        List<IpAddress> held =
            node.addresses().heldBy(pod.handle()).stream().map(Allocation::ip).toList();
        assertEquals(ips, held, () -> pod + " was told " + ips);
      }
    });
  }

  /** After a crash: both families of a pod are on the disk, or neither is. */
  private static void assertBothOrNone(StoryNode node) {
    for (Allocation a : node.addresses().held()) {
      assertEquals(2, node.addresses().heldBy(a.handle()).size(), a::toString);
    }
  }

  private void call(StoryNode node) {
    if (!node.isUp()) {
      return;
    }
    Handle handle = new Handle("c" + random.nextInt(HANDLES), "eth0");
    Pod pod = new Pod(node.name(), handle);
    if (random.nextInt(5) < 2) {
      List<IpAddress> ips = told.remove(pod); // from here on the pod does not answer to them
      if (ips != null) {
        ips.forEach(inUse::remove);
      }
      CompletableFuture<?> unused = node.addresses().release(handle);
    } else {
      List<AddressRequest> requests = new ArrayList<>();
      for (Family family : Family.values()) {
        requests.add(
            new AddressRequest(handle, family, null, "shop", handle.containerId(), time.nowMs()));
      }
      CompletableFuture<?> unused =
          node.addresses().allocate(requests).thenAccept(grants -> answered(node, pod, grants));
    }
    node.drive();
  }

  private void answered(StoryNode node, Pod pod, Grants grants) {
    if (!(grants instanceof Grants.All(List<Allocation> allocations))) {
      return;
    }
    if (!node.addresses().heldBy(pod.handle()).equals(allocations)) {
      return; // given back by a call that overtook this answer
    }
    given++;
    List<IpAddress> ips = allocations.stream().map(Allocation::ip).toList();
    for (IpAddress ip : ips) {
      Pod other = inUse.put(ip, pod);
      assertTrue(other == null || other.equals(pod), () -> ip + ": " + other + " and " + pod);
    }
    List<IpAddress> before = told.put(pod, ips);
    assertTrue(before == null || before.equals(ips), () -> pod + " had " + before);
  }

  /** All heals; then replicated state and ledgers say the same, on every member. */
  private void settle() throws IOException {
    for (StoryNode node : nodes) {
      stores.heal(node.name());
      startAgain(node);
    }
    time.run(60_000);
    ClusterState cluster = nodes.getFirst().cluster();
    byte[] snapshot = SnapshotCodec.encode(cluster.ipam());
    TreeMap<IpAddress, Pod> recorded = new TreeMap<>();
    for (StoryNode node : nodes) {
      node.assertSettled();
      assertEquals(cluster.revision(), node.cluster().revision());
      assertArrayEquals(snapshot, SnapshotCodec.encode(node.cluster().ipam()));
      assertEquals(List.of(), node.addresses().problems());
      List<Allocation> inStore = new ArrayList<>();
      for (Block block : cluster.ipam().blocksOf(node.epoch())) {
        for (Held held : block.allocations().values()) {
          inStore.add(held.allocation());
          Pod pod = new Pod(node.name(), held.allocation().handle());
          assertNull(recorded.put(held.allocation().ip(), pod));
        }
      }
      assertEquals(inStore, node.addresses().held(), node.name());
    }
    told.forEach(
        (pod, ips) -> ips.forEach(ip -> assertEquals(pod, recorded.get(ip), () -> "told " + ip)));
  }
}
