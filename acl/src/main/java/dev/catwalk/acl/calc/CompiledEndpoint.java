package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.Action;
import dev.catwalk.acl.model.Direction;
import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Workload;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one endpoint must do, and what the sets mean that its programs refer to.
 *
 * @param definitions by id
 */
record CompiledEndpoint(Compiled.Endpoint endpoint, SortedMap<String, SetDefinition> definitions) {

  /**
   * Compiles a selectable workload.
   *
   * @param namespace the workload's, if there is an object of it
   * @param policies all there are, in the order of their keys
   */
  static CompiledEndpoint compile(
      Workload workload, @Nullable Namespace namespace, Collection<Policy> policies) {
    SortedMap<String, SetDefinition> definitions = new TreeMap<>();
    Program ingress = program(workload, namespace, policies, Direction.INGRESS, definitions);
    Program egress = program(workload, namespace, policies, Direction.EGRESS, definitions);
    return new CompiledEndpoint(
        new Compiled.Endpoint(workload.addresses(), ingress, egress), definitions);
  }

  private static Program program(
      Workload workload,
      @Nullable Namespace namespace,
      Collection<Policy> policies,
      Direction direction,
      SortedMap<String, SetDefinition> definitions) {
    RuleCompiler rules = new RuleCompiler(workload, direction, definitions);
    boolean isolated = false;
    for (Policy policy : policies) {
      if (policy.covers(direction)
          && PolicyState.selects(policy.scope(), policy.subject(), workload, namespace)) {
        isolated = true;
        rules.add(policy);
      }
    }
    return Program.of(direction, rules.rules(), isolated ? Action.DENY : Action.ALLOW);
  }
}
