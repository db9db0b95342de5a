package dev.catwalk.bgp.exabgp;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A session with the real ExaBGP, whoever dials; both tell and both hear. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class LiveExaBgpTest {
  private static final Path EXABGP = Path.of("/usr/sbin/exabgp");
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(60);

  /** Who dials; and once with TCP MD5 (RFC 2385) and GTSM (RFC 5082). */
  enum Way {
    WE_DIAL,
    THEY_DIAL,
    SIGNED_ONE_HOP
  }

  @TempDir
  Path dir;

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String config(
      String heard, String own, int as, String other, int peer, String way, String routes) {
    return """
        process log { run /bin/bash -c "cat > %s"; encoder json; }
        neighbor %s {
          router-id %s; local-address %s; local-as %d; peer-as %d; hold-time 30; %s
          family { ipv4 unicast; ipv6 unicast; ipv4 flow; }
          capability { route-refresh enable; graceful-restart 60; }
          api { processes [ log ]; neighbor-changes; receive { parsed; update; notification; } }
          %s
        }
        """.formatted(heard, other, own, own, as, peer, way, routes);
  }

  @ParameterizedTest
  @EnumSource
  void bothHearWhatTheOtherAnnounces(Way way) throws Exception {
    assumeTrue(Files.isExecutable(EXABGP), "no ExaBGP here: apt-get install exabgp");
    int port = freePort();
    Path ours = dir.resolve("ours.heard");
    Path theirs = dir.resolve("theirs.heard");
    boolean weDial = way == Way.WE_DIAL;
    String signed = way == Way.SIGNED_ONE_HOP ? " md5-password one; outgoing-ttl 255;" : "";
    String dial = "connect " + port + ";" + signed;
    String wait =
        "passive; listen " + port + ";" + signed + (signed.isEmpty() ? "" : " incoming-ttl 255;");
    String text = config(
        ours.toString(),
        "127.0.0.2",
        65001,
        "127.0.0.3",
        65002,
        weDial ? dial : wait,
        "static { route 10.9.0.0/24 next-hop self community [ 65001:9 ];"
            + " route 2001:db8:9::/48 next-hop 2001:db8::9; }"
            + " flow { route { match { source 10.9.0.0/16; } then { discard; } } }");
    Path file = Files.writeString(
        dir.resolve("theirs.conf"),
        config(
            theirs.toString(),
            "127.0.0.3",
            65002,
            "127.0.0.2",
            65001,
            weDial ? wait : dial,
            "static { route 10.8.0.0/24 next-hop self med 8; }"));
    ProcessBuilder builder = new ProcessBuilder(EXABGP.toString(), file.toString());
    builder.environment().put("exabgp.daemon.user", System.getProperty("user.name"));
    builder.environment().put("exabgp.daemon.drop", "false");
    builder.redirectErrorStream(true).redirectOutput(dir.resolve("theirs.log").toFile());
    Process exabgp = builder.start();
    try (RunningSpeaker speaker = new RunningSpeaker(dir, text, port)) {
      await(ours, List.of("\"10.8.0.0/24\"", "\"med\":8", "\"eor\""));
      await(
          theirs,
          List.of("\"10.9.0.0/24\"", "[ 65001, 9 ]", "2001:db8:9::/48", "10.9.0.0/16", "\"eor\""));
      assertFalse(speaker.service.ended().isDone());
    } finally {
      exabgp.destroy();
      if (!exabgp.waitFor(10, TimeUnit.SECONDS)) {
        exabgp.destroyForcibly();
      }
    }
    assertTrue(
        Files.readString(theirs).contains("\"code\": 6, \"subcode\": 2"),
        () -> "the end of the session was not told");
  }

  /** Until the file holds all of that. */
  private static void await(Path file, List<String> wanted) throws Exception {
    long end = System.nanoTime() + DEADLINE_NANOS;
    String seen = "";
    while (System.nanoTime() - end < 0) {
      seen = Files.exists(file) ? Files.readString(file) : "";
      if (wanted.stream().allMatch(seen::contains)) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    throw new AssertionError("not all of " + wanted + " in " + seen);
  }
}
