package dev.catwalk.felix.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.Change.Allocated;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.CommandCodec;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.machine.Change.Committed;
import dev.catwalk.raftstore.machine.Change.Replaced;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.machine.Machine;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A follower of the feed knows what the machines know, by every way of getting there. */
class ClusterStateTest {
  private static final NodeEpoch NODE1 = new NodeEpoch("node1", 0x0123456789abcdefL);

  private final SortedMap<String, Machine> machines = new TreeMap<>();
  private ClusterState state = ClusterState.empty();

  ClusterStateTest() {
    machines.put(KvMachine.NAME, new KvMachine());
    machines.put(IpamMachine.NAME, new IpamMachine());
  }

  private void commit(String machine, byte[] command) {
    long revision = state.revision() + 1;
    byte[] outcome = machines.get(machine).apply(revision, command);
    state = state.apply(new Committed(revision, machine, command, outcome));
  }

  private void kv(KvTransaction transaction) {
    commit(KvMachine.NAME, transaction.encode());
  }

  private void ipam(Command command) {
    commit(IpamMachine.NAME, CommandCodec.encode(command));
  }

  private Replaced snapshot() {
    SortedMap<String, byte[]> snapshots = new TreeMap<>();
    machines.forEach((name, machine) -> snapshots.put(name, machine.snapshot()));
    return new Replaced(state.revision(), snapshots);
  }

  private static SortedMap<String, String> labels(String key, String value) {
    return new TreeMap<>(Map.of(key, value));
  }

  private static Endpoint endpoint(String node, String id, String ip) {
    return endpoint(node, id, "eth0", ip);
  }

  private static Endpoint endpoint(String node, String id, String ifname, String ip) {
    return new Endpoint(
        node,
        id,
        ifname,
        "shop",
        "web-" + id,
        labels("app", "web"),
        List.of(IpAddress.parse(ip)),
        "cw0123456789a",
        "",
        List.of(new Endpoint.Port("http", "TCP", 8080)));
  }

  private void fill() {
    ipam(new CreatePools(
        List.of(new Pool("default", Prefix.parse("10.42.0.0/16"), 24, true, false)), true));
    ipam(new RegisterNode(NODE1));
    ipam(new ClaimBlock(NODE1, new FromPools(List.of("default")), 1));
    Allocation a = new Allocation(
        IpAddress.parse("10.42.0.7"),
        new Handle("c1", "eth0"),
        "shop",
        "web-c1",
        1_700_000_000_123L);
    ipam(new RecordAllocations(NODE1, Prefix.parse("10.42.0.0/24"), 1, List.of(new Allocated(a))));
    NodeInfo node = new NodeInfo(
        "node1",
        List.of(IpAddress.parse("192.0.2.11")),
        64601,
        labels("rack", "r1"),
        NODE1.epoch(),
        "0.1.0");
    kv(KvTransaction.put(node.key(), node.encode()));
    for (String id : List.of("c1", "c2")) {
      Endpoint endpoint = endpoint("node1", id, "10.42.0.7");
      kv(KvTransaction.put(endpoint.key(), endpoint.encode()));
    }
    Endpoint other = endpoint("node10", "c3", "fd00::1");
    kv(KvTransaction.put(other.key(), other.encode()));
    Manifest manifest = new Manifest("Namespace", "", "shop", 1, "kind: Namespace\n# as it came\n");
    kv(KvTransaction.put(manifest.key(), manifest.encode()));
  }

  @Test
  void theFeedBuildsTheStateAndASnapshotGivesTheSame() {
    fill();
    assertEquals(64601, state.nodes().get("node1").as());
    assertEquals(2, state.endpointsOf("node1").size());
    assertEquals(
        "fd00::1", state.endpointsOf("node10").getFirst().addresses().getFirst().toString());
    assertEquals("shop", state.manifestsOf("Namespace").getFirst().name());
    assertEquals(state, ClusterState.empty().apply(snapshot()));
    assertEquals(5, state.modRevision("nodes/node1"));

    String key = Keys.endpoint("node1", "c1", "eth0");
    kv(new KvTransaction(
        List.of(new KvTransaction.Compare(key, 1)),
        List.of(new KvTransaction.Delete("nodes/node1")),
        List.of(new KvTransaction.Delete(key), new KvTransaction.Get("nodes/node1"))));
    assertEquals(1, state.endpointsOf("node1").size());
    assertEquals(1, state.nodes().size());
    assertEquals(0, state.modRevision(key));
    assertEquals(state, ClusterState.empty().apply(snapshot()));
  }

  @Test
  void aSecondInterfaceOfAContainerDoesNotReplaceTheFirst() {
    Endpoint first = endpoint("node1", "c1", "eth0", "10.42.0.2");
    Endpoint second = endpoint("node1", "c1", "net1", "10.42.0.3");
    kv(KvTransaction.put(first.key(), first.encode()));
    kv(KvTransaction.put(second.key(), second.encode()));
    assertEquals(List.of(first, second), state.endpointsOf("node1"));
    kv(KvTransaction.delete(first.key()));
    assertEquals(List.of(second), state.endpointsOf("node1"));
  }

  @Test
  void whatCannotBeReadCountsAsAbsentAndIsNamed() {
    fill();
    kv(KvTransaction.put("nodes/node1", bytes("{\"v\":2,\"name\":\"node1\"}")));
    kv(KvTransaction.put("nodes/node2", bytes("not json")));
    kv(KvTransaction.put(
        "nodes/node3", new NodeInfo("node4", List.of(), 1, new TreeMap<>(), 1, "").encode()));
    kv(KvTransaction.put("endpoints/n/c", bytes("{\"v\":1,\"ports\":[],\"node\":7}")));
    assertEquals(0, state.nodes().size());
    assertTrue(state.unreadable().get("nodes/node1").contains("version 2"));
    assertTrue(state.unreadable().get("nodes/node3").contains("nodes/node4"));
    assertTrue(state.unreadable().get("endpoints/n/c").contains("node is not a text"));
    assertEquals(4, state.unreadable().size());
    kv(KvTransaction.delete("nodes/node2"));
    assertEquals(3, state.unreadable().size());
    assertEquals(state, ClusterState.empty().apply(snapshot()));
  }

  @Test
  void aCommandThatIsNoneChangesNothingButTheRevision() {
    fill();
    ClusterState before = state;
    commit(IpamMachine.NAME, new byte[] {1, 99});
    commit(KvMachine.NAME, new byte[] {9});
    assertEquals(before.revision() + 2, state.revision());
    assertEquals(before.ipam(), state.ipam());
    assertEquals(before.modRevisions(), state.modRevisions());
    Committed gap = new Committed(state.revision() + 2, "kv", new byte[0], new byte[0]);
    assertThrows(IllegalStateException.class, () -> state.apply(gap));
  }

  @Test
  void ipamIsShownByTheLetter() {
    fill();
    assertEquals(
        "{\"revision\":9,\"pools\":[{\"name\":\"default\",\"cidr\":\"10.42.0.0/16\","
            + "\"blockSize\":24,\"natOutgoing\":true,\"disabled\":false,"
            + "\"used\":1,\"freeBlocks\":255}],"
            + "\"blocks\":[{\"cidr\":\"10.42.0.0/24\",\"pool\":\"default\",\"node\":\"node1\","
            + "\"epoch\":\"0123456789abcdef\",\"allocated\":1,\"free\":254,"
            + "\"apart\":0}]}",
        IpamView.show(state).toString());
    assertEquals(
        "{\"ip\":\"10.42.0.7\",\"owner\":\"shop/web-c1\",\"node\":\"node1\","
            + "\"since\":\"2023-11-14T22:13:20.123Z\",\"revision\":4,\"block\":\"10.42.0.0/24\","
            + "\"containerId\":\"c1\",\"interface\":\"eth0\"}",
        IpamView.show(state, IpAddress.parse("10.42.0.7")).orElseThrow().toString());
    assertTrue(IpamView.show(state, IpAddress.parse("10.42.0.8")).isEmpty());
    assertTrue(IpamView.show(state, IpAddress.parse("10.99.0.8")).isEmpty());
  }

  @Test
  void valuesSurviveTheirJson() {
    Endpoint endpoint = endpoint("node1", "c\"1", "fd00::1");
    assertEquals(endpoint, Endpoint.decode(endpoint.encode()));
    assertArrayEquals(endpoint.encode(), Endpoint.decode(endpoint.encode()).encode());
    Manifest manifest = new Manifest("NetworkPolicy", "shop", "p", 3, "a: \"ü\"\n\ttab");
    assertEquals(manifest, Manifest.decode(manifest.encode()));
    assertThrows(IllegalArgumentException.class, () -> Keys.endpoint("a/b", "c", "eth0"));
    assertThrows(IllegalArgumentException.class, () -> Keys.node(""));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
