package dev.catwalk.lab.bgp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * Network namespaces of one test, {@code cw-tPID-NAME}, two of them joined by a cable. Those of runs
 * that were killed are removed first: their process is no more.
 */
final class Netns implements AutoCloseable {
  private static final String MARK = "cw-t";

  private final List<String> names = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();

  /** Whether this machine lets us: root, and iproute2 is there. */
  static boolean possible() {
    return "root".equals(System.getProperty("user.name"))
        && Stream.of("/sbin/ip", "/usr/sbin/ip", "/bin/ip")
            .anyMatch(p -> Files.isExecutable(Path.of(p)));
  }

  Netns() {
    for (String line : run("ip", "netns", "list").lines().toList()) {
      String name = line.split(" ")[0];
      if (name.matches(MARK + "[0-9]+-.*")
          && ProcessHandle.of(Long.parseLong(name.replaceAll("cw-t([0-9]+)-.*", "$1")))
              .isEmpty()) {
        run("ip", "netns", "del", name);
      }
    }
  }

  /** A new one with its loopback up; returns its full name. */
  String add(String name) {
    String full = MARK + ProcessHandle.current().pid() + "-" + name;
    run("ip", "netns", "add", full);
    names.add(full);
    run("ip", "-n", full, "link", "set", "lo", "up");
    return full;
  }

  /** Joins two with a cable that is {@code link} at both ends. */
  void join(String link, String a, List<String> addressesA, String b, List<String> addressesB) {
    run("ip", "link", "add", link, "netns", a, "type", "veth", "peer", "name", link, "netns", b);
    up(link, a, addressesA);
    up(link, b, addressesB);
  }

  private void up(String link, String name, List<String> addresses) {
    for (String address : addresses) {
      List<String> command =
          new ArrayList<>(List.of("ip", "-n", name, "addr", "add", address, "dev", link));
      if (address.contains(":")) {
        command.add("nodad");
      }
      run(command.toArray(String[]::new));
    }
    run("ip", "-n", name, "link", "set", link, "up");
  }

  /** Starts a program there; it ends with the test. */
  Process start(String name, Path log, String... command) {
    List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", name));
    whole.addAll(List.of(command));
    try {
      Process process = new ProcessBuilder(whole)
          .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
          .start();
      processes.add(process);
      return process;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a command to its end, whatever that is, and returns what it printed. */
  static String runAnyway(String... command) {
    try {
      return run(command);
    } catch (IllegalStateException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Runs a command to its end and returns what it printed. */
  static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + status + "\n" + out);
      }
      return out;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Asks until it holds, at most that long; returns whether it does. */
  static boolean within(long seconds, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return true;
  }

  @Override
  public void close() {
    for (Process process : processes) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    for (Process process : processes) {
      process.onExit().join();
    }
    for (String name : names) {
      run("ip", "netns", "del", name);
    }
  }
}
