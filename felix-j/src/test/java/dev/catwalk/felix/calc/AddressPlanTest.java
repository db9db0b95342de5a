package dev.catwalk.felix.calc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.acl.manifest.ManifestObject;
import dev.catwalk.acl.manifest.Manifests;
import dev.catwalk.acl.manifest.Parsed;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.IpamMachine;
import dev.catwalk.felix.model.Keys;
import dev.catwalk.felix.model.Manifest;
import dev.catwalk.ipam.machine.Change;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.ClaimBlock;
import dev.catwalk.ipam.machine.Command.DeletePool;
import dev.catwalk.ipam.machine.Command.FromPools;
import dev.catwalk.ipam.machine.Command.RegisterNode;
import dev.catwalk.ipam.machine.Command.ReleaseBlock;
import dev.catwalk.ipam.machine.Command.SetPool;
import dev.catwalk.ipam.machine.CommandCodec;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Pools, reservations and limits as Calico's users write them. */
class AddressPlanTest {
  private static final String RACKS = """
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: r1}
      spec: {cidr: 10.1.0.0/16, blockSize: 24, nodeSelector: "rack == 'r1'", natOutgoing: true, ipipMode: Never}
      ---
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: r2}
      spec: {cidr: 10.2.0.0/16, nodeSelector: "rack == 'r2'", disableBGPExport: false}
      ---
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: shop}
      spec: {cidr: 10.3.0.0/16, namespaceSelector: "projectcalico.org/name == 'shop'"}
      ---
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: service}
      spec: {cidr: 10.4.0.0/16, allowedUses: [LoadBalancer]}
      ---
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: six}
      spec: {cidr: "fd00::/64", assignmentMode: Manual}
      ---
      apiVersion: projectcalico.org/v3
      kind: IPReservation
      metadata: {name: kept}
      spec: {reservedCIDRs: [10.1.0.0/30]}
      ---
      apiVersion: projectcalico.org/v3
      kind: IPAMConfiguration
      metadata: {name: default}
      spec: {strictAffinity: true, maxBlocksPerHost: 3}
      """;

  private final TreeMap<String, Machine> machines = new TreeMap<>();
  private ClusterState cluster = ClusterState.empty();

  private void commit(String machine, byte[] command) {
    long revision = cluster.revision() + 1;
    byte[] outcome = machines
        .computeIfAbsent(
            machine, m -> m.equals(KvMachine.NAME) ? new KvMachine() : new IpamMachine())
        .apply(revision, command);
    cluster = cluster.apply(new Committed(revision, machine, command, outcome));
  }

  private void say(Command command) {
    commit(IpamMachine.NAME, CommandCodec.encode(command));
  }

  private void apply(String yaml) {
    Parsed parsed = Manifests.parse("test.yaml", yaml);
    assertEquals(List.of(), parsed.problems());
    for (ManifestObject o : parsed.objects()) {
      Manifest manifest = new Manifest(o.kind(), o.namespace(), o.name(), 1, o.json());
      commit(
          KvMachine.NAME, KvTransaction.put(manifest.key(), manifest.encode()).encode());
    }
  }

  private AddressPlan plan(String... labels) {
    TreeMap<String, String> all = new TreeMap<>();
    for (int i = 0; i < labels.length; i += 2) {
      all.put(labels[i], labels[i + 1]);
    }
    return new AddressPlan(cluster, "node1", all);
  }

  private void settle() {
    for (Optional<Command> wish = plan().wish(cluster.ipam());
        wish.isPresent();
        wish = plan().wish(cluster.ipam())) {
      say(wish.get());
    }
  }

  private List<String> names(AddressPlan plan, String namespace, String... wanted) {
    return plan.choose(Family.IPV4, namespace, List.of(wanted)).names();
  }

  @Test
  void poolsBecomeWhatTheManifestsSay() {
    apply(RACKS);
    settle();
    assertEquals(
        new Pool("r1", Prefix.parse("10.1.0.0/16"), 24, true, false, true),
        cluster.ipam().pools().get("r1"));
    assertEquals(26, cluster.ipam().pools().get("r2").blockSize());
    assertEquals(122, cluster.ipam().pools().get("six").blockSize());
    assertEquals(List.of(), plan().problems(cluster.ipam()));
  }

  @Test
  void nodesNamespacesAndUsesChoose() {
    apply(RACKS);
    settle();
    AddressPlan here = plan("rack", "r1");
    assertEquals(List.of("r1", "shop"), here.forNode(Family.IPV4));
    assertEquals(List.of("r1"), names(here, "other"));
    assertEquals(List.of("r1", "shop"), names(here, "shop"));
    assertEquals(List.of("shop"), names(plan(), "shop"));
    assertEquals(List.of("r2"), names(here, "other", "r2"), "who names a pool gets it");
    assertEquals(List.of("r2"), names(here, "other", "10.2.0.0/16"));
    AddressPlan.Choice none = plan().choose(Family.IPV4, "other", List.of());
    assertFalse(none.any());
    assertEquals(List.of(), none.names());
    assertTrue(none.why().contains("r1 does not select this node"), none.why());
    assertTrue(none.why().contains("service is not for workloads"), none.why());
    assertTrue(none.why().contains("shop does not select namespace other"), none.why());
    assertEquals(List.of(), here.choose(Family.IPV6, "shop", List.of()).names(), "by name only");
    assertEquals(
        List.of("six"), here.choose(Family.IPV6, "shop", List.of("six")).names());
    assertEquals(
        "there is no pool x", here.choose(Family.IPV4, "a", List.of("x")).why());
  }

  @Test
  void anAddressOfAPoolForOthersIsNoPods() {
    apply(RACKS);
    settle();
    AddressPlan here = plan("rack", "r1");
    assertTrue(
        here.notForPods(IpAddress.parse("10.4.0.9")).contains("pool service, which is for LoadBal"),
        here.notForPods(IpAddress.parse("10.4.0.9")));
    assertEquals("", here.notForPods(IpAddress.parse("10.2.0.9")), "another rack's, by its name");
    assertEquals("", here.notForPods(IpAddress.parse("192.0.2.1")), "of no pool: said elsewhere");
  }

  @Test
  void aNamespaceHasNoMoreAddressesThanItsAnnotationAllows() {
    NodeEpoch here = new NodeEpoch("node1", 1);
    NodeEpoch there = new NodeEpoch("node2", 2);
    Prefix block = Prefix.parse("10.9.1.0/24");
    Allocation others = new Allocation(block.at(1), new Handle("c1", "eth0"), "small", "p1", 1);
    say(new SetPool(new Pool("p", Prefix.parse("10.9.0.0/16"), 24, false, false)));
    say(new Command.RegisterNode(there));
    say(new Command.ClaimBlock(there, new Command.Exactly(block), 1));
    say(new Command.RecordAllocations(there, block, 1, List.of(new Change.Allocated(others))));
    List<Allocation> own = List.of(
        new Allocation(IpAddress.parse("10.9.0.1"), new Handle("c2", "eth0"), "small", "p2", 1),
        new Allocation(IpAddress.parse("10.9.0.2"), new Handle("c3", "eth0"), "other", "p3", 1));
    assertEquals("", AddressLimits.refusal(cluster, here, own, "small", Family.IPV4), "no limit");
    apply("{apiVersion: v1, kind: Namespace, metadata: {name: small, annotations: "
        + "{catwalk.dev/max-addresses: '3'}}}");
    assertEquals("", AddressLimits.refusal(cluster, here, own, "small", Family.IPV4));
    apply("{apiVersion: v1, kind: Namespace, metadata: {name: small, annotations: "
        + "{catwalk.dev/max-addresses: '2'}}}");
    String full = AddressLimits.refusal(cluster, here, own, "small", Family.IPV4);
    assertTrue(full.contains("has 2 addresses of IPV4"), full);
    assertTrue(full.contains("allows 2"), full);
    assertEquals("", AddressLimits.refusal(cluster, here, own, "small", Family.IPV6));
    assertEquals("", AddressLimits.refusal(cluster, here, own, "other", Family.IPV4));
    apply("{apiVersion: v1, kind: Namespace, metadata: {name: small, annotations: "
        + "{catwalk.dev/max-addresses: many}}}");
    String wrong = AddressLimits.refusal(cluster, here, own, "small", Family.IPV4);
    assertTrue(wrong.contains("is no number"), wrong);
  }

  @Test
  void withoutManifestsEveryPoolServes() {
    say(new SetPool(new Pool("p", Prefix.parse("10.9.0.0/16"), 26, false, false)));
    assertTrue(plan().choose(Family.IPV4, "shop", List.of()).any());
    assertEquals(List.of("p"), plan().forNode(Family.IPV4));
  }

  @Test
  void reservationsAndLimitsAreRules() {
    apply(RACKS);
    assertEquals(
        List.of(Prefix.parse("10.1.0.0/30")), plan().rules(List.of(), 0, 9, 0).reserved());
    assertEquals(3, plan().rules(List.of(), 0, 9, 0).maxBlocks());
    assertFalse(plan().rules(List.of(), 0, 9, 0).borrows());
    apply(RACKS.replace("strictAffinity: true", "strictAffinity: false"));
    assertTrue(plan().rules(List.of(), 0, 9, 0).borrows());
  }

  @Test
  void aPoolWhoseManifestIsGoneClosesAndGoesWhenItIsEmpty() {
    apply(RACKS);
    settle();
    NodeEpoch node = new NodeEpoch("node1", 1);
    say(new RegisterNode(node));
    say(new ClaimBlock(node, new FromPools(List.of("r1")), 1));
    commit(
        KvMachine.NAME,
        new KvTransaction(
                List.of(),
                List.of(new KvTransaction.Delete(Keys.manifest("IPPool", "", "r1"))),
                List.of())
            .encode());
    assertEquals(
        Optional.of(new SetPool(cluster.ipam().pools().get("r1").closed())),
        plan().wish(cluster.ipam()));
    settle();
    assertTrue(cluster.ipam().pools().get("r1").disabled());
    Block block = cluster.ipam().blocksOf(node).getFirst();
    say(new ReleaseBlock(node, block.cidr(), false));
    assertEquals(Optional.of(new DeletePool("r1")), plan().wish(cluster.ipam()));
  }

  @Test
  void whatCannotBeIsAProblemAndNoWish() {
    say(new SetPool(new Pool("p", Prefix.parse("10.1.0.0/17"), 26, false, false)));
    apply(RACKS);
    settle();
    assertEquals(1, plan().problems(cluster.ipam()).size());
    assertTrue(plan().problems(cluster.ipam()).getFirst().contains("shares addresses with pool p"));
  }

  @Test
  void mistakesAreNamedWithTheirPlace() {
    Parsed parsed = Manifests.parse("bad.yaml", """
        apiVersion: projectcalico.org/v3
        kind: IPPool
        metadata: {name: bad}
        spec:
          cidr: 10.1.0.0/16
          blockSize: 33
          nodeSelector: "rack =="
          allowedUses: [Pods]
          ipipMode: Sometimes
        """);
    assertEquals(4, parsed.problems().size(), parsed::toString);
    assertTrue(parsed.problems().toString().contains("want 20 to 32"), parsed::toString);
  }

  @Test
  void calicosChoiceOfPoolsIsOurs() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(root.resolve(".ci")) && root.getParent() != null) {
      root = root.getParent();
    }
    Path file = root.resolve("../shared/data/calico/ipam-tables.json").normalize();
    assumeTrue(Files.exists(file), "needs " + file);
    List<String> wrong = new ArrayList<>();
    int rows = 0;
    for (JsonNode row : new ObjectMapper().readTree(file.toFile())) {
      if (!row.path("table").asText().equals("determinePools tests IPV4")) {
        continue;
      }
      rows++;
      JsonNode args = row.path("args");
      cluster = ClusterState.empty();
      machines.clear();
      apply(pool("pool1", "10.0.0.0/24", args.get(0).asBoolean(), args.get(2).asText()));
      apply(pool("pool2", "20.0.0.0/24", args.get(1).asBoolean(), args.get(3).asText()));
      settle();
      List<String> wanted = new ArrayList<>();
      if (args.get(4).asBoolean()) {
        wanted.add("10.0.0.0/24");
      }
      if (args.get(5).asBoolean()) {
        wanted.add("20.0.0.0/24");
      }
      List<String> expected = new ArrayList<>();
      args.get(6).forEach(p -> expected.add(p.asText().startsWith("10.") ? "pool1" : "pool2"));
      List<String> got = plan("foo", "bar").choose(Family.IPV4, "shop", wanted).names();
      if (!got.equals(expected)) {
        wrong.add(row.path("line").asInt() + " " + expected + " " + got);
      }
    }
    assertEquals(14, rows);
    assertEquals(List.of(), wrong);
  }

  private static String pool(String name, String cidr, boolean enabled, String selector) {
    return "apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: " + name
        + "}\nspec: {cidr: " + cidr + ", disabled: " + !enabled + ", nodeSelector: '" + selector
        + "'}\n";
  }
}
