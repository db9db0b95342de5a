package dev.catwalk.lab;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.lab.policy.CaseManifests;
import dev.catwalk.lab.policy.Placement;
import dev.catwalk.lab.policy.Placement.Node;
import dev.catwalk.lab.policy.Placement.Placed;
import dev.catwalk.lab.policy.Placement.PlacedPod;
import dev.catwalk.lab.policy.Placement.Spot;
import dev.catwalk.lab.policy.Placement.UnplayableException;
import dev.catwalk.lab.policy.Played;
import dev.catwalk.lab.policy.PolicyCase;
import dev.catwalk.lab.policy.PolicyCase.Probe;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.CasePods;
import dev.catwalk.lab.shell.CaseSpaces;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.Flows;
import dev.catwalk.lab.shell.Flows.Flow;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Tools;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;

/**
 * Plays policy cases: agents on namespaces that are nodes, pods by CNI, manifests by {@code apply},
 * then a packet for every probe. From case to case only what differs is changed, and the agents run
 * on: so each case is a live change to the one before it, and the states of one run are what they
 * are meant to be.
 */
final class PolicyLab {
  private static final int AGENTS_WITHIN_MS = 60_000;
  private static final int ENFORCED_WITHIN_MS = 20_000;
  private static final int LOOK_AGAIN_MS = 5;

  /** A second and third try show whether an answer was late or never to come, milliseconds. */
  private static final List<Integer> TIMEOUTS_MS = List.of(350, 1_500, 4_000);

  private final Site site;
  private final Placement placement;
  private final CaseSpaces spaces;
  private final CasePods pods;
  private final Flows flows = new Flows();
  private final TreeSet<String> ports = new TreeSet<>();
  private final List<Double> enforcedMs = new ArrayList<>();
  private SortedMap<String, String> applied = new TreeMap<>();

  private PolicyLab(Site site, Placement placement, CaseSpaces spaces) {
    this.site = site;
    this.placement = placement;
    this.spaces = spaces;
    this.pods = new CasePods(site);
  }

  /**
   * Builds the lab for some cases.
   *
   * @param cases all that will be played: every server has every port that is asked for
   */
  static PolicyLab build(Site site, Placement placement, List<PolicyCase> cases)
      throws LabException {
    Tools.cwflow(site);
    PolicyLab lab = new PolicyLab(site, placement, CaseSpaces.build(site, placement));
    for (PolicyCase one : cases) {
      one.probes()
          .forEach(p -> lab.ports.add(p.protocol().toLowerCase(Locale.ROOT) + "/" + p.port()));
    }
    List<Callable<Void>> tasks = new ArrayList<>();
    for (Node node : placement.nodes()) {
      tasks.add(() -> {
        lab.await(node, lab.spaces.startAgent(node));
        return null;
      });
    }
    Exec.all(tasks);
    for (String host : hosts(placement)) {
      Flows.serve(site, site.netns(host), lab.ports);
    }
    return lab;
  }

  private static List<String> hosts(Placement placement) {
    List<String> hosts = new ArrayList<>(List.of(Placement.OUTSIDE));
    placement.nodes().forEach(n -> hosts.add(n.name()));
    return hosts;
  }

  private void await(Node node, Process agent) throws LabException {
    boolean ready = Exec.await(AGENTS_WITHIN_MS, () -> {
      if (!agent.isAlive()) {
        throw new LabException("the agent of " + node.name() + " ended with status "
            + agent.exitValue() + "; " + Agents.lastWords(site, node.name()));
      }
      return Agents.isListening(site, node.name())
          && Agents.json(site, node.name(), "status").path("ready").asBoolean();
    });
    if (!ready) {
      throw new LabException("the agent of " + node.name() + " is not ready after "
          + AGENTS_WITHIN_MS / 1000 + " s; " + Agents.lastWords(site, node.name()));
    }
  }

  /**
   * A case that was played.
   *
   * @param notes what was changed to make it possible
   */
  record Act(List<Played> played, List<String> notes) {
    Act {
      played = List.copyOf(played);
      notes = List.copyOf(notes);
    }
  }

  /**
   * Plays a case.
   *
   * @throws UnplayableException if this lab cannot; nothing has been changed then
   */
  Act play(PolicyCase one) throws LabException, UnplayableException {
    Placed placed = placement.place(one);
    SortedMap<String, String> wanted;
    try {
      wanted = CaseManifests.of(one, placed.nodesOf());
    } catch (IllegalArgumentException e) {
      throw new UnplayableException(String.valueOf(e.getMessage()), e);
    }
    spaces.hold(hostAddresses(placed));
    boolean removed = removePods(placed);
    long begun = System.nanoTime();
    long revision = apply(wanted);
    if (addPods(placed) || removed) {
      awaitEnforced(awaitPods());
    } else {
      awaitEnforced(revision);
      if (revision > 0) {
        enforcedMs.add((System.nanoTime() - begun) / 1e6);
      }
    }
    return new Act(probe(one, placed), placed.notes());
  }

  /** How long it took from each apply until all nodes enforced it, milliseconds, least first. */
  List<Double> enforcedMs() {
    return enforcedMs.stream().sorted().toList();
  }

  private static TreeMap<IpAddress, String> hostAddresses(Placed placed) {
    TreeMap<IpAddress, String> addresses = new TreeMap<>();
    for (Spot spot : placed.spots().values()) {
      if (spot.pod().isEmpty()) {
        addresses.put(spot.address(), spot.space());
      }
    }
    return addresses;
  }

  private static boolean same(PlacedPod one, PlacedPod other) {
    return one.pod().fullName().equals(other.pod().fullName())
        && one.address().equals(other.address())
        && one.node().equals(other.node())
        && one.pod().finished() == other.pod().finished();
  }

  /** One that has a finished pod's address comes after that one, so it goes first. */
  private boolean removePods(Placed placed) throws LabException {
    List<Callable<Void>> tasks = new ArrayList<>();
    pods.pods().forEach((name, pod) -> {
      if (placed.pods().stream().noneMatch(p -> same(p, pod))
          || placed.pods().stream().anyMatch(p -> inherits(pod, p))) {
        tasks.add(() -> {
          pods.detach(name);
          return null;
        });
      }
    });
    Exec.all(tasks);
    return !tasks.isEmpty();
  }

  /** Whether a pod has the address that another one had before it finished. */
  private static boolean inherits(PlacedPod pod, PlacedPod finished) {
    return !pod.pod().finished()
        && finished.pod().finished()
        && pod.address().equals(finished.address());
  }

  /** A finished pod whose address another one has was there before and is gone. */
  private boolean addPods(Placed placed) throws LabException {
    boolean inherited = false;
    List<Callable<Void>> tasks = new ArrayList<>();
    for (PlacedPod pod : placed.pods()) {
      PlacedPod there = pods.pods().get(pod.pod().fullName());
      if (there == null && placed.pods().stream().anyMatch(p -> inherits(p, pod))) {
        pods.attach(pod, ports);
        pods.detach(pod.pod().fullName());
        inherited = true;
      } else if (there == null) {
        tasks.add(() -> {
          pods.attach(pod, ports);
          return null;
        });
      }
    }
    Exec.all(tasks);
    return inherited || !tasks.isEmpty();
  }

  /** The revision of the store that has it all; 0 where nothing had to be changed. */
  private long apply(SortedMap<String, String> wanted) throws LabException {
    SortedMap<String, String> gone = new TreeMap<>(applied);
    gone.keySet().removeAll(wanted.keySet());
    SortedMap<String, String> changed = new TreeMap<>(wanted);
    applied.forEach((key, text) -> {
      if (text.equals(changed.get(key))) {
        changed.remove(key);
      }
    });
    long revision = Math.max(ask("apply", changed), ask("delete", gone));
    applied = wanted;
    return revision;
  }

  private long ask(String verb, SortedMap<String, String> manifests) throws LabException {
    if (manifests.isEmpty()) {
      return 0;
    }
    String node = placement.nodes().getFirst().name();
    String text = String.join("\n---\n", manifests.values());
    return Agents.json(site, node, verb, Map.of("case.yaml", text))
        .path("revision")
        .asLong();
  }

  /** Until every node knows every pod; a revision of the store that has them all. */
  private long awaitPods() throws LabException {
    TreeSet<String> all = new TreeSet<>();
    pods.pods().forEach((name, pod) -> all.add(name + " " + pod.address() + " " + pod.node()));
    long revision = 0;
    for (Node node : placement.nodes()) {
      within(node, "know the pods " + all, () -> known(node).equals(all));
      revision = Math.max(revision, status(node).at("/store/revision").asLong());
    }
    return revision;
  }

  /** Until every node's kernel holds what the store held at a revision. */
  private void awaitEnforced(long revision) throws LabException {
    for (Node node : placement.nodes()) {
      within(
          node,
          "enforce revision " + revision,
          () -> status(node).at("/dataplane/storeRevision").asLong() >= revision);
    }
  }

  private void within(Node node, String what, Exec.Condition condition) throws LabException {
    if (!Exec.await(ENFORCED_WITHIN_MS, LOOK_AGAIN_MS, condition)) {
      throw new LabException(node.name() + " does not " + what + " after "
          + ENFORCED_WITHIN_MS / 1000 + " s: " + status(node));
    }
  }

  private JsonNode status(Node node) throws LabException {
    return Agents.json(site, node.name(), "status");
  }

  private TreeSet<String> known(Node node) throws LabException {
    TreeSet<String> known = new TreeSet<>();
    for (JsonNode endpoint : Agents.json(site, node.name(), "endpoints")) {
      String name =
          endpoint.path("namespace").asText() + "/" + endpoint.path("name").asText();
      PlacedPod pod = pods.pods().get(name);
      String address = pod == null ? "" : pod.address().toString();
      boolean has = endpoint.path("addresses").toString().contains("\"" + address + "\"");
      known.add(name + " " + (has ? address : "?") + " " + endpoint.path("node").asText());
    }
    return known;
  }

  /** What did not pass and should have, or of which nobody says what it should, is tried again. */
  private List<Played> probe(PolicyCase one, Placed placed) throws LabException {
    List<Optional<Played>> played = new ArrayList<>();
    one.probes().forEach(p -> played.add(Optional.empty()));
    for (int timeoutMs : TIMEOUTS_MS) {
      List<Integer> open = new ArrayList<>();
      for (int i = 0; i < played.size(); i++) {
        if (played.get(i).map(Played::mayBeLate).orElse(true)) {
          open.add(i);
        }
      }
      if (open.isEmpty()) {
        break;
      }
      List<Flow> batch =
          open.stream().map(i -> flow(one.probes().get(i), placed)).toList();
      List<String> answers = flows.send(site, batch, timeoutMs);
      for (int i = 0; i < open.size(); i++) {
        int index = open.get(i);
        int attempt = played.get(index).map(Played::attempts).orElse(0) + 1;
        played.set(
            index, Optional.of(Played.of(one, one.probes().get(index), answers.get(i), attempt)));
      }
    }
    return played.stream().map(Optional::orElseThrow).toList();
  }

  private Flow flow(Probe probe, Placed placed) {
    Spot from = Objects.requireNonNull(placed.spots().get(probe.from()), probe.from());
    Spot to = Objects.requireNonNull(placed.spots().get(probe.to()), probe.to());
    String netns = from.pod().isEmpty()
        ? site.netns(from.space())
        : pods.netns(Objects.requireNonNull(pods.pods().get(from.pod()), from.pod()));
    return new Flow(netns, probe.protocol(), from.address(), to.address(), probe.port());
  }
}
