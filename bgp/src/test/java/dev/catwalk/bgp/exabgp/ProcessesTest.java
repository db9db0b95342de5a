package dev.catwalk.bgp.exabgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real programs as processes: ExaBGP's own health check, and some that behave badly. */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class ProcessesTest {
  private static final Path DEBIAN_PYTHON = Path.of("/usr/bin/python3");
  private static final Path EXABGP = Path.of("/usr/lib/python3/dist-packages/exabgp/__main__.py");

  @TempDir
  Path dir;

  private static String neighbor(String processes, String more) {
    return """
        neighbor 127.0.0.1 {
          router-id 10.0.0.2; local-address 127.0.0.1; local-as 65001; peer-as 65001; hold-time 90;
          family { ipv4 unicast; }
          api { processes [ %s ]; %s }
        }
        """.formatted(processes, more);
  }

  private static String process(String name, String run, String more) {
    return "process " + name + " { run " + run + "; encoder json; " + more + " }\n";
  }

  private String shell(String name, String script) throws Exception {
    Path file = Files.writeString(dir.resolve(name + ".sh"), script);
    return process(name, "/bin/bash " + file, "");
  }

  @Test
  void exaBgpsOwnHealthCheckAnnouncesAndDegrades() throws Exception {
    assumeTrue(
        Files.exists(EXABGP) && Files.isExecutable(DEBIAN_PYTHON),
        "no ExaBGP here: apt-get install exabgp");
    Path healthy = Files.createFile(dir.resolve("healthy"));
    String run = DEBIAN_PYTHON + " -m exabgp healthcheck --cmd \"test -e " + healthy
        + "\" --ip 192.0.2.1/32 --no-syslog --rise 1 --fall 1 --interval 1 --fast-interval 1"
        + " --up-metric 100 --down-metric 1000 --community 65001:7";
    try (PlayedNeighbor peer = new PlayedNeighbor();
        RunningSpeaker speaker = new RunningSpeaker(
            dir, process("check", run, "") + neighbor("check", ""), peer.port())) {
      peer.accept();
      assertTrue(peer.hear("20c0000201")
          .contains("80040400000064" + "400504" + "00000064" + "c00804fde90007"));
      Files.delete(healthy);
      assertTrue(peer.hear("20c0000201").contains("800404000003e8"));
      Files.createFile(healthy);
      assertTrue(peer.hear("20c0000201").contains("80040400000064"));
      assertFalse(speaker.service.ended().isDone());
    }
  }

  @Test
  void oneThatDiesReadsNothingOrShoutsCostsTheOthersNothing() throws Exception {
    String bad = shell("dies", "echo announce route 10.1.0.0/16 next-hop self; exit 3")
        + shell("deaf", "while true; do echo show neighbor; done")
        + shell("shouts", "head -c 3000000 /dev/zero | tr '\\0' x; exec sleep 60")
        + process("absent", dir.resolve("nothing").toString(), "");
    String good = shell(
        "good",
        "for i in $(seq 200); do echo announce route 10.2.$i.0/24 next-hop self med $i; read x; [ \"$x\" = done ] || exit 1; done\n"
            + "echo announce route 10.3.0.0/24 next-hop self; exec sleep 60");
    try (PlayedNeighbor peer = new PlayedNeighbor();
        RunningSpeaker speaker = new RunningSpeaker(
            dir, bad + good + neighbor("dies deaf shouts absent good", ""), peer.port())) {
      peer.accept();
      peer.hear("180a0300");
      assertFalse(speaker.service.ended().isDone());
    }
  }

  @Test
  void eventsReachTheProcessAndShutdownEndsAll() throws Exception {
    Path heard = dir.resolve("heard");
    String script = "while read -r line; do echo \"$line\" >> " + heard + "; case \"$line\" in"
        + " *'\"state\":\"up\"'*) echo announce route 10.4.0.0/24 next-hop self ;;"
        + " done) [ -n \"$asked\" ] || { asked=1; echo shutdown; } ;; esac; done";
    try (PlayedNeighbor peer = new PlayedNeighbor();
        RunningSpeaker speaker = new RunningSpeaker(
            dir,
            shell("watch", script) + neighbor("watch", "neighbor-changes; fsm;"),
            peer.port())) {
      peer.accept();
      peer.hear("180a0400");
      assertEquals("030602", peer.hear("0306"));
      speaker.service.ended().get(30, TimeUnit.SECONDS);
    }
    String lines = Files.readString(heard);
    assertTrue(lines.contains("\"state\":\"connected\""), lines);
    assertTrue(lines.contains("\"state\":\"ESTABLISHED\""), lines);
    assertTrue(lines.contains("\"notification\":\"shutdown\""), lines);
  }
}
