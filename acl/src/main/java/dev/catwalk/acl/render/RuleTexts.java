package dev.catwalk.acl.render;

import dev.catwalk.acl.calc.AddressSet;
import dev.catwalk.acl.calc.Compiled;
import dev.catwalk.acl.calc.Member;
import dev.catwalk.acl.calc.PeerMatch;
import dev.catwalk.acl.calc.PortMatch;
import dev.catwalk.acl.calc.Program;
import dev.catwalk.acl.calc.ProgramRule;
import dev.catwalk.acl.model.Action;
import dev.catwalk.acl.model.Direction;
import dev.catwalk.acl.model.PolicyKey;
import dev.catwalk.acl.model.Port;
import dev.catwalk.acl.model.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Writes programs as rules.
 *
 * @param pass the target of what is allowed
 */
record RuleTexts(Compiled compiled, SetNames names, String pass) {
  /** What one multiport match takes; a range counts twice. */
  private static final int MAX_MULTIPORT = 15;

  void append(Program program, ChainBuilder chain) {
    for (ProgramRule rule : program.rules()) {
      Optional<String> peer = peer(rule.peer(), program.direction());
      if (peer.isPresent()) {
        for (Match port : ports(rule.port())) {
          chain.add(
              joined(port.protocol(), peer.get(), port.rest()),
              target(rule.action()),
              rule.policy() + " " + word(program.direction()) + " " + rule.index());
        }
      }
    }
    chain.add(
        "",
        target(program.otherwise()),
        switch (program.otherwise()) {
          case ALLOW -> "no policy isolates " + word(program.direction());
          case DENY -> "no rule allows it";
        });
  }

  /** Whose program it is, for whoever reads the counters. */
  static String what(Program program) {
    SortedSet<PolicyKey> policies = new TreeSet<>();
    program.rules().forEach(rule -> policies.add(rule.policy()));
    String way = program.direction() == Direction.INGRESS ? "to" : "from";
    return switch (program.otherwise()) {
      case ALLOW -> way + " pods that no policy isolates";
      case DENY ->
        policies.isEmpty()
            ? way + " pods that policy shuts off"
            : way + " pods that have rules of "
                + policies.stream().map(PolicyKey::toString).collect(Collectors.joining(", "));
    };
  }

  /** Parts of a rule: the protocol has to come first. */
  private record Match(String protocol, String rest) {}

  private String target(Action action) {
    return switch (action) {
      case ALLOW -> pass;
      case DENY -> "-j DROP";
    };
  }

  /** Nothing where no address of this family can match. */
  private Optional<String> peer(PeerMatch peer, Direction direction) {
    boolean source = direction == Direction.INGRESS;
    return switch (peer) {
      case PeerMatch.Anyone() -> Optional.of("");
      case PeerMatch.InSet(String id) -> {
        AddressSet set = Objects.requireNonNull(compiled.sets().get(id), id);
        if (set.kind() == AddressSet.Kind.NETS) {
          List<Member> own = set.members().stream()
              .filter(m -> m.prefix().family() == names.family())
              .toList();
          if (own.isEmpty()) {
            yield Optional.empty();
          }
          if (own.size() == 1) {
            yield Optional.of(
                own.getFirst().prefix().length() == 0
                    ? "" // All there is; no set holds it.
                    : (source ? "-s " : "-d ") + own.getFirst().prefix());
          }
        }
        yield Optional.of("-m set --match-set " + names.of(id) + (source ? " src" : " dst"));
      }
    };
  }

  private List<Match> ports(PortMatch port) {
    return switch (port) {
      case PortMatch.Anything() -> List.of(new Match("", ""));
      case PortMatch.InSet(Protocol protocol, String id) ->
        List.of(new Match(
            "-p " + SetNames.word(protocol), "-m set --match-set " + names.of(id) + " dst,dst"));
      case PortMatch.Ports(Protocol protocol, List<Port.Range> ranges) -> {
        String of = "-p " + SetNames.word(protocol);
        if (ranges.isEmpty()) {
          yield List.of(new Match(of, ""));
        }
        List<Match> matches = new ArrayList<>();
        multiports(ranges)
            .forEach(ports -> matches.add(new Match(of, "-m multiport --dports " + ports)));
        yield matches;
      }
    };
  }

  private static List<String> multiports(List<Port.Range> ranges) {
    List<String> all = new ArrayList<>();
    StringBuilder current = new StringBuilder();
    int used = 0;
    for (Port.Range range : ranges) {
      boolean single = range.first() == range.last();
      int needs = single ? 1 : 2;
      if (used + needs > MAX_MULTIPORT) {
        all.add(current.toString());
        current.setLength(0);
        used = 0;
      }
      current.append(used == 0 ? "" : ",").append(range.first());
      if (!single) {
        current.append(':').append(range.last());
      }
      used += needs;
    }
    all.add(current.toString());
    return all;
  }

  private static String joined(String... parts) {
    List<String> there = new ArrayList<>();
    for (String part : parts) {
      if (!part.isEmpty()) {
        there.add(part);
      }
    }
    return String.join(" ", there);
  }

  private static String word(Direction direction) {
    return switch (direction) {
      case INGRESS -> "ingress";
      case EGRESS -> "egress";
    };
  }
}
