package dev.catwalk.acl.render;

import dev.catwalk.acl.calc.AddressSet;
import dev.catwalk.acl.calc.Compiled;
import dev.catwalk.acl.calc.Member;
import dev.catwalk.acl.calc.Program;
import dev.catwalk.acl.model.Direction;
import dev.catwalk.acl.model.WorkloadKey;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Renders for iptables with ipset. Some fixed chains, and for each different program a chain and a
 * set of the pods that it is for:
 *
 * <pre>
 * cw-forward  -i cw+ -j cw-from    what a pod of this node sends
 *             -o cw+ -j cw-to      what a pod of this node gets: a packet between two passes both
 *             -i cw+ -j ACCEPT     let through by cw-from, and not for a pod of ours
 * cw-from     (address, interface) not in the set of programmed pods: DROP
 *             a known flow or its reply: -g cw-leave    invalid: DROP
 *             (address, interface) in the set cw-4e-ID: -g cw-e-ID
 * cw-leave    marks what may leave its pod; its end goes back to cw-forward
 * cw-to       the same, with the sets cw-4i-ID, -g cw-i-ID and -g cw-enter
 * cw-enter    marks what may enter its pod: ACCEPT
 * cw-input    IPv6 alone: what a pod sends to its node from an address that is not its own: DROP
 * </pre>
 *
 * A pod that has no program, or a packet with an address that is not its pod's, is dropped. The
 * interfaces {@code cw-*} (tunnels) are not pods. The marks tell a packet that was let through from
 * one that met a chain somebody had emptied. Chains are named by what they hold, so pods with
 * equal programs share them, and a pod that comes, goes or changes its program is a change of set
 * members: rules change with the programs alone. The programs of pods that no policy isolates are
 * always there, so the first such pod finds its own. While a pod is in two programs' sets, on its way
 * from the one to the other, one of both decides.
 *
 * <p>Only FORWARD is filtered. What a node sends to its own pods passes OUTPUT, and what they send
 * to their node passes INPUT: Kubernetes says of both that no policy can forbid them. A forged
 * source towards the node itself is the reverse path filter's to drop; IPv6 has none, so a chain of
 * its own does that there. Neighbour discovery (RFC 4861), which pods do from their link-local
 * addresses, always passes: it reaches no other chain of ours, since nobody forwards it.
 */
public final class Iptables {
  private static final String FROM = "cw-from";
  private static final String TO = "cw-to";
  private static final String LEAVE = "cw-leave";
  private static final String ENTER = "cw-enter";
  private static final String PODS = "hash:net,iface";

  /** Neighbour solicitation and advertisement, RFC 4861 §4.3 and §4.4. */
  private static final List<Integer> NEIGHBOUR_DISCOVERY = List.of(135, 136);

  private final Compiled compiled;
  private final SortedMap<WorkloadKey, SortedSet<String>> interfaces;
  private final Family family;
  private final SetNames names;
  private final ChainMemo memo;
  private final SortedMap<String, Rendered.Chain> chains = new TreeMap<>();
  private final SortedMap<String, Rendered.IpSet> sets = new TreeMap<>();

  private Iptables(
      Compiled compiled,
      SortedMap<WorkloadKey, SortedSet<String>> interfaces,
      Family family,
      ChainMemo memo) {
    this.memo = memo;
    this.compiled = compiled;
    this.interfaces = interfaces;
    this.family = family;
    this.names = new SetNames(family);
  }

  /**
   * Renders one address family.
   *
   * @param interfaces the host sides of each endpoint, at most 15 characters; an endpoint without
   *     one gets nothing and so is dropped
   */
  public static Rendered render(
      Compiled compiled, SortedMap<WorkloadKey, SortedSet<String>> interfaces, Family family) {
    return render(compiled, interfaces, family, new ChainMemo());
  }

  /**
   * As {@link #render(Compiled, SortedMap, Family)}, again and again.
   *
   * @param memo of that family
   */
  public static Rendered render(
      Compiled compiled,
      SortedMap<WorkloadKey, SortedSet<String>> interfaces,
      Family family,
      ChainMemo memo) {
    return new Iptables(compiled, interfaces, family, memo).render();
  }

  private Rendered render() {
    ChainBuilder forward = new ChainBuilder(Rendered.FORWARD);
    forward.add("-i cw+", "-j " + FROM, "what a pod of this node sends");
    forward.add("-o cw+", "-j " + TO, "what a pod of this node gets");
    forward.add("-i cw-+", "-j RETURN", "a tunnel is no pod");
    forward.add("-i cw+", "-j ACCEPT", "from a pod, allowed");
    put(forward);
    ChainBuilder from = new ChainBuilder(FROM);
    from.add("-i cw-+", "-g " + LEAVE, "a tunnel is no pod");
    dispatch(opened(from, "src,src", "from no address of that pod", LEAVE), Direction.EGRESS);
    ChainBuilder to = new ChainBuilder(TO);
    to.add("-o cw-+", "-j MARK --set-xmark " + Rendered.MAY_ENTER, "a tunnel is no pod");
    to.add("-o cw-+", "-j RETURN", "a tunnel is no pod");
    dispatch(opened(to, "dst,dst", "to no address of a programmed pod", ENTER), Direction.INGRESS);
    ChainBuilder leave = new ChainBuilder(LEAVE);
    leave.add("", "-j MARK --set-xmark " + Rendered.MAY_LEAVE, "may leave its pod");
    put(leave);
    ChainBuilder enter = new ChainBuilder(ENTER);
    enter.add("", "-j MARK --set-xmark " + Rendered.MAY_ENTER, "may enter its pod");
    enter.add("", "-j ACCEPT", "let through on both sides");
    put(enter);
    if (family == Family.IPV6) {
      put(input());
    }
    putSets();
    memo.end();
    return new Rendered(family, chains, sets);
  }

  private ChainBuilder input() {
    ChainBuilder input = new ChainBuilder(Rendered.INPUT);
    input.add("! -i cw+", "-j RETURN", "from no pod");
    input.add("-i cw-+", "-j RETURN", "a tunnel is no pod");
    for (int type : NEIGHBOUR_DISCOVERY) {
      input.add("-p ipv6-icmp -m icmp6 --icmpv6-type " + type, "-j RETURN", "neighbour discovery");
    }
    input.add("-m set ! --match-set " + names.pods() + " src,src", "-j DROP", "a forged source");
    return input;
  }

  private ChainBuilder opened(ChainBuilder chain, String sides, String unknown, String pass) {
    chain.add("-m set ! --match-set " + names.pods() + " " + sides, "-j DROP", unknown);
    chain.add(
        "-m conntrack --ctstate RELATED,ESTABLISHED",
        "-g " + pass,
        "an allowed flow and its replies");
    chain.add("-m conntrack --ctstate INVALID", "-j DROP", "of no flow");
    return chain;
  }

  /** Leads each pod to its program. */
  private void dispatch(ChainBuilder chain, Direction direction) {
    String sides = direction == Direction.INGRESS ? " dst,dst" : " src,src";
    for (Map.Entry<Program, SortedSet<String>> entry : pods(direction).entrySet()) {
      Program program = entry.getKey();
      ChainBuilder its = program(program);
      put(its);
      put(names.pods(program), PODS, entry.getValue());
      chain.add(
          "-m set --match-set " + names.pods(program) + sides,
          "-g " + its.name(),
          RuleTexts.what(program));
    }
    chain.add("", "-j DROP", "no program");
    put(chain);
  }

  /** The programs of a direction, by their ids, and who has which. */
  private SortedMap<Program, SortedSet<String>> pods(Direction direction) {
    SortedMap<Program, SortedSet<String>> pods = new TreeMap<>(Comparator.comparing(Program::id));
    pods.put(Program.open(direction), new TreeSet<>());
    compiled.endpoints().forEach((key, endpoint) -> {
      SortedSet<String> members = members(key, endpoint);
      if (!members.isEmpty()) { // else the set of all pods has dropped what comes and goes
        Program program = direction == Direction.INGRESS ? endpoint.ingress() : endpoint.egress();
        pods.computeIfAbsent(program, p -> new TreeSet<>()).addAll(members);
      }
    });
    return pods;
  }

  private ChainBuilder program(Program program) {
    String prefix = program.direction() == Direction.INGRESS ? "cw-i-" : "cw-e-";
    String pass = "-g " + (program.direction() == Direction.INGRESS ? ENTER : LEAVE);
    ChainBuilder chain = new ChainBuilder(prefix + program.id());
    new RuleTexts(compiled, names, pass).append(program, chain);
    return chain;
  }

  private void put(ChainBuilder builder) {
    Rendered.Chain chain = builder.build(memo);
    chains.put(chain.name(), chain);
  }

  private void putSets() {
    for (AddressSet set : compiled.sets().values()) {
      SortedSet<String> members = new TreeSet<>();
      for (Member member : set.members()) {
        if (member.prefix().family() == family) {
          members.add(SetNames.member(member));
        }
      }
      boolean inline = set.kind() == AddressSet.Kind.NETS && members.size() < 2;
      if (!inline) {
        put(names.of(set), SetNames.type(set.kind()), members);
      }
    }
    SortedSet<String> pods = new TreeSet<>();
    compiled.endpoints().forEach((key, endpoint) -> pods.addAll(members(key, endpoint)));
    put(names.pods(), PODS, pods);
  }

  /** Which address may be used behind which interface: each of a pod behind each of its own. */
  private SortedSet<String> members(WorkloadKey key, Compiled.Endpoint endpoint) {
    SortedSet<String> members = new TreeSet<>();
    for (IpAddress address : endpoint.addresses()) {
      if (address.family() == family) {
        for (String device : interfaces.getOrDefault(key, Collections.emptySortedSet())) {
          members.add(address + "," + device);
        }
      }
    }
    return members;
  }

  private void put(String name, String type, SortedSet<String> members) {
    sets.put(name, new Rendered.IpSet(name, type, family, members));
  }
}
