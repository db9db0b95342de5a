package dev.catwalk.lab;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.lab.check.Expected;
import dev.catwalk.lab.check.KernelRoute;
import dev.catwalk.lab.check.RouterView;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.Kernel;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Routers;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.topology.Plan;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Router;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Whether sessions and routes are as the plan says; each answer is a list of what is not. */
final class Routing {
  private final Network network;
  private final Site site;
  private final Plan plan;

  Routing(Network network) {
    this.network = network;
    this.site = network.site();
    this.plan = network.plan();
  }

  List<String> missingSessions() throws LabException {
    List<String> missing = new ArrayList<>();
    for (RouterView view : Routers.views(site, plan)) {
      long wanted = plan.layers().stream()
          .flatMap(p -> p.routers().stream())
          .filter(r -> r.name().equals(view.router()))
          .mapToLong(r -> r.neighbours().size())
          .sum();
      long there =
          view.sessions().stream().filter(RouterView.Session::established).count();
      if (there < wanted) {
        missing.add(view.router() + " has " + there + " of " + wanted);
      }
    }
    for (Node node : plan.nodes()) {
      JsonNode bgp = Agents.json(site, node.name(), "status").path("bgp");
      int wanted = plan.topology().bgp().mesh()
          ? plan.nodes().size() - 1
          : plan.layers().stream()
              .mapToInt(p -> p.node(node.name()).neighbours().size())
              .sum();
      if (bgp.path("established").asInt() < wanted) {
        missing.add(node.name() + " has " + bgp.path("established").asInt() + " of " + wanted);
      }
    }
    return missing;
  }

  /** Whether all sessions of one node are up. */
  boolean established(Node node) throws LabException {
    JsonNode bgp = Agents.json(site, node.name(), "status").path("bgp");
    return bgp.path("established").asInt() == node.neighbours().size();
  }

  /** How many ways a router has to a node's blocks, that node itself aside. */
  long detours(Router router, Node to) throws LabException {
    List<Prefix> blocks =
        network.blocks(plan.nodes().getFirst()).getOrDefault(to.name(), List.of());
    String own = Long.toString(to.as());
    return Routers.view(site, router).routes().stream()
        .filter(r -> blocks.contains(r.prefix()) && !r.asPath().equals(own))
        .mapToLong(r -> r.nextHops().size())
        .sum();
  }

  /** What differs from {@link Expected}, a line each. */
  List<String> wrongRoutes() throws LabException {
    List<String> wrong = new ArrayList<>();
    SortedMap<String, List<Prefix>> blocks = network.blocks(plan.nodes().getFirst());
    List<RouterView> views = Routers.views(site, plan);
    for (Plan layer : plan.layers()) {
      for (Node owner : layer.nodes()) {
        List<Prefix> owned = blocks.getOrDefault(owner.name(), List.of()).stream()
            .filter(b -> b.family() == layer.family())
            .toList();
        boolean ofOneAddress = owned.stream().allMatch(Prefix::isHost); // then each pod has one
        if (owned.size() != 1 && !(ofOneAddress && !owned.isEmpty())) {
          wrong.add(owner.name() + " owns " + owned.size() + " blocks of " + layer.family());
        }
        for (Prefix block : owned) {
          wrong(layer, owner, block, views, wrong);
        }
      }
      for (Plan.Client client : layer.client().stream().toList()) {
        for (Node node : layer.nodes()) {
          wrongHops(node, node, client.address().asPrefix(), wrong);
        }
      }
    }
    return wrong;
  }

  private void wrong(
      Plan layer, Node owner, Prefix block, List<RouterView> views, List<String> wrong)
      throws LabException {
    for (Node node : layer.nodes()) {
      if (!node.equals(owner)) {
        wrongHops(node, owner, block, wrong);
      }
    }
    for (int i = 0; i < views.size(); i++) {
      Optional<String> path = Expected.asPath(layer, layer.routers().get(i), owner);
      boolean right = views.get(i).routes().stream()
          .anyMatch(r -> r.best()
              && r.prefix().equals(block)
              && path.filter(r.asPath()::equals).isPresent());
      if (!right) {
        wrong.add(views.get(i).router() + " has not " + block + " by AS path " + path.orElse("?"));
      }
    }
  }

  /** @param owner who has the block, where it is on the same layer 2; else any node */
  private void wrongHops(Node node, Node owner, Prefix block, List<String> wrong)
      throws LabException {
    List<String> wanted = Expected.hops(node, owner);
    List<List<String>> seen = Kernel.routes(site, node.name()).stream()
        .filter(r -> r.to().equals(block))
        .map(KernelRoute::hops)
        .toList();
    if (!seen.equals(List.of(wanted))) {
      wrong.add(node.name() + " has " + block + " by " + seen + ", want " + wanted);
    }
  }
}
