package dev.catwalk.felix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bgp run} says when it cannot run. */
class BgpRunTest {
  @TempDir
  Path dir;

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String text) throws IOException {
    Path config = Files.writeString(dir.resolve("bgp.yaml"), text);
    try (PrintStream out = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      return Catwalk.run(new TreeMap<>(), out, out, "bgp", "run", "--config", config.toString());
    }
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aMistakeIsLocated() throws IOException {
    assertEquals(CliException.NO, run("as: 65000\nrouterID: 10.0.0.1\n"));
    assertTrue(said().contains("bgp.yaml:1:1: the key 'routerId' is missing"), this::said);
  }

  @Test
  void aMeshNeedsAnAgent() throws IOException {
    assertEquals(CliException.NO, run("{as: 65000, routerId: 10.0.0.1, mesh: true}"));
    assertTrue(said().contains("mesh needs an agent's cluster"), this::said);
  }

  @Test
  void aTakenPortIsSaidInOneLine() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertEquals(
          CliException.MACHINE,
          run("{as: 65000, routerId: 10.0.0.1, listen: ['127.0.0.1:" + taken.getLocalPort()
              + "']}"));
    }
    assertTrue(said().contains("cannot listen for BGP on 127.0.0.1 port"), this::said);
  }
}
