package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.NamedPort;
import dev.catwalk.acl.model.Namespace;
import dev.catwalk.acl.model.Peer;
import dev.catwalk.acl.model.PolicyState;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.acl.model.Workload;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an address set means. */
sealed interface SetDefinition {

  /** The addresses of selectable workloads that a peer selects. */
  record OfPods(Peer.Pods pods) implements SetDefinition {}

  /** Address and port of every selectable workload that declares the name. */
  record OfNamedPort(Protocol protocol, String name) implements SetDefinition {}

  /** These prefixes. */
  record OfNets(SortedSet<Prefix> nets) implements SetDefinition {}

  default String meaning() {
    return switch (this) {
      case OfPods(Peer.Pods pods) -> pods.toString();
      case OfNamedPort(Protocol protocol, String name) -> "pods' " + protocol + " port " + name;
      case OfNets(SortedSet<Prefix> nets) ->
        nets.stream().map(Prefix::toString).collect(Collectors.joining(" "));
    };
  }

  default AddressSet.Kind kind() {
    return switch (this) {
      case OfPods ignored -> AddressSet.Kind.ADDRESSES;
      case OfNamedPort ignored -> AddressSet.Kind.PORTS;
      case OfNets ignored -> AddressSet.Kind.NETS;
    };
  }

  default String id() {
    return ContentId.of(kind() + " " + meaning());
  }

  /** The members that no workload brings. */
  default List<Member> fixed() {
    return switch (this) {
      case OfPods ignored -> List.of();
      case OfNamedPort ignored -> List.of();
      case OfNets(SortedSet<Prefix> nets) -> nets.stream().map(Member::of).toList();
    };
  }

  /**
   * The members that a workload brings, none twice.
   *
   * @param namespace the workload's, if there is an object of it
   */
  default List<Member> contribution(Workload workload, @Nullable Namespace namespace) {
    List<Member> members = new ArrayList<>();
    switch (this) {
      case OfPods(Peer.Pods pods) -> {
        if (PolicyState.selects(pods.scope(), pods.labels(), workload, namespace)) {
          workload.addresses().forEach(address -> members.add(Member.of(address)));
        }
      }
      case OfNamedPort(Protocol protocol, String name) -> {
        for (NamedPort port : workload.ports()) {
          if (workload.selectable()
              && port.protocol() == protocol
              && port.name().equals(name)) {
            workload
                .addresses()
                .forEach(address -> members.add(Member.of(address, protocol, port.port())));
          }
        }
      }
      case OfNets ignored -> {}
    }
    return members.stream().distinct().toList();
  }
}
