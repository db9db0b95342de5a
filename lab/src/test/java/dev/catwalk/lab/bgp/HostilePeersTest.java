package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * BIRD beside peers that never read, send octet by octet, flap, flood, tell a million routes, call a
 * thousand times without a word: its session stays, its routes come and go, and the speaker's memory
 * stays below a bound; it is stopped for a while, too. {@code -Dcatwalk.bgp.siegeSeconds=N} goes on for N seconds in place of 2,
 * {@code -Dcatwalk.bgp.siegeRoutes=N} has N routes flow meanwhile in place of 20,000.
 */
class HostilePeersTest {
  private static final int SECONDS = Integer.getInteger("catwalk.bgp.siegeSeconds", 2);
  private static final int ROUTES = Integer.getInteger("catwalk.bgp.siegeRoutes", 20_000);

  /** More than a third of BIRD's hold time, and less than all of it. */
  private static final int PAUSE_SECONDS = 4;

  /** Heap (256 MB), code and threads of a JVM, and what the sockets may hold. */
  private static final long RESIDENT_KB = 512 << 10;

  /** How often each thing is done at least, so that it means something. */
  private static final Map<String, Long> LEAST =
      Map.of("strangers", 1_000L, "guests", 1_000L, "refresher", 1_000L, "glutton", 10_000L);

  private static final String OWN = "100.2.0.0/24";
  private static final String THEIRS = "100.1.0.0/24";

  private Netns netns;

  @TempDir
  Path dir;

  @AfterEach
  void unplug() {
    if (netns != null) {
      netns.close();
    }
  }

  @Test
  void costTheOthersNothing() throws Exception {
    assumeTrue(Netns.possible(), "needs root and iproute2");
    assumeTrue(Daemon.has("BIRD"), "needs Debian's bird2");
    netns = new Netns();
    String there = netns.add("peer");
    String here = netns.add("cw");
    netns.join(
        "cable", there, List.of("10.9.0.1/16", "10.9.0.200/16"), here, List.of("10.9.0.2/16"));
    for (int octet : Siege.PEERS.values()) {
      Netns.run("ip", "-n", there, "addr", "add", "10.9.0." + octet + "/16", "dev", "cable");
    }
    Netns.run("ip", "-n", there, "route", "add", "local", "10.9.128.0/17", "dev", "lo");
    Router bird = Router.bird(netns, there, dir, """
        protocol static s4 { ipv4; route %s blackhole; }
        protocol bgp cw { local 10.9.0.1 as 65001; neighbor 10.9.0.2 as 64601; hold time 9;
          connect retry time 1; error wait time 1,2; strict bind yes; passive on;
          ipv4 { import all; export all; }; }
        """.formatted(THEIRS));
    Remote speaker = new Remote(netns, here, config(), dir.resolve("speaker.log"));
    speaker.say("originate " + OWN);
    holds(120, () -> bird.ask("show route").contains(OWN));
    final String since = speaker.ask("since");

    Process siege = siege(there);
    BufferedReader answers =
        new BufferedReader(new InputStreamReader(siege.getInputStream(), StandardCharsets.UTF_8));
    holds(120, () -> counts(siege, answers).values().stream().allMatch(c -> c > 0));
    TimeUnit.SECONDS.sleep(SECONDS); // how long it is borne is what is tested
    pause(here);
    holds(120 + SECONDS, () -> routes(bird) >= ROUTES);
    goOn(bird, speaker);
    assertEquals(since, speaker.ask("since"), "BIRD's session is the same");
    holds(
        120,
        () -> counts(siege, answers).entrySet().stream()
            .allMatch(done -> done.getValue() >= LEAST.getOrDefault(done.getKey(), 1L)));
    Map<String, Long> done = counts(siege, answers);
    long resident = resident(here);
    assertTrue(resident < RESIDENT_KB, () -> resident + " kB resident");
    System.out.println("siege: " + done + ", resident " + resident + " kB");
    siege.destroyForcibly().waitFor();
    holds(120, () -> routes(bird) < 10);
    assertEquals(since, speaker.ask("since"), "after it, too");
  }

  /** Nothing of the speaker runs for longer than BIRD's keepalive interval, while all go on. */
  private static void pause(String namespace) throws InterruptedException {
    Netns.run("kill", "-STOP", pid(namespace));
    TimeUnit.SECONDS.sleep(PAUSE_SECONDS);
    Netns.run("kill", "-CONT", pid(namespace));
  }

  /** What the other end tells is heard, and it hears what we tell. */
  private void goOn(Router bird, Remote speaker) {
    bird.ask("disable s4");
    holds(120, () -> !speaker.holds(THEIRS));
    bird.ask("enable s4");
    holds(120, () -> speaker.holds(THEIRS));
    speaker.say("originate 100.3.0.0/24");
    holds(120, () -> {
      String routes = bird.ask("show route");
      return routes.contains("100.3.0.0/24") && !routes.contains(OWN);
    });
  }

  private void holds(long seconds, BooleanSupplier condition) {
    assertTrue(Netns.within(seconds, condition), this::logs);
  }

  private Process siege(String namespace) {
    return netns.start(
        namespace,
        dir.resolve("siege.log"),
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        Siege.class.getName(),
        Integer.toString(ROUTES));
  }

  private Path config() throws IOException {
    String peers = Siege.PEERS.entrySet().stream()
        .map(e -> "  - {name: %s, address: 10.9.0.%d, as: %d, passive: true, holdTime: 90%s}"
            .formatted(
                e.getKey(),
                e.getValue(),
                65000 + e.getValue(),
                e.getKey().equals("glutton") ? ", prefixLimit: {maximum: 10000, restart: 1}" : ""))
        .collect(Collectors.joining("\n"));
    return Files.writeString(dir.resolve("ours.yaml"), """
        as: 64601
        routerId: 10.9.0.2
        listen: ["10.9.0.2:179"]
        peers:
          - {name: bird, address: 10.9.0.1, as: 65001, holdTime: 9, connectRetry: 1}
        %s
        dynamic: [{prefix: 10.9.128.0/17, as: any, holdTime: 90}]
        """.formatted(peers));
  }

  private static Map<String, Long> counts(Process siege, BufferedReader answers) {
    try {
      siege.getOutputStream().write('\n');
      siege.getOutputStream().flush();
      String line = answers.readLine();
      TreeMap<String, Long> counts = new TreeMap<>();
      for (String pair : (line == null ? "dead=0" : line).split(" ")) {
        counts.put(pair.split("=")[0], Long.parseLong(pair.split("=")[1]));
      }
      return counts;
    } catch (IOException e) {
      return Map.of("dead", 0L);
    }
  }

  private static int routes(Router bird) {
    return Pattern.compile("(\\d+) of \\d+ routes")
        .matcher(bird.ask("show route count"))
        .results()
        .mapToInt(found -> Integer.parseInt(found.group(1)))
        .max()
        .orElse(0);
  }

  private static String pid(String namespace) {
    return Netns.run("ip", "netns", "pids", namespace).trim().split("\n")[0];
  }

  private static long resident(String namespace) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", pid(namespace), "status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private String logs() {
    StringBuilder all = new StringBuilder();
    for (String name : List.of("speaker.log", "siege.log", "bird.log")) {
      try {
        String text = Files.readString(dir.resolve(name));
        all.append('\n').append(name).append(":\n");
        all.append(text.length() > 4000 ? text.substring(text.length() - 4000) : text);
      } catch (IOException e) {
        all.append(e);
      }
    }
    return all.toString();
  }
}
