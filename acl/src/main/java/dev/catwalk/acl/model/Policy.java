package dev.catwalk.acl.model;

import java.util.List;

/**
 * A policy in normal form. The selectable workloads that {@code scope} and {@code subject} select
 * are isolated in the directions that it covers: only what a rule of any such policy allows passes.
 *
 * @param ingress whether it covers traffic to its subjects; its {@code ingressRules} count only then
 * @param egress the same for traffic from them
 */
public record Policy(
    PolicyKey key,
    Scope scope,
    Selector subject,
    boolean ingress,
    boolean egress,
    List<Rule> ingressRules,
    List<Rule> egressRules) {

  public Policy {
    ingressRules = List.copyOf(ingressRules);
    egressRules = List.copyOf(egressRules);
  }

  public boolean covers(Direction direction) {
    return switch (direction) {
      case INGRESS -> ingress;
      case EGRESS -> egress;
    };
  }

  /** The rules of a direction, in their order. */
  public List<Rule> rules(Direction direction) {
    return switch (direction) {
      case INGRESS -> ingressRules;
      case EGRESS -> egressRules;
    };
  }
}
