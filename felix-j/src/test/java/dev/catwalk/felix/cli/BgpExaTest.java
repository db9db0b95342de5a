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
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code bgp run --exabgp} says of files, and when it cannot run. */
class BgpExaTest {
  private static final String SOUND = """
      neighbor 127.0.0.1 {
        local-address 127.0.0.1; local-as 1; peer-as 1; passive; md5-ip 127.0.0.1;
        static { route 10.0.0.0/8 next-hop self; }
      }
      """;

  @TempDir
  Path dir;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final TreeMap<String, String> environment = new TreeMap<>();

  private int run(String text, String... more) throws IOException {
    Path file = Files.writeString(dir.resolve("exa.conf"), text);
    List<String> words = new ArrayList<>(List.of("bgp", "run", "--exabgp", file.toString()));
    words.addAll(List.of(more));
    try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      return Catwalk.run(environment, out, out, words.toArray(String[]::new));
    }
  }

  private void assertSaid(String text) {
    String all = said.toString(StandardCharsets.UTF_8);
    assertTrue(all.contains(text), all);
  }

  @Test
  void aSoundFileIsCountedAndItsWarningsAreShown() throws IOException {
    assertEquals(CliException.OK, run(SOUND, "--validate"));
    assertSaid("exa.conf is valid: 1 neighbors, 1 routes, 0 processes");
    assertSaid("warning: ");
    assertSaid("exa.conf:2: md5-ip has no meaning here");
  }

  @Test
  void aMistakeIsLocated() throws IOException {
    assertEquals(CliException.NO, run(SOUND.replace("passive;", "passive maybe;"), "--validate"));
    assertSaid("exa.conf:2: 'maybe' is no value of passive: enable or disable");
  }

  @Test
  void aVariableWithoutSenseIsNamed() throws IOException {
    environment.put("exabgp_tcp_port", "many");
    assertEquals(CliException.NO, run(SOUND));
    assertSaid("'many' is no exabgp.tcp.port");
  }

  @Test
  void aVersionThatThereIsNotIsRefused() throws IOException {
    assertEquals(CliException.USAGE, run(SOUND, "--json", "6.0.0"));
    assertSaid("there are 5.0.0 and 4.0.1");
  }

  @Test
  void aTakenPortIsSaidInOneLine() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      environment.put("exabgp.tcp.port", Integer.toString(taken.getLocalPort()));
      environment.put("exabgp.tcp.bind", "127.0.0.1");
      assertEquals(CliException.MACHINE, run(SOUND));
    }
    assertSaid("cannot listen for BGP on 127.0.0.1 port");
  }
}
