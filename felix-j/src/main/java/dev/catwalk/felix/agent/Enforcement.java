package dev.catwalk.felix.agent;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.felix.model.Enforced;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Which nodes enforce a revision of the store, as each of them said in the store after its kernel
 * had taken it.
 *
 * @param by their names
 * @param missing those of the others
 */
record Enforcement(long revision, List<String> by, List<Behind> missing) {
  private static final long LOOK_AGAIN_MS = 10;

  /** A node that is not there yet, and what it enforces. */
  record Behind(String node, long revision) {}

  Enforcement {
    by = List.copyOf(by);
    missing = List.copyOf(missing);
  }

  /** How it is in that state. */
  static Enforcement of(ClusterState cluster, long revision) {
    List<String> by = new ArrayList<>();
    List<Behind> missing = new ArrayList<>();
    for (String node : cluster.nodes().keys()) {
      Enforced said = cluster.enforced().get(node);
      long reached = said == null ? 0 : said.revision();
      if (reached >= revision) {
        by.add(node);
      } else {
        missing.add(new Behind(node, reached));
      }
    }
    return new Enforcement(revision, by, missing);
  }

  /** Waits until all do, at most that long; says how it is then. */
  static Enforcement await(AgentLoop loop, long revision, long atMostMs)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(atMostMs);
    while (true) {
      ClusterState cluster = loop.view().cluster();
      Enforcement now = of(cluster, revision);
      boolean done = cluster.revision() >= revision && now.missing.isEmpty();
      if (done || System.nanoTime() - end >= 0) {
        return now;
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MS);
    }
  }

  /** Adds it to an answer's JSON. */
  void into(ObjectNode json) {
    ObjectNode enforced = json.putObject("enforced");
    ArrayNode names = enforced.putArray("by");
    by.forEach(names::add);
    ArrayNode others = enforced.putArray("missing");
    missing.forEach(b -> others.addObject().put("node", b.node()).put("revision", b.revision()));
  }

  /** A line for people, empty where nobody enforces it yet. */
  String line() {
    return by.isEmpty()
        ? ""
        : "revision " + revision + " is enforced by " + String.join(", ", by) + "\n";
  }

  /** What is to be said of those that are missing. */
  String complaint() {
    List<String> names = new ArrayList<>();
    missing.forEach(
        b -> names.add(b.node() + (b.revision() == 0 ? "" : " (has " + b.revision() + ")")));
    return "catwalk: revision " + revision + " is not enforced as yet by "
        + String.join(", ", names)
        + ": is the agent there running, and what does its 'catwalk status' say?";
  }
}
