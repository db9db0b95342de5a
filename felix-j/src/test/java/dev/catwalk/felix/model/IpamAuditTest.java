package dev.catwalk.felix.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.felix.model.IpamAudit.Finding;
import dev.catwalk.ipam.machine.Change.Allocated;
import dev.catwalk.ipam.machine.Change.SetApart;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.AskAddress;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.CreatePools;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RecordAllocations;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.CommandCodec;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.machine.Change.Committed;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.machine.Machine;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every difference is named, and nothing else is. */
class IpamAuditTest {
  private static final NodeEpoch NODE = new NodeEpoch("node1", 1);
  private static final Prefix BLOCK = Prefix.parse("10.42.0.0/26");
  private static final Allocation A = allocation("a", "10.42.0.1");
  private static final Allocation B = allocation("b", "10.42.0.2");

  private final TreeMap<String, Machine> machines = new TreeMap<>();
  private ClusterState cluster = ClusterState.empty();
  private final TreeMap<Handle, List<IpAddress>> pods = new TreeMap<>();

  private static Allocation allocation(String id, String ip) {
    return new Allocation(IpAddress.parse(ip), new Handle(id, "eth0"), "shop", id, 7);
  }

  private void commit(Machine fresh, byte[] command) {
    long revision = cluster.revision() + 1;
    String name = fresh.name();
    byte[] outcome = machines.computeIfAbsent(name, n -> fresh).apply(revision, command);
    cluster = cluster.apply(new Committed(revision, name, command, outcome));
  }

  private void say(Command command) {
    commit(new IpamMachine(), CommandCodec.encode(command));
  }

  private void endpoint(String node, String id, String ip) {
    Endpoint endpoint = new Endpoint(
        node,
        id,
        "eth0",
        "shop",
        id,
        new TreeMap<>(),
        List.of(IpAddress.parse(ip)),
        "cw" + id,
        "",
        List.of());
    commit(new KvMachine(), KvTransaction.put(endpoint.key(), endpoint.encode()).encode());
  }

  @BeforeEach
  void twoPods() {
    say(new CreatePools(
        List.of(new Pool("p", Prefix.parse("10.42.0.0/16"), 26, true, false)), true));
    say(new RegisterNode(NODE));
    say(new ClaimBlock(NODE, new FromPools(List.of("p")), 1));
    say(new RecordAllocations(NODE, BLOCK, 1, List.of(new Allocated(A), new Allocated(B))));
    endpoint("node1", "a", "10.42.0.1");
    endpoint("node1", "b", "10.42.0.2");
    pods.put(A.handle(), List.of(A.ip()));
    pods.put(B.handle(), List.of(B.ip()));
  }

  private List<String> subjects(List<Allocation> held, int pending) {
    return IpamAudit.compare(cluster, NODE, held, pods, pending).stream()
        .map(Finding::subject)
        .toList();
  }

  @Test
  void whatAgreesIsNotNamed() {
    assertEquals(List.of(), subjects(List.of(A, B), 0));
  }

  @Test
  void anAddressWithoutPodAndAPodWithoutAddressAreNamed() {
    pods.remove(A.handle());
    assertEquals(List.of("10.42.0.1"), subjects(List.of(A, B), 0));
    pods.put(A.handle(), List.of(A.ip()));
    assertEquals(List.of("10.42.0.2"), subjects(List.of(A), 1), "the store is behind: not asked");
  }

  @Test
  void storeAndDiskAreCompared() {
    Allocation other = allocation("c", "10.42.0.1");
    pods.remove(A.handle());
    pods.put(other.handle(), List.of(other.ip()));
    assertEquals(List.of("10.42.0.1"), subjects(List.of(other, B), 0));
  }

  @Test
  void twoPodsOfOneAddressAndAPodOnAnothersBlockAreNamed() {
    endpoint("node2", "x", "10.42.0.2");
    assertEquals(List.of("10.42.0.2", "10.42.0.2"), subjects(List.of(A, B), 0));
  }

  @Test
  void whatIsSetApartOnOneSideOnlyIsNamed() {
    NodeEpoch other = new NodeEpoch("node2", 5);
    IpAddress lent = IpAddress.parse("10.42.0.9");
    say(new RegisterNode(other));
    say(new AskAddress(other, Family.IPV4, List.of("p"), null, lent, true, 3));
    say(new RecordAllocations(NODE, BLOCK, 3, List.of(new SetApart(lent, other, 3))));
    TreeMap<Prefix, SortedSet<IpAddress>> here = new TreeMap<>();
    here.put(BLOCK, new TreeSet<>(List.of(lent)));
    assertEquals(List.of(), IpamAudit.apart(cluster, here));
    here.put(BLOCK, new TreeSet<>(List.of(A.ip())));
    assertEquals(
        List.of("10.42.0.9", "10.42.0.1"),
        IpamAudit.apart(cluster, here).stream().map(Finding::subject).toList());
  }

  @Test
  void podsThatTheClusterKnowsOtherwiseAreNamed() {
    assertEquals(List.of(), IpamAudit.told(cluster, "node1", pods));
    pods.remove(A.handle());
    pods.put(B.handle(), List.of(A.ip()));
    assertEquals(2, IpamAudit.told(cluster, "node1", pods).size());
  }

  @Test
  void blocksOfPastLivesAreNamed() {
    say(new SucceedNode(new NodeEpoch("node1", 2), NODE));
    assertEquals(List.of("10.42.0.0/26"), subjects(List.of(A, B), 0));
  }
}
