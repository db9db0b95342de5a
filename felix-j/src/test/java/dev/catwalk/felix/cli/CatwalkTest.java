package dev.catwalk.felix.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.felix.cni.Requests;
import dev.catwalk.felix.cni.SocketServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit statuses, what goes to stdout and what to stderr, against an agent that is a stub. */
class CatwalkTest {
  @TempDir
  private Path dir;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final AtomicReference<String> asked = new AtomicReference<>("");

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '|', textBlock = """
      status                    | {"verb":"status","format":"table","arguments":{},"files":{}}
      -o json status            | {"verb":"status","format":"json","arguments":{},"files":{}}
      status -o yaml            | {"verb":"status","format":"yaml","arguments":{},"files":{}}
      peers tor1                | {"verb":"peers","format":"table","arguments":{"peer":"tor1"},"files":{}}
      selector match all() --endpoints | {"verb":"selector match","format":"table","arguments":{"selector":"all()"},"files":{}}
      routes 10.0.0.0/8         | {"verb":"routes","format":"table","arguments":{"prefix":"10.0.0.0/8"},"files":{}}
      ipam show --ip 10.42.1.2  | {"verb":"ipam show","format":"table","arguments":{"ip":"10.42.1.2"},"files":{}}
      ipam assign --service shop/web --pool a --pool b | {"verb":"ipam assign","format":"table","arguments":{"pools":"a,b","service":"shop/web"},"files":{}}
      get Pod web -n shop       | {"verb":"get","format":"table","arguments":{"kind":"Pod","name":"web","namespace":"shop"},"files":{}}
      delete Pod web --wait --timeout 2m | {"verb":"delete","format":"table","arguments":{"kind":"Pod","name":"web","wait":"120"},"files":{}}
      logs                      | {"verb":"logs","format":"table","arguments":{"lines":"100"},"files":{}}
      logs -n 5 --level warn    | {"verb":"logs","format":"table","arguments":{"level":"warn","lines":"5"},"files":{}}
      delete Pod web            | {"verb":"delete","format":"table","arguments":{"kind":"Pod","name":"web"},"files":{}}
      """)
  void whatTheAgentIsAsked(String line, String question) throws IOException {
    assertEquals(
        0, withAgent("{\"status\":0,\"out\":\"fine\\n\",\"error\":\"\"}", line.split(" ")));
    assertEquals(question, asked.get());
    assertEquals("fine\n", out.toString(StandardCharsets.UTF_8));
    assertEquals("", err.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(delimiter = '~', textBlock = """
      has(a)                a=       ~ 0
      has(a)||has(b)        c=d b=1  ~ 0
      has(a)&&!has(b)       a=1 b=2  ~ 1
      app=='web'            app=web  ~ 0
      app=='web'                     ~ 1
      """)
  void aSelectorIsJudgedWithoutAnAgent(String line, int status) {
    String[] words = ("selector match " + line).split(" +");
    assertEquals(status, run(words));
    assertEquals(status == 0 ? "match\n" : "no match\n", out.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "4"})
  void theAgentsStatusIsOurs(int status) throws IOException {
    assertEquals(
        status, withAgent("{\"status\":" + status + ",\"out\":\"\",\"error\":\"why\"}", "status"));
    assertEquals("why\n", err.toString(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "fly",
    "selector match",
    "selector match a=b",
    "selector match has(a) b",
    "selector match has(a) --endpoints a=b",
    "status --colour",
    "status -o xml",
    "delete",
    "apply",
    "delete Pod a --wait --timeout soon",
    "logs -n -1",
    "logs -f -o json",
    "completion tcsh",
    "--node a/b status"
  })
  void aWrongCommandLineIsUsage(String line) {
    assertEquals(2, run(line.split(" ")));
    assertTrue(out.toString(StandardCharsets.UTF_8).isEmpty());
    assertTrue(err.size() > 0);
  }

  @ParameterizedTest
  @CsvSource({"Permission denied, run this as root", "Connection refused, catwalk agent run"})
  void aSocketThatDoesNotOpenNamesItsRemedy(String why, String remedy) {
    String said = AgentClient.noAnswer(Path.of("/run/a.sock"), new IOException(why));
    assertTrue(said.contains("/run/a.sock (" + why + ")") && said.contains(remedy), said);
  }

  @Test
  void nobodyAtTheSocket() {
    assertEquals(3, run("--socket", dir.resolve("none.sock").toString(), "status"));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("none.sock"), err::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "[]", "{}", "{\"status\":9}"})
  void whatAnswersIsNoAgent(String answer) throws IOException {
    assertEquals(3, withAgent(answer, "status"));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("is no agent"), err::toString);
  }

  @Test
  void filesTravelWithTheQuestion() throws IOException {
    Path file = Files.writeString(dir.resolve("p.yaml"), "kind: \"Pod\"\n");
    assertEquals(
        0, withAgent("{\"status\":0,\"out\":\"\",\"error\":\"\"}", "apply", "-f", file.toString()));
    assertTrue(
        asked.get().contains("\"files\":{\"" + file + "\":\"kind: \\\"Pod\\\"\\n\"}"), asked::get);
  }

  @Test
  void aMissingFileIsNamed() {
    assertEquals(1, run("apply", "-f", dir.resolve("gone.yaml").toString()));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("gone.yaml"), err::toString);
  }

  @Test
  void helpIsNoError() {
    assertEquals(0, run("--help"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("VERB"), out::toString);
  }

  @Test
  void followingAsksForWhatComesAfterTheLastLine() throws IOException {
    List<String> answers = List.of(
        "{\"status\":0,\"out\":\"7\\none\\ntwo\\n\",\"error\":\"\"}",
        "{\"status\":0,\"out\":\"8\\nthree\\n\",\"error\":\"\"}",
        "{\"status\":4,\"out\":\"\",\"error\":\"stopping\"}");
    assertEquals(4, withAgent(answers, "logs", "-f", "-n", "2"));
    assertEquals("one\ntwo\nthree\n", out.toString(StandardCharsets.UTF_8));
    assertEquals("stopping\n", err.toString(StandardCharsets.UTF_8));
    assertTrue(asked.get().contains("\"after\":\"8\""), asked::get);
  }

  @Test
  void aFolderStandsForTheManifestsInIt() throws IOException {
    Path folder = Files.createDirectory(dir.resolve("all"));
    for (String name : List.of("2.yaml", "1.json", "readme.txt")) {
      Files.writeString(folder.resolve(name), "kind: " + name);
    }
    withAgent("{\"status\":0,\"out\":\"\",\"error\":\"\"}", "apply", "-f", folder.toString());
    assertTrue(
        asked
            .get()
            .endsWith("\"files\":{\"" + folder + "/1.json\":\"kind: 1.json\",\"" + folder
                + "/2.yaml\":\"kind: 2.yaml\"}}"),
        asked::get);
  }

  @Test
  void aManifestThatIsNotThereIsNamed() {
    assertEquals(1, run("apply", "-f", dir.resolve("none.yaml").toString()));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("none.yaml: there is no such file"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "fish"})
  void completionKnowsVerbsAndTheirOptions(String shell) {
    assertEquals(0, run("completion", shell));
    String script = out.toString(StandardCharsets.UTF_8);
    for (String word : List.of(
        "status", "apply", "logs", "lab", "scenario", "restart", "ipam", "show", "timeout")) {
      assertTrue(script.contains(word), word);
    }
  }

  private int withAgent(String answer, String... args) throws IOException {
    return withAgent(List.of(answer), args);
  }

  private int withAgent(List<String> answers, String... args) throws IOException {
    Path socket = dir.resolve("agent.sock");
    Iterator<String> next = answers.iterator();
    Requests stub = new Requests() {
      @Override
      public byte[] json(byte[] question) {
        asked.set(new String(question, StandardCharsets.UTF_8));
        return next.next().getBytes(StandardCharsets.UTF_8);
      }

      @Override
      public byte[] cni(byte[] question) {
        throw new AssertionError("not asked here");
      }
    };
    try (SocketServer _ = SocketServer.open(socket, stub)) {
      return Catwalk.run(
          Map.of("CATWALK_SOCKET", socket.toString()), stream(out), stream(err), args);
    }
  }

  private int run(String... args) {
    return Catwalk.run(Map.of(), stream(out), stream(err), args);
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }
}
