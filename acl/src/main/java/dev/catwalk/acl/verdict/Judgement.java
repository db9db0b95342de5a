package dev.catwalk.acl.verdict;

import dev.catwalk.acl.model.Action;
import dev.catwalk.acl.model.Direction;
import dev.catwalk.acl.model.PolicyKey;
import dev.catwalk.acl.model.WorkloadKey;
import java.util.List;
import java.util.Optional;

/** What happens to a packet, and why: it passes if both halves let it. */
public record Judgement(Half egress, Half ingress) {

  /**
   * The opinion of one end.
   *
   * @param subject the workload at this end; none where the address is no selectable workload's
   * @param isolatedBy the policies that cover the subject in this direction
   * @param decidedBy the rule that decided; none where no rule matched
   * @param reasons sentences, in the order of thought
   */
  public record Half(
      Direction direction,
      Action action,
      Optional<WorkloadKey> subject,
      List<PolicyKey> isolatedBy,
      Optional<RuleRef> decidedBy,
      List<String> reasons) {
    public Half {
      isolatedBy = List.copyOf(isolatedBy);
      reasons = List.copyOf(reasons);
    }
  }

  /** A policy's rule, from 0, in the half's direction. */
  public record RuleRef(PolicyKey policy, int index) {}

  public boolean allowed() {
    return egress.action() == Action.ALLOW && ingress.action() == Action.ALLOW;
  }
}
