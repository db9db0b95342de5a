package dev.catwalk.lab.bgp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real BGP daemon with a configuration of the test's own; no kernel routes. */
final class Router {
  private final Path dir;
  private final boolean bird;
  private final List<Process> processes = new ArrayList<>();

  private Router(Path dir, boolean bird) {
    this.dir = dir;
    this.bird = bird;
  }

  /** kill -9. */
  void kill() {
    Process last = processes.removeLast();
    last.destroyForcibly();
    last.onExit().join();
  }

  /** SIGSTOP: it reads and says nothing any more, and its connections stay. */
  void pause() {
    Netns.run("kill", "-STOP", String.valueOf(processes.getLast().pid()));
  }

  /** SIGCONT. */
  void resume() {
    Netns.run("kill", "-CONT", String.valueOf(processes.getLast().pid()));
  }

  /** Debian's bird2. */
  static Router bird(Netns netns, String namespace, Path dir, String config) {
    Router router = new Router(dir, true);
    Path file = router.write("bird.conf", "router id 10.9.0.1;\nprotocol device {}\n" + config);
    router.processes.add(netns.start(
        namespace,
        dir.resolve("bird.log"),
        "/usr/sbin/bird",
        "-f",
        "-c",
        file.toString(),
        "-s",
        dir.resolve("ctl").toString()));
    Netns.within(20, () -> Files.exists(dir.resolve("ctl")));
    return router;
  }

  /** Debian's frr: bgpd alone, on 10.9.0.1. */
  static Router frr(Netns netns, String namespace, Path dir, String config) {
    return frr(netns, namespace, dir, "10.9.0.1", config);
  }

  static Router frr(Netns netns, String namespace, Path dir, String address, String config) {
    Router router = new Router(dir, false);
    Path file = router.write("bgpd.conf", config);
    router.processes.add(netns.start(
        namespace,
        dir.resolve("frr.log"),
        "/usr/lib/frr/bgpd",
        "-Z",
        "-S",
        "-f",
        file.toString(),
        "-i",
        dir.resolve("pid").toString(),
        "--vty_socket",
        dir.toString(),
        "-P",
        "0",
        "-l",
        address));
    Netns.within(20, () -> Files.exists(dir.resolve("bgpd.vty")));
    return router;
  }

  /** What its shell says to that: {@code birdc} with the words, {@code vtysh} with the lines. */
  String ask(String... lines) {
    List<String> command = new ArrayList<>();
    if (bird) {
      command.addAll(List.of("birdc", "-s", dir.resolve("ctl").toString()));
      command.addAll(List.of(String.join(" ", lines).split(" ")));
    } else {
      command.addAll(List.of("vtysh", "--vty_socket", dir.toString(), "-d", "bgpd"));
      for (String line : lines) {
        command.addAll(List.of("-c", line));
      }
    }
    return Netns.runAnyway(command.toArray(String[]::new));
  }

  /** What it wrote to its log. */
  String log() {
    try {
      return Files.readString(dir.resolve(bird ? "bird.log" : "frr.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Path write(String name, String text) {
    try {
      return Files.writeString(dir.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
