package dev.catwalk.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.lab.check.Cell;
import dev.catwalk.lab.check.Matrix;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.Containers;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Podman;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Teardown;
import dev.catwalk.lab.shell.TestSites;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** The whole of {@code lab up} with other addresses than the user's, and what happens after it. */
@TestInstance(Lifecycle.PER_CLASS)
class FirstLightTest {
  private static final Options OPTIONS =
      new Options(Optional.of(3), Optional.of(Prefix.parse("10.88.64.0/18")), 4);
  private static final int BACK_WITHIN_MS = 40_000;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private Site site;
  private Network network;

  @BeforeAll
  void up() throws Exception {
    Site made = TestSites.make("first");
    site = made;
    Progress progress = new Progress(new PrintStream(printed, true, StandardCharsets.UTF_8));
    assertTrue(Up.run(site, "first-light", OPTIONS, progress), this::text);
    network = Network.standing(site);
  }

  @AfterAll
  void down() throws LabException {
    if (site != null) {
      Teardown.remove(site);
      assertEquals(List.of(), Teardown.leftovers(site));
    }
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  @Test
  void thePolicyClosedSomethingAndItWasShown() {
    assertTrue(text().contains(".*"), this::text);
    assertTrue(text().contains("expectations held"), this::text);
  }

  @Test
  void aRuntimeThatAsksAgainGetsTheSameAddress() throws Exception {
    for (Pod pod : network.plan().pods()) {
      assertEquals(network.addresses(pod), Containers.attach(site, pod));
    }
  }

  @Test
  void containersOfPodmanTalkAcrossNodesAndLeaveNothing() throws Exception {
    List<Podman> nodes = List.of(Podman.on(site, "node1"), Podman.on(site, "node2"));
    List<String> before = traces();
    try {
      for (Podman podman : nodes) {
        podman.run("web");
      }
      for (int i = 0; i < 2; i++) {
        String far = addressOfContainer("node" + (2 - i));
        String said =
            nodes.get(i).exec("web", "wget", "-q", "-O", "-", "http://" + far + ":8080/node");
        assertEquals("node" + (2 - i), said);
        nodes.get(i).exec("web", "ping", "-c", "1", "-W", "3", far);
      }
    } finally {
      for (Podman podman : nodes) {
        podman.remove("web");
      }
    }
    assertEquals("", nodes.getFirst().containers() + nodes.getLast().containers());
    Exec.await(BACK_WITHIN_MS, () -> traces().equals(before));
    assertEquals(before, traces());
  }

  private String addressOfContainer(String node) throws LabException {
    for (JsonNode endpoint : Agents.json(site, node, "endpoints")) {
      boolean isContainer = endpoint.path("name").asText().equals("web");
      if (isContainer && endpoint.path("node").asText().equals(node)) {
        return endpoint.at("/addresses/0").asText();
      }
    }
    throw new LabException("no endpoint of the container on " + node);
  }

  /** What containers could leave: endpoints, addresses, namespaces, kernel objects of a node. */
  private List<String> traces() throws LabException {
    List<String> traces = new ArrayList<>();
    for (String node : List.of("node1", "node2")) {
      traces.add(Agents.json(site, node, "endpoints").toString());
      traces.add(Agents.json(site, node, "ipam show").path("blocks").toString());
      traces.add(kernelOf(network.plan().node(node)));
    }
    Exec.must(List.of("ls", "/run/netns"))
        .lines()
        .filter(name -> name.startsWith(site.prefix())) // others' labs may come and go meanwhile
        .forEach(traces::add);
    return traces;
  }

  @Test
  void aKilledAgentComesBackToWhatItLeft() throws Exception {
    Node node = network.plan().nodes().getLast();
    String kernel = kernelOf(node);
    ProcessHandle agent = agentOf(node);
    List<Matrix> during = new ArrayList<>();
    Thread traffic = Thread.ofVirtual().start(() -> {
      try {
        while (during.size() < 3) {
          during.add(network.matrix());
        }
      } catch (LabException e) {
        throw new IllegalStateException(e);
      }
    });
    agent.destroyForcibly();
    assertTrue(Exec.await(BACK_WITHIN_MS, () -> !agent.isAlive()));
    localTrafficGoesOn(node);
    Agents.start(site, network.plan(), node);
    Routing routing = new Routing(network);
    assertTrue(
        Exec.await(
            BACK_WITHIN_MS,
            () -> Agents.isListening(site, node.name())
                && Agents.json(site, node.name(), "status").path("ready").asBoolean()
                && routing.missingSessions().isEmpty()
                && routing.wrongRoutes().isEmpty()),
        () -> Agents.lastWords(site, node.name()));
    traffic.join();
    assertEquals(List.of(), network.matrix().wrong());
    assertTrue(
        Exec.await(BACK_WITHIN_MS, () -> kernelOf(node).equals(kernel)),
        () -> kernel + "\nnow\n" + now(node));
    nothingIsThereTwice(node);
  }

  /** What is durable at the node itself is told to peers, whoever else may be missing. */
  @Test
  void aNodeWithoutQuorumTellsItsBlockAndIsReached() throws Exception {
    List<ProcessHandle> agents = new ArrayList<>();
    for (Node node : network.plan().nodes()) {
      agents.add(agentOf(node));
    }
    Node alone = network.plan().nodes().getFirst();
    agents.subList(1, agents.size()).forEach(ProcessHandle::destroyForcibly);
    whatIsThereIsNotKnownWithoutQuorum(alone);
    agents.getFirst().destroyForcibly();
    assertTrue(Exec.await(BACK_WITHIN_MS, () -> agents.stream().noneMatch(ProcessHandle::isAlive)));
    Agents.start(site, network.plan(), alone);
    assertTrue(
        Exec.await(
            BACK_WITHIN_MS, () -> Agents.isListening(site, alone.name()) && tellsEveryPeer(alone)),
        () -> Agents.lastWords(site, alone.name()));
    assertFalse(Agents.json(site, alone.name(), "status").at("/store/quorum").asBoolean());
    for (Cell cell : network.matrix().cells()) {
      if (network.isOn(cell.probe().to(), alone) && cell.probe().from().equals("client")) {
        assertTrue(cell.asExpected(), cell::toString);
      }
    }

    for (Node node : network.plan().nodes().subList(1, agents.size())) {
      Agents.start(site, network.plan(), node);
    }
    Routing routing = new Routing(network);
    assertTrue(
        Exec.await(
            BACK_WITHIN_MS,
            () -> isReady()
                && routing.missingSessions().isEmpty()
                && routing.wrongRoutes().isEmpty()),
        () -> Agents.lastWords(site, alone.name()));
    assertEquals(List.of(), network.matrix().wrong());
  }

  /** The manifest is there unchanged, as far as this member knows; the others may know better. */
  private void whatIsThereIsNotKnownWithoutQuorum(Node alone) throws Exception {
    String file = "lab/examples/frontend-only.yaml";
    Map<String, String> files = Map.of(file, Files.readString(site.home().resolve(file)));
    for (String verb : List.of("apply", "delete")) {
      Agents.Answer answer = Agents.ask(site, alone.name(), verb, Map.of(), files);
      assertEquals(4, answer.status(), answer::out);
      assertTrue(answer.error().contains("members"), answer::error);
    }
  }

  private boolean tellsEveryPeer(Node node) throws LabException {
    int telling = 0;
    for (JsonNode peer : Agents.json(site, node.name(), "peers")) {
      telling += peer.path("prefixesSent").asInt() > 0 ? 1 : 0;
    }
    return telling == node.neighbours().size();
  }

  private boolean isReady() throws LabException {
    for (Node node : network.plan().nodes()) {
      if (!Agents.isListening(site, node.name())
          || !Agents.json(site, node.name(), "status").path("ready").asBoolean()) {
        return false;
      }
    }
    return true;
  }

  /** Without an agent the kernel goes on as it was told: policy too. */
  private void localTrafficGoesOn(Node node) throws LabException {
    for (Cell cell : network.matrix().cells()) {
      if (network.isOn(cell.probe().from(), node) && network.isOn(cell.probe().to(), node)) {
        assertTrue(cell.asExpected(), cell::toString);
      }
    }
  }

  private void nothingIsThereTwice(Node node) throws LabException {
    List<String> endpoints = new ArrayList<>();
    for (JsonNode endpoint : Agents.json(site, node.name(), "endpoints")) {
      endpoints.add(endpoint.at("/addresses/0").asText());
    }
    List<String> given = network.plan().pods().stream()
        .map(network::address)
        .map(IpAddress::toString)
        .toList();
    assertEquals(new TreeSet<>(given), new TreeSet<>(endpoints));
    assertEquals(given.size(), endpoints.size(), endpoints::toString);
  }

  private ProcessHandle agentOf(Node node) throws LabException {
    return Exec.must(List.of("ip", "netns", "pids", site.netns(node.name())))
        .lines()
        .map(pid -> ProcessHandle.of(Long.parseLong(pid)).orElseThrow())
        .filter(p -> p.info().command().orElse("").endsWith("java"))
        .findFirst()
        .orElseThrow();
  }

  /** Links, addresses, routes, neighbours of ours, rules without counters, sets. */
  private String kernelOf(Node node) throws LabException {
    String netns = site.netns(node.name());
    StringBuilder all = new StringBuilder();
    for (String question :
        List.of("-br link", "-br address", "route", "neigh show nud permanent")) {
      List<String> command = new ArrayList<>(List.of("ip", "-n", netns));
      command.addAll(List.of(question.split(" ")));
      all.append(Exec.must(command));
    }
    List<String> rules = new ArrayList<>();
    for (String command : List.of("iptables-save", "ipset save")) {
      List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", netns));
      whole.addAll(List.of(command.split(" ")));
      Exec.must(whole).lines().filter(l -> !l.startsWith("#")).forEach(rules::add);
    }
    rules.replaceAll(rule -> rule.replaceAll("\\[[0-9]+:[0-9]+\\]", ""));
    return all.append(String.join("\n", rules)).toString();
  }

  private String now(Node node) {
    try {
      return kernelOf(node);
    } catch (LabException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
