package dev.catwalk.lab;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.felix.config.ConfigException;
import dev.catwalk.lab.check.Cell;
import dev.catwalk.lab.check.Matrix;
import dev.catwalk.lab.check.Place;
import dev.catwalk.lab.check.Policies;
import dev.catwalk.lab.check.Probe;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.LabState;
import dev.catwalk.lab.shell.Prober;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.topology.Options;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.lab.topology.PlanException;
import dev.catwalk.lab.topology.Planner;
import dev.catwalk.lab.topology.PodManifests;
import dev.catwalk.lab.topology.TopologyFile;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** A lab on its site: its plan, the addresses that its pods were given, the manifests applied. */
final class Network {
  private final Site site;
  private final Plan plan;
  private final Map<String, List<IpAddress>> addresses = new TreeMap<>();
  private final List<String> manifests = new ArrayList<>();

  private Network(Site site, Plan plan) {
    this.site = site;
    this.plan = plan;
  }

  /** Planned, not built. */
  static Network planned(Site site, String topology, Options options) throws LabException {
    Path file = site.home().resolve("lab/topology").resolve(topology + ".yaml");
    try {
      String text = Files.readString(file);
      return new Network(site, Planner.plan(TopologyFile.parse(file.toString(), text), options));
    } catch (IOException e) {
      throw new LabException("cannot read the topology " + file + ": " + e.getMessage(), e);
    } catch (ConfigException | PlanException e) {
      throw new LabException(String.valueOf(e.getMessage()), e);
    }
  }

  /** The one that stands on a site. */
  static Network standing(Site site) throws LabException {
    LabState state = LabState.read(site)
        .orElseThrow(() -> new LabException("no lab is up: './catwalk lab up' builds one"));
    Network network = planned(site, state.topology(), state.options());
    network.addresses.putAll(state.addresses());
    network.manifests.addAll(state.manifests());
    return network;
  }

  Site site() {
    return site;
  }

  Plan plan() {
    return plan;
  }

  /** Remembers a pod's addresses, one of each family of the lab. */
  void placed(Pod pod, List<IpAddress> given) throws LabException {
    addresses.put(pod.fullName(), List.copyOf(given));
    save();
  }

  /** Remembers that a manifest was applied, a path below the checkout. */
  void applied(String manifest) throws LabException {
    manifests.add(manifest);
    save();
  }

  void save() throws LabException {
    new LabState(plan.topology().name(), plan.options(), addresses, manifests).write(site);
  }

  /** Ascending. */
  List<IpAddress> addresses(Pod pod) {
    return Objects.requireNonNull(addresses.get(pod.fullName()), pod.fullName());
  }

  /** Of the lab's only family, or that of IPv4. */
  IpAddress address(Pod pod) {
    return addresses(pod).getFirst();
  }

  /** A dash while it has none. */
  String addressText(Pod pod) {
    List<IpAddress> given = addresses.getOrDefault(pod.fullName(), List.of());
    return given.isEmpty()
        ? "-"
        : String.join(" ", given.stream().map(IpAddress::toString).toList());
  }

  /** Of a pod by its full name, or of the client. */
  IpAddress addressOf(String place, Family family) {
    return places().stream()
        .filter(p -> p.name().equals(place) && p.address().family() == family)
        .findFirst()
        .map(Place::address)
        .orElseThrow();
  }

  /** Whether a place is a pod of that node. */
  boolean isOn(String place, Node node) {
    return plan.pods().stream()
        .anyMatch(p -> p.fullName().equals(place) && p.node().equals(node.name()));
  }

  /** Where the namespace of a source of probes is. */
  String netns(String source) {
    return plan.pods().stream()
        .filter(p -> p.fullName().equals(source))
        .findFirst()
        .map(p -> site.podNetns(p.name()))
        .orElseGet(() -> site.netns(source));
  }

  /** The pods that have an address, and the client: once for each of their addresses. */
  List<Place> places() {
    List<Place> places = new ArrayList<>();
    for (Plan layer : plan.layers()) {
      for (Pod pod : plan.pods()) {
        for (IpAddress address : addresses.getOrDefault(pod.fullName(), List.of())) {
          if (address.family() == layer.family()) {
            places.add(new Place(pod.fullName(), address, pod.port(), pod.otherPorts()));
          }
        }
      }
      layer.client().ifPresent(c -> places.add(new Place(c.name(), c.address(), 0)));
    }
    return places;
  }

  /** Sends every packet of the matrix now. */
  Matrix matrix() throws LabException {
    List<Probe> probes = Matrix.everyPair(places());
    List<String> answers = Prober.send(site, probes, this::netns);
    Policies policies = policies();
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < probes.size(); i++) {
      cells.add(new Cell(probes.get(i), policies.pass(probes.get(i)), answers.get(i)));
    }
    return new Matrix(cells);
  }

  List<String> probe(List<Probe> probes) throws LabException {
    return Prober.send(site, probes, this::netns);
  }

  /** What the topology's and the applied manifests allow. */
  Policies policies() throws LabException {
    List<Policies.Text> texts = new ArrayList<>();
    texts.add(new Policies.Text("the topology's pods", PodManifests.render(plan)));
    for (String manifest : manifests) {
      try {
        texts.add(new Policies.Text(manifest, Files.readString(site.home().resolve(manifest))));
      } catch (IOException e) {
        throw new LabException("cannot read " + manifest + ": " + e, e);
      }
    }
    try {
      return Policies.read(texts, places());
    } catch (IllegalArgumentException e) {
      throw new LabException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Each node's blocks as one node's store has them; a block without an owner is left out. */
  SortedMap<String, List<Prefix>> blocks(Node asked) throws LabException {
    SortedMap<String, List<Prefix>> blocks = new TreeMap<>();
    for (JsonNode block : Agents.json(site, asked.name(), "ipam show").path("blocks")) {
      String node = block.path("node").asText();
      if (!node.isEmpty()) {
        blocks
            .computeIfAbsent(node, k -> new ArrayList<>())
            .add(Prefix.parse(block.path("cidr").asText()));
      }
    }
    return blocks;
  }
}
