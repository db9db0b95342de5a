package dev.catwalk.felix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CniVerbsTest {
  @TempDir
  private Path root;

  private Path plugin;
  private Path list;

  private record Said(int status, String out) {}

  @BeforeEach
  void places() {
    assumeTrue(
        Files.isExecutable(Path.of("target/dist/catwalk-cni")), "needs gcc for the CNI client");
    plugin = root.resolve("opt/cni/bin/catwalk");
    list = root.resolve("etc/cni/net.d/10-catwalk.conflist");
  }

  @Test
  void installTwiceAndUninstallTwice() throws IOException {
    assertEquals(new Said(0, "placed " + plugin + "\nplaced " + list + "\n"), run("install"));
    assertTrue(Files.isExecutable(plugin));
    JsonNode json = new ObjectMapper().readTree(Files.readString(list));
    assertEquals("catwalk", json.path("name").asText());
    assertEquals("catwalk", json.at("/plugins/0/type").asText());
    assertTrue(json.at("/plugins/0/capabilities/ips").asBoolean());
    assertEquals(new Said(0, "unchanged " + plugin + "\nunchanged " + list + "\n"), run("install"));
    assertEquals(new Said(0, "removed " + list + "\nremoved " + plugin + "\n"), run("uninstall"));
    assertEquals(new Said(0, "absent " + list + "\nabsent " + plugin + "\n"), run("uninstall"));
    assertEquals(List.of(), files(), "no half-written file either");
  }

  @Test
  void aListThatSomebodyHasChangedIsKept() throws IOException {
    run("install");
    String changed = Files.readString(list).replace("\"ips\": true", "\"ips\": false");
    Files.writeString(list, changed);
    assertTrue(run("install").out().contains("kept " + list), "kept");
    assertEquals(changed, Files.readString(list));
    assertTrue(run("install", "--force").out().contains("placed " + list), "replaced");
    assertFalse(Files.readString(list).equals(changed));
  }

  @Test
  void anOlderClientIsReplaced() throws IOException {
    run("install");
    Files.writeString(plugin, "an older one, with " + CniPlaces.MARK + " in it");
    assertTrue(run("install").out().startsWith("placed " + plugin));
  }

  @Test
  void foreignFilesAreNotTouched() throws IOException {
    Files.createDirectories(plugin.getParent());
    Files.createDirectories(list.getParent());
    Files.writeString(plugin, "another's");
    Said said = run("install");
    assertEquals(1, said.status());
    assertTrue(said.out().contains(plugin + " is there and is not Catwalk's"), said.out());
    assertFalse(Files.exists(list));
    assertEquals(1, run("uninstall").status());
    assertEquals("another's", Files.readString(plugin));

    Files.delete(plugin);
    Files.writeString(list, "{\"plugins\":[{\"type\":\"bridge\"}]}");
    assertEquals(1, run("install").status());
    assertFalse(Files.exists(plugin), "nothing is done by halves");
    assertEquals(1, run("uninstall").status());
    assertTrue(Files.readString(list).contains("bridge"));

    assertEquals(0, run("install", "--force").status());
    assertTrue(Files.readString(list).contains("catwalk"));
  }

  @Test
  void otherPlacesAndAnotherName() throws IOException {
    assertEquals(
        0,
        run("install", "--bin-dir", "/usr/lib/cni", "--conf-dir", "/etc/nets", "--network", "blue")
            .status());
    assertTrue(Files.exists(root.resolve("usr/lib/cni/catwalk")));
    assertTrue(Files.readString(root.resolve("etc/nets/10-blue.conflist")).contains("\"blue\""));
    assertEquals(2, run("install", "--network", "../x").status());
  }

  /** A runtime's helper may call the plugin without the variable that names the socket. */
  @Test
  void thePluginKnowsItsAgentByItself() throws Exception {
    String socket = root.resolve("x/agent.sock").toString();
    assertEquals(0, run("install", "--socket", socket).status());
    assertTrue(Files.readString(plugin, StandardCharsets.ISO_8859_1)
        .contains(CniPlaces.MARK + '\0' + socket + '\0'));
    Path there = Files.createDirectories(root.resolve("x")).resolve("agent.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(there));
      ProcessBuilder builder = new ProcessBuilder(plugin.toString());
      builder.environment().clear();
      Process asks =
          builder.redirectInput(ProcessBuilder.Redirect.from(list.toFile())).start();
      try (SocketChannel asked = server.accept()) {
        assertTrue(asked.read(ByteBuffer.allocate(5)) > 0);
      }
      assertEquals(1, asks.waitFor());
    }
    Said tooLong = run("install", "--socket", "/" + "x".repeat(108));
    assertEquals(2, tooLong.status());
    assertTrue(tooLong.out().contains("at most 107 bytes"), tooLong.out());
  }

  private Said run(String verb, String... more) {
    List<String> args = new ArrayList<>(List.of("cni", verb, "--root", root.toString()));
    args.addAll(Arrays.asList(more));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    int status = Catwalk.run(Map.of(), stream, stream, args.toArray(String[]::new));
    return new Said(status, out.toString(StandardCharsets.UTF_8));
  }

  private List<Path> files() throws IOException {
    try (var all = Files.walk(root)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }
}
