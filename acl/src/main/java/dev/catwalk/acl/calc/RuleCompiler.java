package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.Direction;
import dev.catwalk.acl.model.Peer;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.Port;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.acl.model.Rule;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** From a policy's rules to those of a program, for one subject and direction. */
final class RuleCompiler {
  private final Workload subject;
  private final Direction direction;
  private final SortedMap<String, SetDefinition> sets;
  private final List<ProgramRule> rules = new ArrayList<>();

  /** The definitions of all sets that the rules refer to are put into {@code sets}, by id. */
  RuleCompiler(Workload subject, Direction direction, SortedMap<String, SetDefinition> sets) {
    this.subject = subject;
    this.direction = direction;
    this.sets = sets;
  }

  void add(Policy policy) {
    List<Rule> source = policy.rules(direction);
    for (int index = 0; index < source.size(); index++) {
      Rule rule = source.get(index);
      List<PortMatch> ports = ports(rule.ports());
      if (ports.isEmpty()) {
        continue; // Before the peers: what no rule refers to is no set of ours.
      }
      for (PeerMatch peer : peers(rule.peers())) {
        for (PortMatch port : ports) {
          rules.add(new ProgramRule(rule.action(), peer, port, policy.key(), index));
        }
      }
    }
  }

  List<ProgramRule> rules() {
    return rules;
  }

  private List<PeerMatch> peers(List<Peer> peers) {
    if (peers.isEmpty()) {
      return List.of(new PeerMatch.Anyone());
    }
    SortedSet<String> ids = new TreeSet<>();
    List<Peer.Block> blocks = new ArrayList<>();
    for (Peer peer : peers) {
      switch (peer) {
        case Peer.Pods pods -> ids.add(set(new SetDefinition.OfPods(pods)));
        case Peer.Block block -> blocks.add(block);
      }
    }
    SortedSet<Prefix> nets = Nets.union(blocks);
    if (!nets.isEmpty()) {
      ids.add(set(new SetDefinition.OfNets(nets)));
    }
    List<PeerMatch> matches = new ArrayList<>();
    ids.forEach(id -> matches.add(new PeerMatch.InSet(id)));
    return matches;
  }

  private List<PortMatch> ports(List<Port> ports) {
    if (ports.isEmpty()) {
      return List.of(new PortMatch.Anything());
    }
    List<PortMatch> matches = new ArrayList<>();
    for (Protocol protocol : Protocol.values()) {
      List<Port> own = ports.stream().filter(p -> p.protocol() == protocol).toList();
      if (own.stream().anyMatch(Port.Every.class::isInstance)) {
        matches.add(new PortMatch.Ports(protocol, List.of()));
      } else {
        some(protocol, own, matches);
      }
    }
    return matches;
  }

  private void some(Protocol protocol, List<Port> ports, List<PortMatch> out) {
    List<Port.Range> numbers = new ArrayList<>();
    SortedMap<String, Port.Named> names = new TreeMap<>();
    for (Port port : ports) {
      switch (port) {
        case Port.Every ignored -> throw new AssertionError("handled by the caller");
        case Port.Range range -> numbers.add(range);
        case Port.Named named -> {
          switch (direction) {
            case INGRESS -> numbers.addAll(PortForms.resolve(named, subject));
            case EGRESS -> names.put(named.name(), named);
          }
        }
      }
    }
    if (!numbers.isEmpty()) {
      out.add(new PortMatch.Ports(protocol, PortForms.join(numbers)));
    }
    for (Port.Named named : names.values()) {
      SetDefinition definition = new SetDefinition.OfNamedPort(protocol, named.name());
      out.add(new PortMatch.InSet(protocol, set(definition)));
    }
  }

  private String set(SetDefinition definition) {
    String id = definition.id();
    sets.put(id, definition);
    return id;
  }
}
