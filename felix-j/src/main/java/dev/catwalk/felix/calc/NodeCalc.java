package dev.catwalk.felix.calc;

import dev.catwalk.felix.calc.Ruleset.AddressSet;
import dev.catwalk.felix.calc.Ruleset.Chain;
import dev.catwalk.felix.calc.Ruleset.ChainName;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * From what a node sees to what its kernel shall hold and its speaker shall tell.
 *
 * <p>Which learned routes are installed: all that BGP selected, the default route included, but
 * none that would take packets away from where this node already knows better: prefixes equal to or
 * inside one of its own blocks or connected subnets, and those that no unicast packet can have as
 * its destination (loopback, link-local, multicast). So a ToR's default route and other nodes'
 * blocks both work, and no peer can hijack a pod here or a neighbour on the wire.
 */
public final class NodeCalc {

  static final String POOLS = "cw-pools";
  static final String NAT = "cw-nat";
  static final String POSTROUTING = "cw-postrouting";

  private static final Chain MASQUERADING_V4 = masquerading("4");
  private static final Chain MASQUERADING_V6 = masquerading("6");

  /**
   * Both halves of the answer.
   *
   * @param originated prefixes that this node tells its peers as its own
   */
  public record Result(DesiredKernel kernel, SortedSet<Prefix> originated) {
    public Result {
      originated = Collections.unmodifiableSortedSet(new TreeSet<>(originated));
    }
  }

  private NodeCalc() {}

  public static Result calculate(NodeView view) {
    TreeMap<Prefix, RouteTarget> routes = new TreeMap<>();
    view.learned().forEach((prefix, nextHops) -> {
      if (!nextHops.isEmpty() && mayInstall(view, prefix)) {
        routes.put(prefix, new RouteTarget.Gateways(nextHops));
      }
    });
    for (Prefix aggregate : view.aggregates()) {
      routes.put(aggregate, new RouteTarget.Blackhole());
    }
    for (Prefix block : view.ownBlocks()) {
      routes.put(block, new RouteTarget.Blackhole());
    }
    view.endpoints()
        .forEach((link, addresses) ->
            addresses.forEach(a -> routes.put(a.asPrefix(), new RouteTarget.Device(link))));
    DesiredKernel kernel = new DesiredKernel(
        view.revision(),
        routes,
        new TreeSet<>(view.endpoints().keySet()),
        families(view),
        withNat(view.policy(), view.pools()));
    return new Result(kernel, view.ownBlocks());
  }

  private static boolean mayInstall(NodeView view, Prefix prefix) {
    IpAddress first = prefix.address();
    boolean unreachable = first.isLoopback() || first.isMulticast() || first.isLinkLocal();
    return !unreachable
        && (!isInside(prefix, view.ownBlocks()) || view.lent().contains(prefix))
        && !isInside(prefix, view.connected());
  }

  private static boolean isInside(Prefix prefix, SortedSet<Prefix> known) {
    return known.stream().anyMatch(k -> k.contains(prefix));
  }

  private static SortedSet<Family> families(NodeView view) {
    TreeSet<Family> families = new TreeSet<>();
    view.pools().forEach(p -> families.add(p.cidr().family()));
    return families;
  }

  /** Adds the address sets of the pools, and the masquerading of those pools that ask for it. */
  private static Ruleset withNat(Ruleset policy, List<NodeView.Pool> pools) {
    SortedMap<ChainName, Chain> chains = new TreeMap<>(policy.chains());
    SortedMap<String, AddressSet> sets = new TreeMap<>(policy.sets());
    for (Family family : Family.values()) {
      SortedSet<String> all = members(pools, family, false);
      SortedSet<String> masqueraded = members(pools, family, true);
      String digit = family == Family.IPV4 ? "4" : "6";
      if (masqueraded.isEmpty()) {
        continue;
      }
      sets.put(POOLS + digit, new AddressSet(family, "hash:net", all));
      sets.put(NAT + digit, new AddressSet(family, "hash:net", masqueraded));
      chains.put(
          new ChainName(family, "nat", POSTROUTING),
          family == Family.IPV4 ? MASQUERADING_V4 : MASQUERADING_V6);
    }
    return new Ruleset(chains, sets);
  }

  private static Chain masquerading(String digit) {
    String match =
        "-m set --match-set " + NAT + digit + " src -m set ! --match-set " + POOLS + digit + " dst";
    String rule = Ruleset.marked(match, "leaves all pools", "-j MASQUERADE");
    return new Chain(List.of(rule), List.of("POSTROUTING"));
  }

  private static SortedSet<String> members(
      List<NodeView.Pool> pools, Family family, boolean onlyMasqueraded) {
    TreeSet<String> members = new TreeSet<>();
    for (NodeView.Pool pool : pools) {
      if (pool.cidr().family() == family && (pool.natOutgoing() || !onlyMasqueraded)) {
        members.add(member(pool.cidr()));
      }
    }
    return members;
  }

  /** As ipset prints it. */
  private static String member(Prefix prefix) {
    return prefix.isHost() ? prefix.address().toString() : prefix.toString();
  }
}
