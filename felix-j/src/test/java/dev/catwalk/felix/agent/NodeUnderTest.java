package dev.catwalk.felix.agent;

import dev.catwalk.felix.cli.CommandLines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One node as a network namespace with the real agent as a process in it, and namespaces for pods.
 * All are named {@code cw-t<number>-...}; those of runs that were killed are removed at the start.
 */
final class NodeUnderTest implements AutoCloseable {
  private static final Path NETNS = Path.of("/var/run/netns");

  /** The build makes it before it comes to tests. */
  private static final Path CLIENT = Path.of("target/dist/catwalk-cni").toAbsolutePath();

  /** What a command said. */
  record Said(int status, String out, String err) {
    String all() {
      return "status " + status + "\n" + out + err;
    }
  }

  private final String tag;
  private final Path root;
  private final List<String> namespaces = new ArrayList<>();
  private @Nullable Process agent;

  /**
   * Makes the node's namespace.
   *
   * @param root prefix of the agent's places
   */
  NodeUnderTest(Path root) throws IOException {
    this.root = root;
    tag = "cw-t" + ProcessHandle.current().pid() + "x"
        + ThreadLocalRandom.current().nextInt(1000, 10_000);
    removeStale();
    namespace("n");
    run(Map.of(), "", "ip", "-n", tag + "-n", "link", "set", "lo", "up");
    run(Map.of(), "", "ip", "-n", tag + "-n", "addr", "add", "192.0.2.11/32", "dev", "lo");
  }

  /** Makes a namespace for a pod and returns its path. */
  String podNamespace(String name) throws IOException {
    return NETNS.resolve(namespace(name)).toString();
  }

  /** The path of a pod's namespace. */
  String netns(String name) {
    return NETNS.resolve(tag + "-" + name).toString();
  }

  void removePodNamespace(String name) throws IOException {
    run(Map.of(), "", "ip", "netns", "del", tag + "-" + name);
  }

  private String namespace(String name) throws IOException {
    String full = tag + "-" + name;
    Said said = run(Map.of(), "", "ip", "netns", "add", full);
    if (said.status() != 0) {
      throw new IOException(said.all());
    }
    namespaces.add(full);
    return full;
  }

  void startAgent(String config) throws IOException {
    Path file = root.resolve("etc/catwalk/agent.yaml");
    Files.createDirectories(file.getParent());
    Files.writeString(file, config);
    List<String> command = inNode(catwalk("agent", "run", "--root", root.toString()));
    agent = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
        .start();
  }

  Path log() {
    return root.resolve("agent.log");
  }

  /** kill -9. */
  void killAgent() throws InterruptedException {
    Process running = agent;
    if (running != null) {
      running.descendants().forEach(ProcessHandle::destroyForcibly);
      running.destroyForcibly().waitFor();
    }
  }

  /** The numbers of the agent's threads whose names begin so. */
  List<String> threads(String prefix) throws IOException {
    List<String> numbers = new ArrayList<>();
    Process running = agent;
    if (running != null) {
      try (var threads = Files.list(Path.of("/proc/" + running.pid() + "/task"))) {
        for (Path thread : threads.toList()) {
          if (Files.readString(thread.resolve("comm")).startsWith(prefix)) {
            numbers.add(thread.getFileName().toString());
          }
        }
      }
    }
    if (numbers.isEmpty()) {
      throw new IOException("the agent has no thread " + prefix + "...");
    }
    return numbers;
  }

  boolean agentRuns() {
    return agent != null && agent.isAlive();
  }

  /** Ends with SIGTERM and returns the exit status. */
  int stopAgent() throws InterruptedException {
    Process running = agent;
    if (running == null) {
      return -1;
    }
    running.destroy();
    if (!running.waitFor(20, TimeUnit.SECONDS)) {
      throw new AssertionError("the agent does not stop on SIGTERM");
    }
    return running.exitValue();
  }

  /**
   * Runs a verb of the command line that does no more than ask the agent, which has one socket for
   * all namespaces: in this process, since a JVM for each look would be most of a test's time.
   */
  Said verb(String... args) {
    List<String> command = new ArrayList<>(List.of("--socket", socket().toString()));
    command.addAll(Arrays.asList(args));
    CommandLines.Said said = CommandLines.run(command.toArray(String[]::new));
    return new Said(said.status(), said.out(), said.err());
  }

  /** Runs a verb of the command line in the node, as a process of its own. */
  Said program(String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of("--socket", socket().toString()));
    command.addAll(Arrays.asList(args));
    return run(Map.of(), "", inNode(catwalk(command.toArray(String[]::new))));
  }

  /** Runs a command in the node. */
  Said here(String... command) throws IOException {
    return run(Map.of(), "", inNode(Arrays.asList(command)));
  }

  /** Runs a command in a pod. */
  Said inPod(String name, String... command) throws IOException {
    List<String> full = new ArrayList<>(List.of("ip", "netns", "exec", tag + "-" + name));
    full.addAll(Arrays.asList(command));
    return run(Map.of(), "", full);
  }

  /** Calls the CNI plugin as a runtime does. */
  Said cni(String command, String container, String netns, String args) throws IOException {
    return cni(
        Map.of(
            "CNI_COMMAND", command,
            "CNI_CONTAINERID", container,
            "CNI_NETNS", netns,
            "CNI_IFNAME", "eth0",
            "CNI_PATH", "/opt/cni/bin",
            "CNI_ARGS", args),
        "{\"cniVersion\":\"1.0.0\",\"name\":\"catwalk\",\"type\":\"catwalk\"}");
  }

  /** Calls it with these variables and no others, through another program if any is named. */
  Said cni(Map<String, String> variables, String stdin, String... through) throws IOException {
    TreeMap<String, String> environment = new TreeMap<>(variables);
    environment.put("CATWALK_SOCKET", socket().toString());
    List<String> command = new ArrayList<>(Arrays.asList(through));
    command.add(CLIENT.toString());
    return run(environment, stdin, command);
  }

  private Path socket() {
    return root.resolve("run/catwalk/agent.sock");
  }

  private List<String> inNode(List<String> command) {
    List<String> full = new ArrayList<>(List.of("ip", "netns", "exec", tag + "-n"));
    full.addAll(command);
    return full;
  }

  private static List<String> catwalk(String... args) {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin/java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-ea",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("java.class.path"),
        "dev.catwalk.felix.cli.Catwalk"));
    command.addAll(Arrays.asList(args));
    return command;
  }

  private static Said run(Map<String, String> environment, String stdin, String... command)
      throws IOException {
    return run(environment, stdin, Arrays.asList(command));
  }

  private static Said run(Map<String, String> environment, String stdin, List<String> command)
      throws IOException {
    Path err = Files.createTempFile("cw-test", ".err");
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().write(stdin.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("does not end: " + command);
      }
      return new Said(process.exitValue(), out, Files.readString(err));
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      Files.delete(err);
    }
  }

  /** Those whose test process, whose id is in the name, is gone. */
  private static void removeStale() throws IOException {
    if (!Files.isDirectory(NETNS)) {
      return;
    }
    try (var names = Files.list(NETNS)) {
      for (Path path : names.toList()) {
        String name = path.getFileName().toString();
        if (name.matches("cw-t[0-9]+x[0-9]{4}-.*")) {
          long pid = Long.parseLong(name.substring(4, name.indexOf('x')));
          if (ProcessHandle.of(pid).isEmpty()) {
            run(Map.of(), "", "ip", "netns", "del", name);
          }
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    try {
      killAgent();
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      for (String namespace : namespaces) {
        run(Map.of(), "", "ip", "netns", "del", namespace);
      }
    }
  }
}
