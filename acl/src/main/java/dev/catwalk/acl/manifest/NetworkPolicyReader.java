package dev.catwalk.acl.manifest;

import dev.catwalk.acl.model.Action;
import dev.catwalk.acl.model.Peer;
import dev.catwalk.acl.model.Policy;
import dev.catwalk.acl.model.PolicyKey;
import dev.catwalk.acl.model.Port;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.acl.model.Rule;
import dev.catwalk.acl.model.Scope;
import dev.catwalk.acl.model.Selector;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a NetworkPolicy of networking.k8s.io/v1, with the API server's defaults and checks. */
final class NetworkPolicyReader {
  private static final String KIND = "NetworkPolicy";

  private final Metadata metadata;

  private NetworkPolicyReader(Metadata metadata) {
    this.metadata = metadata;
  }

  static Policy read(Located object, Metadata metadata) {
    object.only("apiVersion", "kind", "metadata", "spec", "status");
    return new NetworkPolicyReader(metadata).policy(object.field("spec"));
  }

  private Policy policy(Optional<Located> spec) {
    spec.ifPresent(s -> s.only("podSelector", "policyTypes", "ingress", "egress"));
    List<Rule> ingress = rules(spec, "ingress", "from");
    List<Rule> egress = rules(spec, "egress", "to");
    List<Located> types = spec.map(s -> s.items("policyTypes")).orElse(List.of());
    boolean hasEgress = !spec.map(s -> s.items("egress")).orElse(List.of()).isEmpty();
    return new Policy(
        new PolicyKey(KIND, metadata.namespace(), metadata.name()),
        new Scope.Same(metadata.namespace()),
        spec.flatMap(s -> s.field("podSelector"))
            .map(SelectorReader::read)
            .orElse(new Selector.All()),
        types.isEmpty() || has(types, "Ingress"),
        types.isEmpty() ? hasEgress : has(types, "Egress"),
        ingress,
        egress);
  }

  private static boolean has(List<Located> types, String wanted) {
    boolean found = false;
    for (Located type : types) {
      String text = type.text().orElse(wanted);
      if (!text.equals("Ingress") && !text.equals("Egress")) {
        if (wanted.equals("Ingress")) { // Asked for both: complain once.
          type.problem("'" + text + "' is no policy type", "Ingress or Egress");
        }
      }
      found |= text.equals(wanted);
    }
    return found;
  }

  private List<Rule> rules(Optional<Located> spec, String direction, String peersField) {
    List<Rule> rules = new ArrayList<>();
    for (Located rule : spec.map(s -> s.items(direction)).orElse(List.of())) {
      rule.only(peersField, "ports");
      List<Peer> peers = new ArrayList<>();
      rule.items(peersField).forEach(p -> peer(p).ifPresent(peers::add));
      List<Port> ports = new ArrayList<>();
      rule.items("ports").forEach(p -> port(p).ifPresent(ports::add));
      rules.add(new Rule(Action.ALLOW, peers, ports));
    }
    return rules;
  }

  private Optional<Peer> peer(Located peer) {
    peer.only("podSelector", "namespaceSelector", "ipBlock");
    Optional<Located> pods = peer.field("podSelector");
    Optional<Located> namespaces = peer.field("namespaceSelector");
    Optional<Located> block = peer.field("ipBlock");
    if (block.isPresent()) {
      if (pods.isPresent() || namespaces.isPresent()) {
        peer.problem("has ipBlock beside a selector", "make them two elements of the list");
      }
      return block(block.get());
    }
    if (pods.isEmpty() && namespaces.isEmpty()) {
      peer.problem("says nothing", "want podSelector, namespaceSelector or ipBlock");
      return Optional.empty();
    }
    Selector labels = pods.map(SelectorReader::read).orElse(new Selector.All());
    Scope scope = namespaces
        .<Scope>map(n -> new Scope.Matching(SelectorReader.read(n)))
        .orElse(new Scope.Same(metadata.namespace()));
    return Optional.of(new Peer.Pods(scope, labels));
  }

  private static Optional<Peer> block(Located block) {
    block.only("cidr", "except");
    if (block.field("cidr").isEmpty()) {
      block.missing("cidr", "10.42.0.0/16 or 2001:db8::/32");
    }
    Optional<Prefix> cidr = block.field("cidr").flatMap(Syntax::cidr);
    List<Prefix> except = new ArrayList<>();
    for (Located one : block.items("except")) {
      Optional<Prefix> prefix = Syntax.cidr(one);
      if (prefix.isPresent() && cidr.isPresent()) {
        if (!cidr.get().contains(prefix.get()) || cidr.get().equals(prefix.get())) {
          one.problem(
              prefix.get() + " is no part of " + cidr.get(), "an exception lies inside cidr");
        }
        except.add(prefix.get());
      }
    }
    return cidr.map(c -> new Peer.Block(c, except));
  }

  private static Optional<Port> port(Located port) {
    port.only("protocol", "port", "endPort");
    Optional<Located> protocolField = port.field("protocol");
    Optional<Protocol> protocol = protocolField.isEmpty()
        ? Optional.of(Protocol.TCP)
        : protocolField.flatMap(Syntax::protocol);
    Optional<Located> number = port.field("port");
    Optional<Located> end = port.field("endPort");
    if (end.isPresent() && !number.map(Located::isWhole).orElse(false)) {
      end.get().problem("needs a port that is a number", "endPort ends the range that port begins");
      return Optional.empty();
    }
    if (protocol.isEmpty()) {
      return Optional.empty();
    }
    if (number.isEmpty()) {
      return Optional.of(new Port.Every(protocol.get()));
    }
    if (!number.get().isWhole()) {
      return Syntax.portName(number.get()).map(name -> new Port.Named(protocol.get(), name));
    }
    return range(protocol.get(), number.get(), end);
  }

  private static Optional<Port> range(Protocol protocol, Located number, Optional<Located> end) {
    Optional<Integer> first = number.portNumber();
    Optional<Integer> last = end.isPresent() ? end.get().portNumber() : first;
    if (first.isEmpty() || last.isEmpty()) {
      return Optional.empty();
    }
    if (last.get() < first.get()) {
      end.orElseThrow()
          .problem(last.get() + " is less than port " + first.get(), "the last one of the range");
      return Optional.empty();
    }
    return Optional.of(new Port.Range(protocol, first.get(), last.get()));
  }
}
