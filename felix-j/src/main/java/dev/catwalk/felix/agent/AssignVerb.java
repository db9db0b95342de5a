package dev.catwalk.felix.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.catwalk.felix.agent.Answer.Question;
import dev.catwalk.felix.calc.AddressPlan;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.NodeInfo;
import dev.catwalk.ipam.machine.Command;
import dev.catwalk.ipam.machine.Command.AssignAddress;
import dev.catwalk.ipam.machine.Command.UnassignAddress;
import dev.catwalk.ipam.machine.Outcome;
import dev.catwalk.ipam.machine.Outcome.Assigned;
import dev.catwalk.ipam.machine.Outcome.Refused;
import dev.catwalk.ipam.machine.Outcome.Unassigned;
import dev.catwalk.ipam.model.Assignee;
import dev.catwalk.ipam.model.Assignee.Use;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Gives services, and nodes for themselves, addresses of the pools that are for them, and takes them
 * back: {@code ipam assign}, {@code ipam release --service}.
 */
final class AssignVerb {
  /** Asks the store; how long that may take is the caller's. */
  @FunctionalInterface
  interface Asked {
    Outcome of(Command command) throws InterruptedException, ExecutionException, TimeoutException;
  }

  private AssignVerb() {}

  /** Whether a question is about what is no pod. */
  static boolean isMeant(Question q) {
    return !q.argument("service").isEmpty() || !q.argument("host").isEmpty();
  }

  static Answer assign(Question q, ClusterState cluster, Asked store)
      throws InterruptedException, ExecutionException, TimeoutException {
    Optional<IpAddress> wanted = IpAddress.tryParse(q.argument("ip"));
    if (!isMeant(q) || wanted.isEmpty() && !q.argument("ip").isEmpty()) {
      return usage(
          isMeant(q)
              ? "'" + q.argument("ip") + "' is not an IP address"
              : "want --service NAMESPACE/NAME or --host NODE");
    }
    ArrayNode given = JsonNodeFactory.instance.arrayNode();
    String why = "";
    for (Family family : families(q, wanted.orElse(null))) {
      Assignee to;
      try {
        to = assignee(q, family);
      } catch (IllegalArgumentException e) {
        return usage(String.valueOf(e.getMessage()));
      }
      if (to.use() == Use.NODE && !cluster.ipam().nodes().containsKey(to.name())) {
        return Answer.refused("there is no node " + to.name() + ": catwalk nodes names all");
      }
      AddressPlan plan = plan(cluster, to);
      AddressPlan.Choice pools = plan.forUse(to.use().word(), family, pools(q));
      if (pools.names().isEmpty()) {
        why = pools.why();
        continue;
      }
      Command command = new AssignAddress(
          to, pools.names(), plan.reserved(), wanted.orElse(null), System.currentTimeMillis());
      switch (store.of(command)) {
        case Assigned assigned ->
          given
              .addObject()
              .put("use", to.use().word())
              .put("name", to.toString().substring(to.toString().indexOf(' ') + 1))
              .put("address", assigned.ip().toString())
              .put("pool", assigned.pool());
        case Refused refused -> {
          return Answer.refused(refused.what());
        }
        default -> throw new IllegalStateException("no answer to this");
      }
    }
    return given.isEmpty()
        ? Answer.refused(why + ": apply an IPPool that has it in its allowedUses")
        : Render.as(
            q.format(),
            given,
            Render.table(given, "USE=use", "NAME=name", "ADDRESS=address", "POOL=pool"));
  }

  /** Of both families, as far as there are any. */
  static Answer release(Question q, Asked store)
      throws InterruptedException, ExecutionException, TimeoutException {
    StringBuilder out = new StringBuilder();
    String why = "";
    for (Family family : families(q, null)) {
      try {
        switch (store.of(new UnassignAddress(assignee(q, family)))) {
          case Unassigned gone ->
            out.append("released ")
                .append(gone.ip())
                .append(" of ")
                .append(gone.from())
                .append('\n');
          case Refused refused -> why = refused.what();
          default -> throw new IllegalStateException("no answer to this");
        }
      } catch (IllegalArgumentException e) {
        return usage(String.valueOf(e.getMessage()));
      }
    }
    return out.isEmpty() ? new Answer(Answer.NO, "", "catwalk: " + why) : Answer.ok(out.toString());
  }

  private static Answer usage(String what) {
    return new Answer(Answer.USAGE, "", "catwalk: " + what);
  }

  private static List<Family> families(Question q, @Nullable IpAddress wanted) {
    if (wanted != null) {
      return List.of(wanted.family());
    }
    return switch (q.argument("family")) {
      case "4" -> List.of(Family.IPV4);
      case "6" -> List.of(Family.IPV6);
      default -> List.of(Family.values());
    };
  }

  private static Assignee assignee(Question q, Family family) {
    String service = q.argument("service");
    if (service.isEmpty()) {
      return new Assignee(Use.NODE, "", q.argument("host"), family);
    }
    int slash = service.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("want NAMESPACE/NAME, not '" + service + "'");
    }
    return new Assignee(
        Use.SERVICE, service.substring(0, slash), service.substring(slash + 1), family);
  }

  private static List<String> pools(Question q) {
    List<String> named = new ArrayList<>(List.of(q.argument("pools").split(",", -1)));
    named.removeIf(String::isEmpty);
    return named;
  }

  /** A service is on no node: only a pool that selects whichever there is serves it unasked. */
  private static AddressPlan plan(ClusterState cluster, Assignee to) {
    NodeInfo node = to.use() == Use.NODE ? cluster.nodes().get(to.name()) : null;
    return new AddressPlan(
        cluster,
        to.use() == Use.NODE ? to.name() : "",
        node == null ? Collections.emptySortedMap() : node.labels());
  }
}
