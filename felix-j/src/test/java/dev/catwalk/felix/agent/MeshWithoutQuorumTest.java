package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.felix.agent.NodeUnderTest.Said;
import dev.catwalk.felix.model.NodeInfo;
import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions with the other nodes of the cluster wait for no majority of its store. */
class MeshWithoutQuorumTest {
  private static final String CONFIG = """
      node: {name: n1, addresses: [192.0.2.11]}
      store:
        listen: 192.0.2.11:7420
        members: {n1: "192.0.2.11:7420", n2: "192.0.2.12:7420", n3: "192.0.2.13:7420"}
        insecure: true
      bgp: {as: 64512, listen: ["192.0.2.11:179"], mesh: true}
      pools: [{name: default, cidr: 10.42.0.0/16, blockSize: 24}]
      """;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WITHIN_S = 40;

  @TempDir
  private Path root;

  @Test
  void theNodesOfTheLastLifeArePeersAtOnce() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root for network namespaces");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc for the CNI client");
    KnownNodes.open(Records.open(new Places(root).warm()))
        .remember(List.of(node("n1", "192.0.2.11"), node("n2", "192.0.2.12")));
    try (NodeUnderTest node = new NodeUnderTest(root)) {
      node.startAgent(CONFIG);
      long deadline = System.nanoTime() + WITHIN_S * 1_000_000_000L;
      while (json(node, "peers").isEmpty()) {
        assertTrue(System.nanoTime() < deadline, () -> "no peer: " + log(node));
        LockSupport.parkNanos(50_000_000); // between two looks
      }
      JsonNode peers = json(node, "peers");
      assertEquals(1, peers.size(), peers::toString);
      assertEquals("192.0.2.12", peers.at("/0/address").asText());
      assertFalse(json(node, "status").at("/store/quorum").asBoolean(true));
    }
  }

  private static NodeInfo node(String name, String address) {
    return new NodeInfo(
        name, List.of(IpAddress.parse(address)), 64512, new TreeMap<>(), 1, "0.1.0");
  }

  private static JsonNode json(NodeUnderTest node, String verb) throws IOException {
    Said said = node.verb(verb, "-o", "json");
    return said.status() == 0 ? JSON.readTree(said.out()) : JSON.createArrayNode();
  }

  private static String log(NodeUnderTest node) {
    try {
      return Files.readString(node.log());
    } catch (IOException e) {
      return e.toString();
    }
  }
}
