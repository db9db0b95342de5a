package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.shell.TestSites;
import dev.catwalk.lab.shell.Verbs;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan.Node;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A node on which somebody else was first: what is theirs stays as it is to the byte. */
class ForeignObjectsTest {
  private static final Options ONE_NODE = new Options(Optional.of(1), Optional.empty(), 2);
  private static final int WITHIN_MS = 40_000;

  private Site site;

  @AfterEach
  void remove() throws LabException {
    if (site != null) {
      Teardown.remove(site);
    }
  }

  @Test
  void stayThroughStartKillRestartAndClean() throws Exception {
    site = TestSites.make("foreign");
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "needs nft");
    Network network = Network.planned(site, "first-light", ONE_NODE);
    Node node = network.plan().nodes().getFirst();
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Up up = new Up(network, new Progress(new PrintStream(printed, true, StandardCharsets.UTF_8)));
    up.lay();
    ForeignObjects objects = new ForeignObjects(site.netns(node.name()));
    objects.make();
    assertTrue(
        Exec.await(WITHIN_MS, () -> !String.join("", objects.theirs()).contains("tentative")),
        "the kernel has not finished with its own addresses");
    List<String> before = objects.theirs();
    for (String one : List.of("\"weight\":2", "6699:", "[8:800]", "add cwnets", "bytes 777")) {
      assertTrue(String.join("\n", before).contains(one), one);
    }
    assertEquals(List.of(), objects.ours());

    up.populate();
    Verbs.must(
        site,
        node.name(),
        "apply",
        "-f",
        site.home().resolve("lab/examples/frontend-only.yaml").toString());
    assertTrue(
        Exec.await(WITHIN_MS, () -> everyKindIn(objects.ours())), () -> printed + text(objects));
    same(before, objects, "after the start");

    kill(node);
    same(before, objects, "after kill -9");
    List<String> ours = objects.ours();

    Agents.start(site, network.plan(), node);
    Routing routing = new Routing(network);
    assertTrue(
        Exec.await(
            WITHIN_MS,
            () -> Agents.isListening(site, node.name())
                && Agents.json(site, node.name(), "status").path("ready").asBoolean()
                && routing.missingSessions().isEmpty()
                && objects.ours().equals(ours)),
        () -> text(objects) + Agents.lastWords(site, node.name()));
    same(before, objects, "after the second start");

    Exec.Result refused = Verbs.clean(site, node.name());
    assertEquals(4, refused.status(), "clean beside a running agent");
    same(before, objects, "after the refused clean");

    kill(node);
    Exec.Result cleaned = Verbs.clean(site, node.name());
    assertEquals(0, cleaned.status(), cleaned::toString);
    assertEquals(List.of(), objects.ours());
    same(before, objects, "after clean");
  }

  private static boolean everyKindIn(List<String> ours) {
    String all = String.join("\n", ours);
    return all.contains("\"nexthops\"")
        && all.contains("blackhole")
        && all.contains("link/ether")
        && all.contains("-A cw-")
        && all.contains("add cw-");
  }

  private static void same(List<String> before, ForeignObjects objects, String when)
      throws LabException {
    List<String> gone = new ArrayList<>(before);
    List<String> come = new ArrayList<>(objects.theirs());
    gone.removeAll(objects.theirs());
    come.removeAll(before);
    assertEquals(String.join("\n", gone), String.join("\n", come), when);
    assertEquals(before, objects.theirs(), when);
  }

  private void kill(Node node) throws LabException {
    List<String> pids = Exec.must(List.of("ip", "netns", "pids", site.netns(node.name())))
        .lines()
        .toList();
    for (String pid : pids) {
      ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
    }
    assertTrue(Exec.await(
        WITHIN_MS,
        () -> Exec.must(List.of("ip", "netns", "pids", site.netns(node.name()))).isEmpty()));
  }

  private static String text(ForeignObjects objects) {
    try {
      return String.join("\n", objects.ours());
    } catch (LabException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
