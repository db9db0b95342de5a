package dev.catwalk.felix.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.model.Pool;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AgentConfigTest {
  private static final String WHOLE = """
      node: {name: node1, addresses: [192.0.2.11], labels: {rack: r1}}
      store:
        listen: 192.0.2.11:7420
        members: {node1: "192.0.2.11:7420", node2: "192.0.2.12:7420", node3: "192.0.2.13:7420"}
        insecure: true
      bgp:
        as: 64601
        multipath: {maximum: 16, relaxAsPath: true}
        peers:
          - {name: tor1, address: 192.0.2.1, as: 65001, holdTime: 90, keepalive: 30}
      pools: [{name: default, cidr: 10.42.0.0/16, blockSize: 24, natOutgoing: true}]
      block: 10.42.7.0/24
      ipam: {coolDown: 30, giveBackAfter: 600, maxBlocksPerPool: 4}
      dataplane: {backend: auto}
      metrics: {listen: "127.0.0.1:9470"}
      log: {level: debug, format: json}
      """;

  @Test
  void theWholeFile() throws ConfigException {
    AgentConfig config = AgentConfig.parse("agent.yaml", WHOLE);
    assertEquals("node1", config.node().name());
    assertEquals("{rack=r1}", config.node().labels().toString());
    assertEquals("[node1, node2, node3]", config.store().members().keySet().toString());
    assertEquals("192.0.2.11", config.bgp().orElseThrow().speaker().routerId().toString());
    assertEquals(
        List.of(new Pool("default", Prefix.parse("10.42.0.0/16"), 24, true, false)),
        config.pools());
    assertEquals("[10.42.7.0/24]", config.blocks().toString());
    assertEquals(new AgentConfig.Ipam(30, 600, 4), config.ipam());
    assertEquals("127.0.0.1:9470", config.metrics().orElseThrow().toString());
    assertEquals(new AgentConfig.Log("debug", true), config.log());
  }

  @Test
  void aBlockOfEachFamily() throws ConfigException {
    AgentConfig config = AgentConfig.parse("agent.yaml", """
        node: {name: n}
        pools: [{name: four, cidr: 10.42.0.0/16}, {name: six, cidr: "2001:db8::/64"}]
        block: [10.42.7.0/24, "2001:db8::700/120"]
        """);
    assertEquals("[10.42.7.0/24, 2001:db8::700/120]", config.blocks().toString());
  }

  @Test
  void theShortestFile() throws ConfigException {
    AgentConfig config = AgentConfig.parse("agent.yaml", "node: {name: n}\n");
    assertTrue(config.store().members().isEmpty());
    assertTrue(config.bgp().isEmpty());
    assertTrue(config.pools().isEmpty());
    assertEquals("127.0.0.1:9469", config.metrics().orElseThrow().toString());
  }

  @Test
  void aNodeThatIsNotAmongTheMembersIsTheirClient() throws ConfigException {
    AgentConfig.Store store = AgentConfig.parse(
            "agent.yaml",
            "{node: {name: n}, store: {members: {l: '10.0.0.1:7420', m: '10.0.0.2:7420'}}}\n")
        .store();
    assertTrue(store.listen().isEmpty());
    assertEquals(List.of("l", "m"), List.copyOf(store.members().keySet()));
    assertFalse(store.insecure());
    AgentConfig.Store ofOne = AgentConfig.parse(
            "agent.yaml", "{node: {name: n}, store: {members: {m: '10.0.0.1:7420'}}}\n")
        .store();
    assertFalse(ofOne.insecure());
  }

  @Test
  void aClusterOfOneThatOpensAPortProvesItself() throws ConfigException {
    String members = "members: {n: '10.0.0.1:7420'}}}\n";
    assertFalse(AgentConfig.parse(
            "agent.yaml", "{node: {name: n}, store: {listen: '10.0.0.1:7420', " + members)
        .store()
        .insecure());
    assertTrue(AgentConfig.parse("agent.yaml", "{node: {name: n}, store: {" + members)
        .store()
        .insecure());
  }

  @ParameterizedTest
  @CsvSource({
    "auto, AUTO",
    "iptables, AUTO",
    "iptables-nft, IPTABLES_NFT",
    "iptables-legacy, IPTABLES_LEGACY"
  })
  void whichIptablesIsMeantAndWhereThatIsSaid(String word, AgentConfig.Backend meant)
      throws ConfigException {
    String text = "node: {name: n}\ndataplane: {backend: " + word + "}\n";
    assertEquals(
        new AgentConfig.Dataplane(meant, "agent.yaml:2:22: dataplane.backend"),
        AgentConfig.parse("agent.yaml", text).dataplane());
  }

  @ParameterizedTest(name = "{0} -> {1}: {2}")
  @CsvSource(delimiter = '|', textBlock = """
      store: {}                                        | 1:1  | 'node' is missing
      node: {}                                         | 1:7  | 'name' is missing
      node: {name: a_b}                                | 1:14 | is no name
      node: {name: n, colour: red}                     | 1:17 | node.colour: unknown key
      node: {name: n, addresses: [192.0.2.300]}        | 1:29 | node.addresses[0]
      node: {name: n, addresses: 192.0.2.1}            | 1:28 | want a list
      {node: {name: n}, colour: red}                   | 1:19 | colour: unknown key
      {node: {name: n}, store: {listen: "10.0.0.3:7420", members: {l: "10.0.0.1:7420", m: "10.0.0.2:7420"}}} | 1:61 | client of them
      {node: {name: n}, store: {voters: 4}}                | 1:35 | is not one of 3, 5 and auto
      {node: {name: n}, store: {voters: auto}}             | 1:35 | members' is missing
      {node: {name: n}, store: {voters: 3, members: {m: "10.0.0.1:7420"}}} | 1:35 | listen' is missing
      {node: {name: n}, store: {voters: 3, listen: "0.0.0.0:7420", members: {m: "10.0.0.1:7420"}}} | 1:46 | address of its own
      {node: {name: n}, store: {voters: {spread: [a, a]}}} | 1:48 | each once
      {node: {name: n}, store: {voters: {replaceAfter: 0}}} | 1:50 | replaceAfter
      {node: {name: n}, store: {voters: {count: 3}}}       | 1:36 | count
      {node: {name: n}, store: {members: {n: 10.0.0.1}}} | 1:40 | store.members.n
      {node: {name: n}, store: {tls: {ca: x}}}         | 1:32 | cert
      {node: {name: n}, store: {members: {n: "10.0.0.1:7420", m: "10.0.0.2:7420"}, insecure: true}} | 1:26 | listen
      {node: {name: n}, store: {tls: {ca: x, cert: y, key: z}, insecure: true}} | 1:32 | either tls
      {node: {name: n}, bgp: {as: 0}}                  | 1:29 | bgp.as
      {node: {name: n}, pools: [{name: a, cidr: 10.0.0.1/8}]} | 1:43 | pools[0].cidr
      {node: {name: n}, pools: [{name: a, cidr: 10.0.0.0/8}, {name: a, cidr: 11.0.0.0/8}]} | 1:63 | already
      {node: {name: n}, pools: [{name: a, cidr: 10.0.0.0/8}, {name: b, cidr: 10.1.0.0/16}]} | 1:72 | overlaps pool a
      {node: {name: n}, pools: [{name: a, cidr: 10.0.0.0/8, blockSize: 7}]} | 1:66 | 8 to 32
      {node: {name: n}, pools: [{name: a, cidr: 10.0.0.0/8, blockSize: 16}]} | 1:66 | 20 to 32
      {node: {name: n}, pools: [{name: a, cidr: 127.0.0.0/8}]} | 1:43 | be routed
      {node: {name: n}, pools: [{name: a, cidr: 10.0.0.0/8}], block: 10.1.0.0/16} | 1:64 | block: 10.1.0.0/16
      {node: {name: n}, block: [10.1.0.0/24, 10.2.0.0/24]} | 1:40 | second of its family
      {node: {name: n}, dataplane: {backend: ebpf}}    | 1:40 | dataplane.backend
      {node: {name: n}, dataplane: {backend: nftables}} | 1:40 | not there yet
      {node: {name: n}, metrics: {listen: 9469}}       | 1:37 | metrics.listen
      {node: {name: n}, log: {level: loud}}            | 1:32 | log.level
      {node: {name: n}, node: {name: m}}               | 1:19 | twice
      {node: {name: n}                                 | 2:1  | not YAML
      """)
  void everyErrorHasItsPlace(String text, String place, String what) {
    ConfigException e =
        assertThrows(ConfigException.class, () -> AgentConfig.parse("agent.yaml", text + "\n"));
    assertTrue(e.getMessage().startsWith("agent.yaml:" + place + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }
}
