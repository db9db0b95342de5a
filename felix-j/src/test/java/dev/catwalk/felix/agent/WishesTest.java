package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.agent.Wishes.Wish;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.felix.model.Enforced;
import dev.catwalk.felix.model.IpamMachine;
import dev.catwalk.felix.model.NodeInfo;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.SetPool;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.machine.CommandCodec;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.machine.Change.Committed;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Applied one after the other, the wishes bring the store to what the node wants it to know. */
class WishesTest {
  private static final Pool POOL =
      new Pool("default", Prefix.parse("10.42.0.0/16"), 24, false, false);
  private static final NodeInfo SELF = new NodeInfo(
      "n1", List.of(IpAddress.parse("192.0.2.11")), 64601, new TreeMap<>(), 7, "0.1.0");

  private final TreeMap<String, Machine> machines = new TreeMap<>();
  private ClusterState cluster = ClusterState.empty();

  WishesTest() {
    machines.put(KvMachine.NAME, new KvMachine());
    machines.put(IpamMachine.NAME, new IpamMachine());
  }

  @Test
  void fromNothingToAll() {
    List<Endpoint> local = List.of(endpoint("c1"), endpoint("c2"));
    assertEquals(
        List.of(
            "register n1 (epoch 0000000000000007)",
            "create pools",
            "present node n1",
            "record 2 endpoints"),
        fulfil(SELF, local));
    assertEquals(SELF, cluster.nodes().get("n1"));
    assertEquals(2, cluster.endpointsOf("n1").size());
    assertEquals(POOL, cluster.ipam().pools().get("default"));
  }

  @Test
  void onlyTheDifferenceIsTold() {
    fulfil(SELF, List.of(endpoint("c1"), endpoint("c2")));
    assertEquals(List.of(), fulfil(SELF, List.of(endpoint("c1"), endpoint("c2"))));
    assertEquals(
        List.of("record 2 endpoints"), fulfil(SELF, List.of(endpoint("c3"), endpoint("c1"))));
    assertEquals(
        List.of("c1", "c3"),
        cluster.endpointsOf("n1").stream().map(Endpoint::containerId).toList());
  }

  @Test
  void podsOfABurstBetterGoTogether() {
    assertFalse(
        Wishes.next(cluster, SELF, List.of(POOL), List.of()).orElseThrow().many());
    fulfil(SELF, List.of());
    List<Endpoint> pods = List.of(endpoint("c1"));
    assertTrue(Wishes.next(cluster, SELF, List.of(POOL), pods).orElseThrow().many());
  }

  @Test
  void poolsThatAreThereAreLeftAlone() {
    fulfil(SELF, List.of());
    Pool other = new Pool("other", Prefix.parse("10.43.0.0/16"), 24, false, false);
    assertEquals(Optional.empty(), Wishes.next(cluster, SELF, List.of(other), List.of()));
  }

  @Test
  void manyEndpointsTakeSeveralCommands() {
    List<Endpoint> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add(endpoint("c" + i));
    }
    List<String> wishes = fulfil(SELF, many);
    assertTrue(wishes.size() > 5, wishes::toString);
    assertEquals(200, cluster.endpointsOf("n1").size());
  }

  @Test
  void poolsAreChangedByALifeThatCounts() {
    fulfil(SELF, List.of());
    Optional<Command> due = Optional.of(new SetPool(POOL.closed()));
    Wish wish = Wishes.ofPools(cluster, SELF, due).orElseThrow();
    apply(wish);
    assertTrue(cluster.ipam().pools().get(POOL.name()).disabled());
    NodeInfo other = new NodeInfo(
        SELF.name(), SELF.addresses(), SELF.as(), SELF.labels(), SELF.epoch() + 1, SELF.version());
    assertEquals(Optional.empty(), Wishes.ofPools(cluster, other, due));
    assertEquals(Optional.empty(), Wishes.ofPools(cluster, SELF, Optional.empty()));
  }

  @Test
  void aLifeThatIsOverWishesNothing() {
    fulfil(SELF, List.of());
    apply(new Wish(
        IpamMachine.NAME,
        CommandCodec.encode(new SucceedNode(new NodeEpoch("n1", 8), new NodeEpoch("n1", 7))),
        "",
        false));
    assertEquals(
        Optional.empty(), Wishes.next(cluster, SELF, List.of(POOL), List.of(endpoint("c1"))));
  }

  @Test
  void whatIsEnforcedIsToldOnceForEachChangeOfManifests() {
    assertEquals(Optional.empty(), Wishes.enforced(cluster, SELF, 0, 5), "nobody knows the node");
    fulfil(SELF, List.of());
    assertEquals(Optional.empty(), Wishes.enforced(cluster, SELF, 0, 5), "there is no manifest");
    assertEquals(Optional.empty(), Wishes.enforced(cluster, SELF, 6, 5), "not in the kernel yet");
    apply(Wishes.enforced(cluster, SELF, 6, 7).orElseThrow());
    assertEquals(new Enforced("n1", 7), cluster.enforced().get("n1"));
    assertEquals(Optional.empty(), Wishes.enforced(cluster, SELF, 6, 9), "told already");
    assertEquals(Optional.empty(), Wishes.enforced(cluster, SELF, 7, 9), "the same change");
    assertTrue(Wishes.enforced(cluster, SELF, 8, 9).isPresent());
  }

  @Test
  void nodesThatLagAreNamed() {
    fulfil(SELF, List.of());
    NodeInfo other = new NodeInfo("n2", List.of(), 64602, new TreeMap<>(), 9, "0.1.0");
    apply(kv(KvTransaction.put(other.key(), other.encode())));
    apply(Wishes.enforced(cluster, SELF, 20, 24).orElseThrow());
    Enforced late = new Enforced("n2", 20);
    apply(kv(KvTransaction.put(late.key(), late.encode())));
    Enforcement now = Enforcement.of(cluster, 24);
    assertEquals(List.of("n1"), now.by());
    assertEquals(List.of(new Enforcement.Behind("n2", 20)), now.missing());
    assertTrue(now.complaint().contains("revision 24 is not enforced as yet by n2 (has 20): "));
    assertEquals(List.of(), Enforcement.of(cluster, 20).missing());
  }

  private static Wish kv(KvTransaction transaction) {
    return new Wish(KvMachine.NAME, transaction.encode(), "", false);
  }

  /** Applies wishes until there is none; returns what they were for. */
  private List<String> fulfil(NodeInfo self, List<Endpoint> local) {
    List<String> done = new ArrayList<>();
    while (true) {
      Optional<Wish> next = Wishes.next(cluster, self, List.of(POOL), local);
      if (next.isEmpty()) {
        return done;
      }
      done.add(next.get().what());
      apply(next.get());
      assertTrue(done.size() < 100, "the wishes never end");
    }
  }

  private void apply(Wish wish) {
    long revision = cluster.revision() + 1;
    byte[] outcome = machines.get(wish.machine()).apply(revision, wish.command());
    cluster = cluster.apply(new Committed(revision, wish.machine(), wish.command(), outcome));
  }

  private static Endpoint endpoint(String container) {
    return new Endpoint(
        "n1",
        container,
        "eth0",
        "default",
        container,
        new TreeMap<>(),
        List.of(IpAddress.parse("10.42.0.1")),
        "cw00000000000",
        "",
        List.of());
  }
}
