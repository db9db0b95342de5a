package dev.catwalk.acl.verdict;

import dev.catwalk.acl.model.Action;
import dev.catwalk.acl.model.Direction;
import dev.catwalk.acl.model.NamedPort;
import dev.catwalk.acl.model.Peer;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyKey;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Port;
import dev.catwalk.acl.model.Rule;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Judges packets by a state of the cluster. */
public final class Evaluator {
  private final PolicyState state;

  public Evaluator(PolicyState state) {
    this.state = state;
  }

  /** Takes any addresses, also such as no workload has. */
  public Judgement judge(Packet packet) {
    return new Judgement(
        half(Direction.EGRESS, packet, packet.source(), packet.destination()),
        half(Direction.INGRESS, packet, packet.destination(), packet.source()));
  }

  private Judgement.Half half(Direction direction, Packet packet, IpAddress own, IpAddress peer) {
    Reasoning reasoning = new Reasoning(direction);
    List<Workload> owners = owners(own);
    if (owners.isEmpty()) {
      return reasoning.free(own + " is no pod's address: no policy covers it");
    }
    Workload subject = owners.getFirst();
    reasoning.subject = Optional.of(subject.key());
    if (own.equals(peer)) {
      return reasoning.free("a pod always reaches itself");
    }
    if (subject.node() != null
        && state.nodes().getOrDefault(subject.node(), List.of()).contains(peer)) {
      return reasoning.free(
          peer + " is the node of " + subject.key() + ", which its pods always talk with");
    }
    List<Policy> covering = new ArrayList<>();
    for (Policy policy : state.policies().values()) {
      if (policy.covers(direction) && state.selects(policy.scope(), policy.subject(), subject)) {
        covering.add(policy);
        reasoning.isolatedBy.add(policy.key());
      }
    }
    if (covering.isEmpty()) {
      return reasoning.free(
          "no policy covers " + reasoning.word() + " of " + subject.key() + ": it is not isolated");
    }
    reasoning.reasons.add(
        reasoning.word() + " of " + subject.key() + " is isolated by " + reasoning.isolatedBy);
    for (Policy policy : covering) {
      List<Rule> rules = policy.rules(direction);
      for (int index = 0; index < rules.size(); index++) {
        if (matches(rules.get(index), packet, peer, reasoning, policy.key(), index)) {
          return reasoning.decided(rules.get(index).action(), policy.key(), index);
        }
      }
    }
    reasoning.reasons.add("no rule matches: denied");
    return reasoning.end(Action.DENY, Optional.empty());
  }

  private boolean matches(
      Rule rule, Packet packet, IpAddress peer, Reasoning reasoning, PolicyKey key, int index) {
    String name = key + " rule " + index;
    boolean peerOk = rule.peers().isEmpty();
    for (Peer one : rule.peers()) {
      peerOk |= isPeer(one, peer);
    }
    if (!peerOk) {
      reasoning.reasons.add(name + ": " + peer + " is none of " + rule.peers());
      return false;
    }
    boolean portOk = rule.ports().isEmpty();
    for (Port one : rule.ports()) {
      portOk |= isPort(one, packet);
    }
    if (!portOk) {
      reasoning.reasons.add(name + ": protocol " + packet.protocol() + " port " + packet.port()
          + " is none of " + rule.ports());
      return false;
    }
    reasoning.reasons.add(name + " matches");
    return true;
  }

  private boolean isPeer(Peer peer, IpAddress address) {
    return switch (peer) {
      case Peer.Block block -> block.holds(address);
      case Peer.Pods pods ->
        owners(address).stream().anyMatch(w -> state.selects(pods.scope(), pods.labels(), w));
    };
  }

  private boolean isPort(Port port, Packet packet) {
    if (port.protocol().number() != packet.protocol()) {
      return false;
    }
    return switch (port) {
      case Port.Every ignored -> true;
      case Port.Range range -> packet.port() >= range.first() && packet.port() <= range.last();
      case Port.Named named ->
        owners(packet.destination()).stream()
            .flatMap(w -> w.ports().stream())
            .anyMatch(p -> p.equals(new NamedPort(named.name(), named.protocol(), packet.port())));
    };
  }

  /** The workloads that a selector can mean by an address: for a moment it may be two. */
  private List<Workload> owners(IpAddress address) {
    return state.workloads().values().stream()
        .filter(w -> w.selectable() && w.addresses().contains(address))
        .toList();
  }

  /** A half in the making. */
  private static final class Reasoning {
    final Direction direction;
    final List<String> reasons = new ArrayList<>();
    final List<PolicyKey> isolatedBy = new ArrayList<>();
    Optional<WorkloadKey> subject = Optional.empty();

    Reasoning(Direction direction) {
      this.direction = direction;
    }

    String word() {
      return switch (direction) {
        case INGRESS -> "ingress";
        case EGRESS -> "egress";
      };
    }

    Judgement.Half free(String reason) {
      reasons.add(reason);
      return end(Action.ALLOW, Optional.empty());
    }

    Judgement.Half decided(Action action, PolicyKey policy, int index) {
      return end(action, Optional.of(new Judgement.RuleRef(policy, index)));
    }

    Judgement.Half end(Action action, Optional<Judgement.RuleRef> by) {
      return new Judgement.Half(direction, action, subject, isolatedBy, by, reasons);
    }
  }
}
