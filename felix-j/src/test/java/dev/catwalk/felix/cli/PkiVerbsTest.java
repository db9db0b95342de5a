package dev.catwalk.felix.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.pki.ClusterPki;
import dev.catwalk.raftstore.pki.Identity;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PkiVerbsTest {
  @TempDir
  Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int init(String... words) {
    out.reset();
    err.reset();
    String[] all = new String[words.length + 4];
    all[0] = "pki";
    all[1] = "init";
    all[2] = "--dir";
    all[3] = directory.resolve("pki").toString();
    System.arraycopy(words, 0, all, 4, words.length);
    return Catwalk.run(
        Map.of(),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        all);
  }

  private byte[] file(String name) throws Exception {
    return Files.readAllBytes(directory.resolve("pki").resolve(name));
  }

  @Test
  void certificatesAreMadeOnceAndMoreNodesCanFollow() throws Exception {
    assertEquals(0, init("node1", "node2"), err::toString);
    byte[] authority = file("ca.pem");
    byte[] first = file("node1.pem");
    assertEquals(
        new Identity("catwalk", "node2"),
        Identity.of(ClusterPki.read(directory.resolve("pki/node2.pem"))));

    assertEquals(0, init("node1", "node3"), err::toString);
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("kept"), out::toString);
    assertArrayEquals(authority, file("ca.pem"));
    assertArrayEquals(first, file("node1.pem"));
    ClusterPki.read(directory.resolve("pki/node3.pem"))
        .verify(ClusterPki.read(directory.resolve("pki/ca.pem")).getPublicKey());

    assertEquals(0, init("--force", "node1"), err::toString);
    assertFalse(Arrays.equals(first, file("node1.pem")));
  }

  @Test
  void whatCannotBeANameIsAUsageError() {
    assertEquals(2, init("node/1"));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("node/1"), err::toString);
    assertEquals(2, init());
    assertFalse(Files.exists(directory.resolve("pki")));
  }
}
