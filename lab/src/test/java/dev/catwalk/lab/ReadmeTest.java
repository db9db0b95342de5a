package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.lab.shell.Agents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ten minutes of README.md, typed as they stand there, with mounts, network and processes of
 * their own, so that they meet no lab of the user's. What a line's comment says is what must be seen:
 * status 0, or another where it says "no answer", and what is to be seen soon is waited for.
 */
class ReadmeTest {
  private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

  /** As {@code unshare} makes it: nothing of it is left. */
  private static final List<String> ALONE = List.of(
      "unshare",
      "--mount",
      "--net",
      "--pid",
      "--fork",
      "--kill-child",
      "--mount-proc",
      "--propagation",
      "private",
      "bash",
      "-c",
      "mkdir -p /run/netns /run/catwalk; mount -t tmpfs tmpfs /run/netns;"
          + " mount --make-shared /run/netns; mount -t tmpfs tmpfs /run/catwalk;"
          + " ip link set lo up; exec bash \"$0\"");

  @TempDir
  private Path folder;

  /** One line, and what came of it. */
  private record Step(String line, int status, String seen) {}

  @Test
  void itIsAllAsItIsPrinted() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root for network namespaces");
    for (String program :
        List.of("/usr/sbin/bird", "/usr/lib/frr/bgpd", "/usr/bin/gcc", "/usr/bin/unshare")) {
      assumeTrue(Files.isExecutable(Path.of(program)), "needs " + program);
    }
    List<String> lines = lines();
    assertTrue(lines.size() >= 20, lines::toString);
    List<Step> steps = typed(lines);
    assertEquals(lines, steps.stream().map(Step::line).toList());
    for (Step step : steps) {
      assertEquals(step.line().contains("no answer"), step.status() != 0, step::toString);
    }
    seen(steps, "endpoints  ", "frontend-1");
    seen(steps, "show route", "AS64601");
    seen(steps, "frontend-1 has the policy", "shop/pods-only");
    seen(steps, "in a line", "established");
    seen(steps, "all about one", "graceful restart");
    seen(steps, "won or lost", "our own AS is in its AS_PATH");
    seen(steps, "what tor1 said", "NOTIFICATION from it");
    seen(steps, "what tor1 said", "hint  ");
    seen(steps, "lab down", "removed");
  }

  private static void seen(List<Step> steps, String line, String what) {
    Step step = steps.stream().filter(s -> s.line().contains(line)).findFirst().orElseThrow();
    assertTrue(step.seen().contains(what), step::toString);
  }

  private static List<String> lines() throws IOException {
    String readme = Files.readString(HOME.resolve("README.md"));
    String walk =
        readme.substring(readme.indexOf("<!-- walk -->"), readme.indexOf("<!-- end of walk -->"));
    return walk.lines()
        .filter(line -> line.startsWith("    "))
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** The address is whatever the store gave; what comes after a while is asked for until then. */
  private static String executable(String line) {
    if (line.startsWith("A=")) {
      return "A=$(sudo ./catwalk --node node1 endpoints | awk '$2 == \"frontend-1\" {print $3}')";
    }
    return line.contains("# soon")
        ? "for _ in {1..90}; do SAID=$(" + line.substring(0, line.indexOf('#'))
            + "); [[ $SAID = *hint* ]] && break; sleep 1; done; echo \"$SAID\""
        : line;
  }

  private List<Step> typed(List<String> lines) throws Exception {
    StringBuilder script = new StringBuilder("sudo() { \"$@\"; }\ncd " + HOME + "\n");
    for (int i = 0; i < lines.size(); i++) {
      script.append(executable(lines.get(i))).append("\necho \"<$?>").append(i).append("\"\n");
    }
    Path file = Files.writeString(folder.resolve("typed"), script);
    List<String> command = new ArrayList<>(ALONE);
    command.add(file.toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("CATWALK_CLASSPATH", Agents.classPath());
    Process process = builder.start();
    process.getOutputStream().close();
    String all = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), all);
    List<Step> steps = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < lines.size(); i++) {
      int end = all.indexOf(">" + i + "\n", from);
      int mark = all.lastIndexOf('<', end);
      assertTrue(end >= 0 && mark >= from, all);
      int status = Integer.parseInt(all.substring(mark + 1, end));
      steps.add(new Step(lines.get(i), status, all.substring(from, mark)));
      from = end + (">" + i + "\n").length();
    }
    return steps;
  }
}
