package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.NamedPort;
import dev.catwalk.acl.model.Port;
import dev.catwalk.acl.model.Protocol;
import dev.catwalk.acl.model.Workload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Ports of a rule in normal form. */
final class PortForms {
  private PortForms() {}

  /** The numbers that a workload declares under a name: where it is the destination. */
  static List<Port.Range> resolve(Port.Named named, Workload destination) {
    List<Port.Range> found = new ArrayList<>();
    for (NamedPort declared : destination.ports()) {
      if (declared.name().equals(named.name()) && declared.protocol() == named.protocol()) {
        found.add(new Port.Range(named.protocol(), declared.port(), declared.port()));
      }
    }
    return found;
  }

  /** Sorted, with what overlaps or touches joined. All are of one protocol. */
  static List<Port.Range> join(List<Port.Range> ranges) {
    List<Port.Range> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingInt(Port.Range::first));
    List<Port.Range> joined = new ArrayList<>();
    for (Port.Range next : sorted) {
      if (joined.isEmpty() || joined.getLast().last() + 1 < next.first()) {
        joined.add(next);
      } else {
        Protocol protocol = next.protocol();
        Port.Range before = joined.removeLast();
        joined.add(new Port.Range(protocol, before.first(), Math.max(before.last(), next.last())));
      }
    }
    return joined;
  }
}
