package dev.catwalk.lab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.lab.check.Cell;
import dev.catwalk.lab.check.KernelRoute;
import dev.catwalk.lab.check.Matrix;
import dev.catwalk.lab.check.RouterView;
import dev.catwalk.lab.check.Table;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.Kernel;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Routers;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.lab.topology.Plan.Router;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What stands in a lab now, read from its parts, with a whole matrix of packets sent. An agent or
 * router that does not answer is part of the answer.
 */
final class Status {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Network network;
  private final List<RouterView> views = new ArrayList<>();
  private final SortedMap<String, JsonNode> agents = new TreeMap<>();
  private final SortedMap<String, String> silent = new TreeMap<>();
  private final SortedMap<String, List<Prefix>> blocks;

  private Status(Network network) throws LabException {
    this.network = network;
    for (Router router : network.plan().routers()) {
      try {
        views.add(Routers.view(network.site(), router));
      } catch (LabException e) {
        silent.put(router.name(), String.valueOf(e.getMessage()));
      }
    }
    Optional<Node> answering = Optional.empty();
    for (Node node : network.plan().nodes()) {
      try {
        agents.put(node.name(), Agents.json(network.site(), node.name(), "status"));
        answering = Optional.of(node);
      } catch (LabException e) {
        silent.put(node.name(), String.valueOf(e.getMessage()));
      }
    }
    this.blocks = answering.isPresent() ? network.blocks(answering.get()) : new TreeMap<>();
  }

  static Status of(Network network) throws LabException {
    return new Status(network);
  }

  /** Who does not answer, and why, a line each; empty if all do. */
  String silent() {
    StringBuilder out = new StringBuilder();
    silent.forEach((name, why) -> out.append(name).append(": ").append(why).append('\n'));
    return out.toString();
  }

  /** Whether every router and agent answers, and every agent says that it is ready. */
  boolean ready() {
    return silent.isEmpty()
        && agents.values().stream().allMatch(a -> a.path("ready").asBoolean());
  }

  private String blocksOf(Node node) {
    List<Prefix> owned = blocks.getOrDefault(node.name(), List.of());
    return String.join(" ", owned.stream().map(Prefix::toString).toList());
  }

  private List<String> addressesOf(Node node) {
    return network.plan().layers().stream()
        .map(p -> p.node(node.name()).address().toString())
        .toList();
  }

  String nodes() {
    Table table =
        new Table("NODE", "AS", "ADDRESS", "BLOCK", "STORE", "REVISION", "SESSIONS", "PODS");
    for (Node node : network.plan().nodes()) {
      List<String> pods = network.plan().pods().stream()
          .filter(p -> p.node().equals(node.name()))
          .map(p -> p.name() + " " + network.addressText(p))
          .toList();
      JsonNode status = agents.get(node.name());
      table.row(
          node.name(),
          Long.toString(node.as()),
          String.join(" ", addressesOf(node)),
          blocksOf(node),
          status == null ? "no agent" : status.at("/store/role").asText(),
          status == null ? "" : status.at("/store/revision").asText(),
          status == null
              ? ""
              : status.at("/bgp/established").asText() + "/"
                  + status.at("/bgp/configured").asText(),
          String.join(", ", pods));
    }
    return table.text();
  }

  String routers() {
    StringBuilder out = new StringBuilder();
    for (RouterView view : views) {
      long established =
          view.sessions().stream().filter(RouterView.Session::established).count();
      out.append(view.router()).append(": ").append(established).append(" of ");
      out.append(view.sessions().size()).append(" sessions established\n");
      Table table = new Table("PREFIX", "NEXT HOP", "AS PATH", "");
      List<RouterView.Learned> sorted = view.routes().stream()
          .sorted(Comparator.comparing(RouterView.Learned::prefix)
              .thenComparing(r -> !r.best())
              .thenComparing(RouterView.Learned::asPath))
          .toList();
      for (RouterView.Learned route : sorted) {
        table.row(
            route.prefix().toString(),
            String.join(",", route.nextHops()),
            route.asPath(),
            route.best() ? "best" : "");
      }
      out.append(table.text().indent(2));
    }
    return out.toString();
  }

  /** A node's routes of the pool, as its kernel has them. */
  String kernel(Node node) throws LabException {
    Table table = new Table("ROUTE", "TYPE", "PROTOCOL", "BY");
    for (KernelRoute route : Kernel.routes(network.site(), node.name())) {
      if (network.plan().layers().stream().anyMatch(p -> p.pool().cidr().contains(route.to()))) {
        table.row(
            route.to().toString(), route.type(), route.protocol(), String.join(", ", route.hops()));
      }
    }
    return table.text();
  }

  /** With the members of {@code docs/contracts.md}. */
  ObjectNode json(Matrix matrix) {
    ObjectNode json = JSON.objectNode();
    ArrayNode nodes = json.putArray("nodes");
    ArrayNode sessions = json.putArray("sessions");
    for (Node node : network.plan().nodes()) {
      ObjectNode one = nodes.addObject();
      one.put("name", node.name());
      one.put("as", node.as());
      one.put("address", node.address().toString());
      addressesOf(node).forEach(one.putArray("addresses")::add);
      ArrayNode owned = one.putArray("blocks");
      blocks.getOrDefault(node.name(), List.of()).forEach(b -> owned.add(b.toString()));
      JsonNode status = agents.get(node.name());
      one.set("status", status == null ? JSON.nullNode() : status);
      one.put("problem", silent.getOrDefault(node.name(), ""));
    }
    ArrayNode torRoutes = json.putArray("torRoutes");
    for (RouterView view : views) {
      for (RouterView.Session session : view.sessions()) {
        sessions
            .addObject()
            .put("router", view.router())
            .put("neighbour", session.neighbour())
            .put("state", session.state());
      }
      for (RouterView.Learned route : view.routes()) {
        ObjectNode one = torRoutes.addObject();
        one.put("router", view.router());
        one.put("prefix", route.prefix().toString());
        ArrayNode hops = one.putArray("nextHops");
        route.nextHops().forEach(hops::add);
        one.put("asPath", route.asPath());
        one.put("best", route.best());
      }
    }
    ArrayNode cells = json.putArray("matrix");
    for (Cell cell : matrix.cells()) {
      cells
          .addObject()
          .put("from", cell.probe().from())
          .put("to", cell.probe().to())
          .put("family", cell.probe().address().isV4() ? 4 : 6)
          .put("protocol", cell.probe().protocol().toString())
          .put("port", cell.probe().port())
          .put("expected", cell.expected())
          .put("seen", cell.seen());
    }
    return json;
  }
}
