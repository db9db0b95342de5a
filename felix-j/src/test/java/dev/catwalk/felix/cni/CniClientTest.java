package dev.catwalk.felix.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The C client against a socket of ours. */
class CniClientTest {
  @TempDir
  private static Path built;

  private static Path client;

  @TempDir
  private Path dir;

  private final AtomicReference<byte[]> asked = new AtomicReference<>(new byte[0]);

  private record Said(int status, String out) {}

  @BeforeAll
  static void build() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc for the CNI client");
    client = built.resolve("catwalk-cni");
    Process gcc = new ProcessBuilder(
            "sh", Path.of("src/dist/cni/build.sh").toAbsolutePath().toString(), built.toString())
        .inheritIO()
        .start();
    assertEquals(0, gcc.waitFor());
  }

  @Test
  void passesVariablesAndStdinAndPrintsTheAnswer() throws Exception {
    Said said = ask(answer(0, "{\"fine\":true}"), Map.of("CNI_COMMAND", "ADD", "OTHER", "x"), "{}");
    assertEquals(new Said(0, "{\"fine\":true}\n"), said);
    CniQuestion question = CniQuestion.read(asked.get());
    assertEquals("{CNI_COMMAND=ADD}", question.variables().toString());
    assertEquals("{}", question.stdin());
  }

  @Test
  void leavesWithTheStatusThatTheAgentNames() throws Exception {
    assertEquals(new Said(1, "no\n"), ask(answer(1, "no"), Map.of("CNI_COMMAND", "ADD"), ""));
  }

  @Test
  void muchOnStdinAndMuchInTheAnswer() throws Exception {
    String much = "x".repeat(3_000_000);
    Said said = ask(answer(0, much), Map.of("CNI_ARGS", "y".repeat(100_000)), much);
    assertEquals(much.length() + 1, said.out().length());
    CniQuestion question = CniQuestion.read(asked.get());
    assertEquals(much, question.stdin());
    assertEquals(100_000, question.variables().get("CNI_ARGS").length());
  }

  @Test
  void moreThanAFrameOnStdinIsRefused() throws Exception {
    Said said = ask(answer(0, "ok"), Map.of(), "x".repeat(Frame.MAX_LENGTH + 10));
    assertEquals(1, said.status());
    assertTrue(said.out().contains("\"code\":6"), said.out());
  }

  @Test
  void nobodyThere() throws Exception {
    Said said = run(Map.of("CATWALK_SOCKET", dir.resolve("none").toString()), "{}");
    assertEquals(1, said.status());
    assertTrue(said.out().contains("\"code\":11"), said.out());
  }

  @Test
  void nobodyThereForStatusAndVersion() throws Exception {
    String socket = dir.resolve("none").toString();
    Said status = run(Map.of("CATWALK_SOCKET", socket, "CNI_COMMAND", "STATUS"), "{}");
    assertEquals(1, status.status());
    assertTrue(status.out().contains("\"code\":50"), status.out());
    Said version = run(Map.of("CATWALK_SOCKET", socket, "CNI_COMMAND", "VERSION"), "{}");
    assertEquals(new Said(0, CniResult.version("1.1.0") + "\n"), version);
  }

  @Test
  void anAgentThatDiesBeforeItsAnswer() throws Exception {
    Said said = ask(new byte[0], Map.of(), "{}"); // a frame of no bytes cannot be written
    assertEquals(1, said.status());
    assertTrue(said.out().contains("\"code\":11"), said.out());
  }

  private static byte[] answer(int status, String text) {
    return ((char) status + text).getBytes(StandardCharsets.ISO_8859_1);
  }

  private Said ask(byte[] answer, Map<String, String> environment, String stdin) throws Exception {
    Path socket = dir.resolve("agent.sock");
    Requests stub = new Requests() {
      @Override
      public byte[] json(byte[] question) {
        throw new AssertionError("not asked here");
      }

      @Override
      public byte[] cni(byte[] question) {
        asked.set(question);
        return answer;
      }
    };
    try (SocketServer _ = SocketServer.open(socket, stub)) {
      java.util.HashMap<String, String> all = new java.util.HashMap<>(environment);
      all.put("CATWALK_SOCKET", socket.toString());
      return run(all, stdin);
    }
  }

  private static Said run(Map<String, String> environment, String stdin) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(client.toString());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
      try (var in = process.getOutputStream()) {
        in.write(stdin.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // it did not want all of it
      }
    });
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    sent.join();
    return new Said(process.exitValue(), out);
  }
}
