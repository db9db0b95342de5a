package dev.catwalk.felix.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.speaker.PeerTotals;
import dev.catwalk.bgp.speaker.RouteView;
import dev.catwalk.felix.kernel.KernelStatus;
import dev.catwalk.felix.kernel.Repairs;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Endpoint;
import dev.catwalk.felix.model.Enforced;
import dev.catwalk.felix.model.NodeInfo;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.raftstore.store.StoreStatus;
import java.util.List;
import java.util.Locale;

/** Values as the JSON that {@code docs/contracts.md} promises. */
final class Views {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private Views() {}

  /** The {@code store} member of {@code status}. */
  static ObjectNode store(StoreStatus status) {
    ObjectNode json = JSON.objectNode();
    json.put("role", status.role().name().toLowerCase(Locale.ROOT));
    json.put("leader", status.leader());
    ArrayNode members = json.putArray("members");
    status.members().forEach(members::add);
    json.put("revision", status.revision());
    json.put("stateHash", status.stateHash());
    return json.put("quorum", status.quorum()).put("transport", status.transport());
  }

  /** The {@code bgp} member of {@code status}. */
  static ObjectNode bgp(PeerTotals peers) {
    return JSON.objectNode()
        .put("established", peers.established())
        .put("configured", peers.peers())
        .put("routesIn", peers.routesIn())
        .put("routesOut", peers.routesOut());
  }

  /**
   * The {@code dataplane} member of {@code status}.
   *
   * @param enforced the store's revision that the kernel enforces
   */
  static ObjectNode dataplane(KernelStatus status, long enforced) {
    ObjectNode json = JSON.objectNode();
    json.put("backend", status.backend());
    json.put("backendReason", status.backendReason());
    json.put("guard", status.guard());
    json.put("revision", status.revision());
    json.put("storeRevision", enforced);
    json.put("inSync", status.inSync());
    ArrayNode errors = json.putArray("lastErrors");
    status.lastErrors().forEach(errors::add);
    json.put("routes", status.routesInstalled());
    json.put("routeWrites", status.routeWrites()).put("ruleWrites", status.ruleWrites());
    Repairs repairs = status.repairs();
    json.putObject("repairs")
        .put("routes", repairs.routes())
        .put("links", repairs.links())
        .put("sysctls", repairs.sysctls())
        .put("rules", repairs.rules())
        .put("sets", repairs.sets());
    return json;
  }

  static ArrayNode problems(List<Problem> problems) {
    ArrayNode json = JSON.arrayNode();
    problems.forEach(p -> json.addObject().put("what", p.what()).put("remedy", p.remedy()));
    return json;
  }

  static ArrayNode nodes(ClusterState cluster) {
    ArrayNode json = JSON.arrayNode();
    for (NodeInfo node : cluster.nodes().values()) {
      ObjectNode one = json.addObject();
      one.put("name", node.name());
      ArrayNode addresses = one.putArray("addresses");
      node.addresses().forEach(a -> addresses.add(a.toString()));
      if (node.as() == 0) {
        one.putNull("as");
      } else {
        one.put("as", node.as());
      }
      one.put("epoch", NodeEpoch.epochText(node.epoch()));
      one.put("version", node.version());
      Enforced said = cluster.enforced().get(node.name());
      one.put("enforced", said == null ? 0 : said.revision());
      ArrayNode blocks = one.putArray("blocks");
      cluster
          .ipam()
          .blocksOf(new NodeEpoch(node.name(), node.epoch()))
          .forEach(b -> blocks.add(b.cidr().toString()));
      ObjectNode labels = one.putObject("labels");
      node.labels().forEach(labels::put);
    }
    return json;
  }

  /**
   * One endpoint.
   *
   * @param state {@code ready}, or what it waits for
   */
  static ObjectNode endpoint(Endpoint endpoint, String state, List<String> policies) {
    ObjectNode json = JSON.objectNode();
    json.put("namespace", endpoint.namespace());
    json.put("name", endpoint.pod());
    ArrayNode addresses = json.putArray("addresses");
    endpoint.addresses().forEach(a -> addresses.add(a.toString()));
    json.put("interface", endpoint.hostInterface());
    json.put("node", endpoint.node());
    json.put("state", state);
    ArrayNode names = json.putArray("policies");
    policies.forEach(names::add);
    ObjectNode labels = json.putObject("labels");
    endpoint.labels().forEach(labels::put);
    return json.put("containerId", endpoint.containerId());
  }

  static ArrayNode routes(List<RouteView> routes) {
    ArrayNode json = JSON.arrayNode();
    for (RouteView route : routes) {
      ObjectNode one = json.addObject();
      one.put("prefix", route.prefix());
      one.put("best", route.best());
      ArrayNode paths = one.putArray("paths");
      for (RouteView.PathView path : route.paths()) {
        ObjectNode p = paths.addObject();
        p.put("peer", path.peer());
        p.put("nextHop", path.nextHop());
        p.put("asPath", path.asPath());
        p.put("localPref", path.localPref());
        p.put("med", path.med());
        p.put("origin", path.origin());
        ArrayNode communities = p.putArray("communities");
        path.communities().forEach(communities::add);
        p.put("best", path.best());
        p.put("why", path.why());
        p.put("installed", path.installed());
      }
    }
    return json;
  }

  /** One line for each path: what {@code routes} shows as a table. */
  static ArrayNode pathRows(JsonNode routes) {
    ArrayNode rows = JSON.arrayNode();
    for (JsonNode route : routes) {
      for (JsonNode path : route.path("paths")) {
        ObjectNode row = rows.addObject();
        row.put("prefix", route.path("prefix").asText());
        row.put(
            "mark",
            path.path("best").asBoolean()
                ? "best"
                : path.path("installed").asBoolean() ? "used" : "");
        row.setAll((ObjectNode) path.deepCopy());
      }
    }
    return rows;
  }
}
