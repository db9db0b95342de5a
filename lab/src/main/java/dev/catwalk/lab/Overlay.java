package dev.catwalk.lab;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.lab.check.Check;
import dev.catwalk.lab.check.Flow;
import dev.catwalk.lab.check.Place;
import dev.catwalk.lab.check.Tally;
import dev.catwalk.lab.shell.Addresses;
import dev.catwalk.lab.shell.AgentProcess;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Streams;
import dev.catwalk.lab.shell.Verbs;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Pod;
import dev.catwalk.net.addr.Prefix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The steps of {@code overlay}: one subnet on two hosts, a network that is made on one and known to
 * the other, containers that live on while an agent is killed and started again, and addresses that
 * one host lends to the other and that move with their containers.
 */
final class Overlay {
  private static final int LISTED_WITHIN_MS = 10_000;
  private static final int RATE = 400;
  private static final long LEAD_MS = 1_000;
  private static final long AWAY_MS = 1_000;

  private static final String FURTHER = """
      apiVersion: projectcalico.org/v3
      kind: IPPool
      metadata: {name: further}
      spec: {cidr: 10.0.1.0/24, blockSize: 32, nodeSelector: "has(further)"}
      """;

  private final Up up;
  private final Network network;
  private final Site site;
  private final Plan plan;
  private final Progress progress;

  Overlay(Up up, Network network, Progress progress) {
    this.up = up;
    this.network = network;
    this.site = network.site();
    this.plan = network.plan();
    this.progress = progress;
  }

  void run() throws LabException {
    up.build();
    up.look();
    oneSubnet();
    up.matrix("who reaches whom", Optional.empty());
    madeHereListedThere();
    for (Node node : plan.nodes()) {
      killed(node);
    }
    up.matrix("who reaches whom afterwards", Optional.empty());
    new Sharing(network, progress).run();
    nothingDiffers();
  }

  /** Each address is the block of its holder, and all are of the one pool. */
  private void oneSubnet() throws LabException {
    for (Pod pod : plan.pods()) {
      Prefix route = network.address(pod).asPrefix();
      boolean own = network
          .blocks(plan.nodes().getFirst())
          .getOrDefault(pod.node(), List.of())
          .contains(route);
      progress.check(new Check(
          pod.fullName() + " has an address of the subnet, which " + pod.node() + " tells as "
              + route,
          own && plan.pool().cidr().contains(route),
          network.addressText(pod)));
    }
  }

  private void madeHereListedThere() throws LabException {
    Node here = plan.nodes().getFirst();
    Node there = plan.nodes().getLast();
    progress.step("a pool is made on " + here.name(), () -> {
      Path file = site.write(site.state().resolve("further.yaml"), FURTHER);
      Verbs.must(site, here.name(), "apply", "-f", file.toString());
      boolean listed = Exec.await(LISTED_WITHIN_MS, () -> pools(there).contains("further"));
      progress.check(new Check(
          "the pool that was made on " + here.name() + " is listed on " + there.name(),
          listed,
          String.valueOf(pools(there))));
      return "and listed on " + there.name();
    });
  }

  private List<String> pools(Node node) throws LabException {
    List<String> names = new ArrayList<>();
    for (JsonNode pool : Agents.json(site, node.name(), "ipam show").path("pools")) {
      names.add(pool.path("name").asText());
    }
    return names;
  }

  /** Packets go on between all pods while a node has no agent, and while it gets one again. */
  private void killed(Node node) throws LabException {
    progress.step("the agent of " + node.name() + " is killed", () -> {
      List<Flow> flows = new ArrayList<>();
      for (Place from : network.places()) {
        for (Place to : network.places()) {
          if (!from.equals(to)) {
            flows.add(new Flow(flows.size(), from.name(), to.name(), to.address(), true));
          }
        }
      }
      try (Streams streams = Streams.start(site, flows, RATE, network::netns)) {
        Exec.pause(LEAD_MS);
        AgentProcess.must(site, node.name()).kill();
        Exec.pause(AWAY_MS);
        up.agents(plan, List.of(node));
        Exec.pause(LEAD_MS);
        Tally tally = streams.end();
        progress.check(new Check(
            "no packet is lost while the agent of " + node.name() + " is away",
            tally.lost() == 0 && tally.duplicates() == 0 && tally.sent() > 0,
            tally.toString()));
        return tally.toString();
      }
    });
  }

  private void nothingDiffers() throws LabException {
    for (Node node : plan.nodes()) {
      Exec.await(
          LISTED_WITHIN_MS, () -> Addresses.differences(site, node.name()).isEmpty());
      List<Addresses.Difference> left = Addresses.differences(site, node.name());
      progress.check(new Check(
          "on " + node.name() + " store, disk, pods and kernel agree about every address",
          left.isEmpty(),
          left.toString()));
    }
  }
}
