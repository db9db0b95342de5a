package dev.catwalk.felix.agent;

import dev.catwalk.felix.calc.NodePlanner.Plan;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.ipam.model.Handle;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the loop knows, as it was after its last turn: what other threads read.
 *
 * @param local this node's pods
 * @param plan what was last asked of the kernel; null until {@code cluster} has caught up with the
 *     store after the start
 * @param enforced the store's revision whose whole state is in this node's kernel; 0 before the
 *     first
 * @param problems what the loop itself found
 */
record AgentView(
    ClusterState cluster,
    SortedMap<Handle, LocalEndpoint> local,
    @Nullable Plan plan,
    long enforced,
    List<Problem> problems) {

  AgentView {
    local = Collections.unmodifiableSortedMap(new TreeMap<>(local));
    problems = List.copyOf(problems);
  }
}
