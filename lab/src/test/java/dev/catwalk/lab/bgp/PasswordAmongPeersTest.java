package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** TCP MD5, RFC 2385, with the kernel's own and with real routers. */
class PasswordAmongPeersTest {
  private static final String RIGHT = "in-the-palm-7";
  private static final String WRONG = "in-the-pine-8";

  private Netns netns;
  private String there;
  private String here;

  @TempDir
  Path dir;

  @BeforeEach
  void cable() throws IOException {
    assumeTrue(Netns.possible(), "needs root and iproute2");
    netns = new Netns();
    there = netns.add("peer");
    here = netns.add("cw");
    netns.join(
        "cable",
        there,
        List.of("10.9.0.1/24", "fd00:9::1/64"),
        here,
        List.of("10.9.0.2/24", "fd00:9::2/64"));
    password("here", RIGHT);
  }

  @AfterEach
  void unplug() {
    if (netns != null) {
      netns.close();
    }
  }

  /** In one step, as a careful operator replaces it. */
  private Path password(String name, String text) throws IOException {
    Path fresh = dir.resolve(name + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, text + "\n");
    return Files.move(
        fresh,
        dir.resolve(name),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  private Remote speaker(String namespace, String name, String yaml) throws IOException {
    Path config = Files.writeString(dir.resolve(name + ".yaml"), yaml);
    return new Remote(netns, namespace, config, dir.resolve(name + ".log"));
  }

  private Remote ours() throws IOException {
    return ours(new Daemon.Setup(List.of(), ""));
  }

  private Remote ours(Daemon.Setup far) throws IOException {
    String listen = far.overIpv6() ? "[" + far.neighbour() + "]" : far.neighbour();
    return speaker(
        here, "ours", """
            as: 64601
            routerId: 10.9.0.2
            listen: ["%s:179"]
            peers: [{name: daemon, address: "%s", as: 65001, holdTime: 30, connectRetry: 1,
                     families: [%s-unicast], passwordFile: %s}]
            """.formatted(listen, far.router(), far.family(), dir.resolve("here")));
  }

  private void within(java.util.function.BooleanSupplier condition, String what) {
    assertTrue(Netns.within(40, condition), () -> "in vain: " + what + "\n" + log());
  }

  private String log() {
    try {
      return Files.readString(dir.resolve("ours.log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** The wrong one first: the reason is a guess that helps; then the file is put right. */
  @ParameterizedTest(name = "{0} over {1}")
  @CsvSource({"BIRD, IPv4", "FRR, IPv4", "BIRD, IPv6"})
  void aRouterSpeaksWithUsOnlyIfBothHaveTheSame(String kind, String over) throws IOException {
    assumeTrue(Daemon.has(kind), "needs Debian's " + kind);
    password("here", WRONG);
    Daemon daemon = Daemon.of(kind, netns, there, dir);
    boolean ipv6 = over.equals("IPv6");
    String route = ipv6 ? "2001:db8:1::/48" : "100.1.0.0/24";
    Daemon.Setup setup = new Daemon.Setup(List.of(route), RIGHT, ipv6);
    daemon.start(setup);
    Remote ours = ours(setup);
    within(() -> ours.ask("why").contains("the MD5 password may differ there"), "the hint");
    assertTrue(ours.ask("why").contains("no answer to the TCP connection"), ours.ask("why"));
    password("here", RIGHT);
    within(() -> ours.learned().containsKey(route), "its routes");
    assertTrue(ours.answers("peers", "PEERS established"));
    assertFalse(log().contains(RIGHT) || log().contains(WRONG), this::log);
  }

  /** Both files change a few seconds apart; the session, with a hold time of 30 s, stays. */
  @Test
  void aPasswordChangesUnderASession() throws IOException {
    password("there", RIGHT);
    Remote far = speaker(there, "theirs", """
        as: 65001
        routerId: 10.9.0.1
        listen: ["0.0.0.0:179"]
        dynamic: [{prefix: 10.9.0.0/24, as: 64601, holdTime: 30, families: [ipv4-unicast],
                   passwordFile: %s}]
        """.formatted(dir.resolve("there")));
    Remote ours = ours();
    far.say("originate 100.1.0.0/24");
    within(() -> ours.learned().containsKey("100.1.0.0/24"), "its route");
    String established = since(ours);
    password("there", WRONG);
    password("here", WRONG);
    within(() -> log().contains("password changed"), "the file is looked at");
    far.say("originate 100.1.0.0/24 100.1.1.0/24");
    within(() -> ours.learned().containsKey("100.1.1.0/24"), "a route under the new password");
    assertEquals(established, since(ours));
    far.kill();
    within(() -> !ours.answersNow("peers", "PEERS established"), "the session is down");
    Remote unsigned = speaker(there, "unsigned", """
        as: 65001
        routerId: 10.9.0.1
        listen: ["10.9.0.1:1179"]
        peers: [{address: 10.9.0.2, as: 64601, connectRetry: 1, families: [ipv4-unicast]}]
        """);
    within(() -> unsigned.ask("why").contains("it may want an MD5 password"), "the other hint");
    assertEquals("", far(ours), "nobody gets in unsigned");
  }

  private static String since(Remote speaker) {
    return speaker.ask("since");
  }

  private static String far(Remote ours) {
    return ours.ask("peers").equals("PEERS established") ? "a session" : "";
  }
}
