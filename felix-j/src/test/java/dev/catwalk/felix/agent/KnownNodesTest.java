package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.felix.model.NodeInfo;
import dev.catwalk.net.addr.IpAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KnownNodesTest {
  private static final List<NodeInfo> NODES = List.of(
      new NodeInfo(
          "n1",
          List.of(IpAddress.parse("192.0.2.1"), IpAddress.parse("2001:db8::1")),
          64601,
          new TreeMap<>(Map.of("rack", "r1")),
          -7,
          "0.1.0"),
      new NodeInfo("n2", List.of(), 0, new TreeMap<>(), 1, ""));

  @TempDir
  private Path folder;

  @Test
  void theNextLifeKnowsThem() throws Exception {
    KnownNodes first = KnownNodes.open(Records.open(folder));
    assertEquals(List.of(), first.nodes());
    first.remember(NODES);
    assertEquals(NODES, KnownNodes.open(Records.open(folder)).nodes());
    first.remember(NODES.subList(0, 1));
    assertEquals(NODES.subList(0, 1), KnownNodes.open(Records.open(folder)).nodes());
  }

  @Test
  void aDamagedRecordIsAsNone() throws Exception {
    KnownNodes.open(Records.open(folder)).remember(NODES);
    Path file = folder.resolve("nodes");
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertEquals(List.of(), KnownNodes.open(Records.open(folder)).nodes(), "of " + length);
    }
    byte[] other = whole.clone();
    other[0] = 2;
    Files.write(file, other);
    assertEquals(List.of(), KnownNodes.open(Records.open(folder)).nodes(), "a later version");
  }
}
