package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Network namespaces of one test, named {@code cw-tPID.RANDOM-NAME} and removed with it. */
final class TestNetns implements AutoCloseable {
  private static final Path MOUNTS = Path.of("/run/netns");

  private final String prefix;
  private final List<String> made = new ArrayList<>();

  private TestNetns(String prefix) {
    this.prefix = prefix;
  }

  /** Skips the calling test where namespaces cannot be made; removes those of killed runs. */
  static TestNetns open() throws IOException, InterruptedException {
    assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "needs root: makes network namespaces and writes routes and rules in them");
    for (String program : List.of("/usr/sbin/ipset", "/usr/sbin/iptables-nft-restore")) {
      assumeTrue(Files.isExecutable(Path.of(program)), "needs " + program);
    }
    removeStale();
    int random = ThreadLocalRandom.current().nextInt(0x1000);
    return new TestNetns("cw-t%d.%03x-".formatted(ProcessHandle.current().pid(), random));
  }

  private static void removeStale() throws IOException, InterruptedException {
    if (!Files.isDirectory(MOUNTS)) {
      return;
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(MOUNTS, "cw-t*.*-*")) {
      for (Path one : all) {
        String name = one.getFileName().toString();
        long pid = Long.parseLong(name.substring(4, name.indexOf('.')));
        if (ProcessHandle.of(pid).isEmpty()) {
          run("ip", "netns", "delete", name);
        }
      }
    }
  }

  /** Makes one, with its loopback up. */
  Path add(String name) throws IOException, InterruptedException {
    String full = prefix + name;
    run("ip", "netns", "add", full);
    made.add(full);
    in(name, "ip link set lo up");
    return path(name);
  }

  Path path(String name) {
    return MOUNTS.resolve(prefix + name);
  }

  String name(String name) {
    return prefix + name;
  }

  /** Runs a command in one; fails unless its status is 0. */
  String in(String name, String command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", prefix + name));
    words.addAll(List.of("sh", "-c", command));
    return run(words.toArray(String[]::new));
  }

  /** The status of a command in one. */
  int statusIn(String name, String command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("ip", "netns", "exec", prefix + name, "sh", "-c", command)
        .redirectErrorStream(true)
        .start();
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }

  static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(Arrays.toString(command) + ": " + output);
    }
    return output;
  }

  /** Waits until it is so; false after the time. */
  static boolean within(long ms, BooleanSupplier isSo) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    while (!isSo.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(2);
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    try {
      for (String name : made) {
        run("ip", "netns", "delete", name);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
