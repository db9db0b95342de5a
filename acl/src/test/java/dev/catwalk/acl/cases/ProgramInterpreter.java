package dev.catwalk.acl.cases;

import dev.catwalk.acl.calc.AddressSet;
import dev.catwalk.acl.calc.Compiled;
import dev.catwalk.acl.calc.Member;
import dev.catwalk.acl.calc.PeerMatch;
import dev.catwalk.acl.calc.PortMatch;
import dev.catwalk.acl.calc.Program;
import dev.catwalk.acl.calc.ProgramRule;
import dev.catwalk.acl.model.Action;
import dev.catwalk.net.addr.IpAddress;

/** What a kernel would do with compiled programs. */
public final class ProgramInterpreter {
  private ProgramInterpreter() {}

  /** Whether a packet passes the programs of both ends, where an end is an endpoint. */
  public static boolean passes(
      Compiled compiled, IpAddress source, IpAddress destination, int protocol, int port) {
    for (Compiled.Endpoint endpoint : compiled.endpoints().values()) {
      if (endpoint.addresses().contains(source)
          && run(compiled, endpoint.egress(), destination, destination, protocol, port)
              == Action.DENY) {
        return false;
      }
      if (endpoint.addresses().contains(destination)
          && run(compiled, endpoint.ingress(), source, destination, protocol, port)
              == Action.DENY) {
        return false;
      }
    }
    return true;
  }

  private static Action run(
      Compiled compiled,
      Program program,
      IpAddress peer,
      IpAddress destination,
      int protocol,
      int port) {
    for (ProgramRule rule : program.rules()) {
      boolean peerMatches = switch (rule.peer()) {
        case PeerMatch.Anyone() -> true;
        case PeerMatch.InSet(String id) ->
          set(compiled, id).members().stream().anyMatch(m -> m.prefix().contains(peer));
      };
      boolean portMatches = switch (rule.port()) {
        case PortMatch.Anything() -> true;
        case PortMatch.Ports(var of, var ranges) ->
          of.number() == protocol
              && (ranges.isEmpty()
                  || ranges.stream().anyMatch(r -> r.first() <= port && port <= r.last()));
        case PortMatch.InSet(var of, String id) ->
          of.number() == protocol
              && set(compiled, id).members().stream()
                  .anyMatch(m -> isPort(m, destination, protocol, port));
      };
      if (peerMatches && portMatches) {
        return rule.action();
      }
    }
    return program.otherwise();
  }

  private static boolean isPort(Member member, IpAddress destination, int protocol, int port) {
    return member.prefix().contains(destination)
        && member.protocol().orElseThrow().number() == protocol
        && member.port() == port;
  }

  private static AddressSet set(Compiled compiled, String id) {
    AddressSet set = compiled.sets().get(id);
    if (set == null) {
      throw new AssertionError("a rule refers to a set that is not there: " + id);
    }
    return set;
  }
}
