package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.Action;
import dev.catwalk.acl.model.PolicyKey;

/**
 * One step of a program.
 *
 * @param policy where it comes from
 * @param index which of the policy's rules in that direction, from 0
 */
public record ProgramRule(
    Action action, PeerMatch peer, PortMatch port, PolicyKey policy, int index) {
  @Override
  public String toString() {
    return action + " " + peer + " " + port + " by " + policy + " rule " + index;
  }
}
