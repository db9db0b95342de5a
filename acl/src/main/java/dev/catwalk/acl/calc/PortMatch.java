package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.Port;
import dev.catwalk.acl.model.Protocol;
import java.util.List;

/** The packet's protocol and destination port. */
public sealed interface PortMatch {

  /** Every packet of every protocol. */
  record Anything() implements PortMatch {
    @Override
    public String toString() {
      return "anything";
    }
  }

  /**
   * Of this protocol and to one of these ports.
   *
   * @param ranges in order, neither overlapping nor touching; none means every port
   */
  record Ports(Protocol protocol, List<Port.Range> ranges) implements PortMatch {
    public Ports {
      ranges = List.copyOf(ranges);
    }

    @Override
    public String toString() {
      return ranges.isEmpty() ? "every " + protocol + " port" : ranges.toString();
    }
  }

  /** Of this protocol, and destination and port are a member of the set of this id. */
  record InSet(Protocol protocol, String id) implements PortMatch {
    @Override
    public String toString() {
      return protocol + " to " + id;
    }
  }
}
