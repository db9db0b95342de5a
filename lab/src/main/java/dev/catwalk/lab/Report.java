package dev.catwalk.lab;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.lab.check.KernelRoute;
import dev.catwalk.lab.check.RouterView;
import dev.catwalk.lab.check.RouterView.Learned;
import dev.catwalk.lab.check.Table;
import dev.catwalk.lab.shell.Agents;
import dev.catwalk.lab.shell.Kernel;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Routers;
import dev.catwalk.lab.topology.Plan.Node;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.SortedMap;

/** What stands in a lab, as text. */
final class Report {
  private Report() {}

  static String nodes(Network network) throws LabException {
    Table table =
        new Table("NODE", "AS", "ADDRESS", "BLOCK", "STORE", "REVISION", "SESSIONS", "PODS");
    SortedMap<String, List<Prefix>> blocks =
        network.blocks(network.plan().nodes().getFirst());
    for (Node node : network.plan().nodes()) {
      JsonNode status = Agents.json(network.site(), node.name(), "status");
      List<String> pods = network.plan().pods().stream()
          .filter(p -> p.node().equals(node.name()))
          .map(p -> p.name() + " " + network.address(p))
          .toList();
      table.row(
          node.name(),
          Long.toString(node.as()),
          node.address().toString(),
          String.join(
              ",",
              blocks.getOrDefault(node.name(), List.of()).stream()
                  .map(Prefix::toString)
                  .toList()),
          status.at("/store/role").asText(),
          status.at("/store/revision").asText(),
          status.at("/bgp/established").asText() + "/"
              + status.at("/bgp/configured").asText(),
          String.join(", ", pods));
    }
    return table.text();
  }

  static String routers(Network network) throws LabException {
    StringBuilder out = new StringBuilder();
    for (RouterView view : Routers.views(network.site(), network.plan())) {
      long established =
          view.sessions().stream().filter(RouterView.Session::established).count();
      out.append(view.router()).append(": ").append(established).append(" of ");
      out.append(view.sessions().size()).append(" sessions established\n");
      Table table = new Table("PREFIX", "NEXT HOP", "AS PATH", "");
      for (Learned route : view.routes()) {
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

  /** The routes to blocks and whatever else is not of the machine's owner. */
  static String kernel(Network network, Node node) throws LabException {
    Table table = new Table("ROUTE", "TYPE", "PROTOCOL", "BY");
    for (KernelRoute route : Kernel.routes(network.site(), node.name())) {
      if (network.plan().pool().cidr().contains(route.to())) {
        table.row(
            route.to().toString(), route.type(), route.protocol(), String.join(", ", route.hops()));
      }
    }
    return table.text();
  }
}
