package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What every Loc-RIB must hold once nothing is under way, worked out from the whole network at once
 * and from the RFCs alone: nothing of the speaker's own rooms is used. The networks asked about have
 * one stable state only.
 */
final class Oracle {
  /** How two speakers see each other. */
  enum Tie {
    EBGP,
    IBGP,
    /** The other one is our reflector client. */
    CLIENT
  }

  /** A speaker: who it is, what it originates with which MED (0: none), whom it has sessions with. */
  record Node(
      IpAddress address,
      long as,
      SortedMap<Prefix, Long> originated,
      TreeMap<Integer, Tie> sessions) {}

  /** A route as one speaker holds it; {@code from} is the number of who told it, or -1. */
  record Route(
      int from,
      Tie tie,
      List<Long> asPath,
      IpAddress nextHop,
      long med,
      long localPref,
      long originator,
      List<Long> clusters) {

    /** Whether the speaker holds that very route. */
    boolean is(Path path, List<Node> nodes) {
      PathAttributes held = path.attributes();
      List<Long> theirs = new ArrayList<>();
      held.asPath().forEachAs(theirs::add);
      int clusterCount = held.clusterList().map(c -> c.size()).orElse(0);
      boolean sameClusters = clusterCount == clusters.size();
      for (int i = 0; sameClusters && i < clusterCount; i++) {
        sameClusters = (held.clusterList().orElseThrow().at(i) & 0xffff_ffffL) == clusters.get(i);
      }
      boolean local = path.source().name().equals("local");
      return sameClusters
          && local == from < 0
          && (local || path.source().address().equals(nodes.get(from).address))
          && (local || held.nextHop().equals(nextHop))
          && theirs.equals(asPath)
          && held.med().equals(med == 0 ? OptionalLong.empty() : OptionalLong.of(med))
          && held.localPref().orElse(-1) == localPref
          && (held.originatorId().orElse(0) & 0xffff_ffffL) == originator;
    }
  }

  private static final long DEFAULT_LOCAL_PREF = 100;

  private final List<Node> nodes;
  private final boolean transit;
  private final int maximumPaths;

  /**
   * @param transit whether all of them tell one eBGP peer what another one said
   * @param maximumPaths how many equally good paths each uses; AS paths count by their length
   */
  Oracle(List<Node> nodes, boolean transit, int maximumPaths) {
    this.nodes = nodes;
    this.transit = transit;
    this.maximumPaths = maximumPaths;
  }

  /** By number of the speaker: each prefix with what is used for it, the best one first. */
  List<TreeMap<Prefix, List<Route>>> selected() {
    List<TreeMap<Prefix, List<Route>>> all = new ArrayList<>();
    TreeMap<Prefix, Boolean> prefixes = new TreeMap<>();
    for (Node node : nodes) {
      all.add(new TreeMap<>());
      node.originated.keySet().forEach(p -> prefixes.put(p, true));
    }
    for (Prefix prefix : prefixes.keySet()) {
      List<TreeMap<Integer, Route>> held = spread(prefix);
      for (int n = 0; n < nodes.size(); n++) {
        List<Route> used = choose(held.get(n).values());
        if (!used.isEmpty()) {
          all.get(n).put(prefix, used);
        }
      }
    }
    return all;
  }

  /** What each speaker holds of that prefix in the end, by who told it. */
  private List<TreeMap<Integer, Route>> spread(Prefix prefix) {
    List<TreeMap<Integer, Route>> held = new ArrayList<>();
    @Nullable Route[] best = new Route[nodes.size()];
    ArrayDeque<Integer> news = new ArrayDeque<>();
    for (int n = 0; n < nodes.size(); n++) {
      held.add(new TreeMap<>());
      Long med = nodes.get(n).originated.get(prefix);
      if (med != null) {
        IpAddress self = IpAddress.v4(0);
        held.get(n).put(-1, new Route(-1, Tie.IBGP, List.of(), self, med, -1, 0, List.of()));
        news.add(n);
      }
    }
    int turns = 0;
    while (!news.isEmpty()) {
      assert turns++ < 1000 * nodes.size() : "no stable state for " + prefix;
      int teller = news.remove();
      List<Route> used = choose(held.get(teller).values());
      Route now = used.isEmpty() ? null : used.getFirst();
      if (now == null ? best[teller] == null : now.equals(best[teller])) {
        continue;
      }
      best[teller] = now;
      nodes.get(teller).sessions.forEach((hearer, tie) -> {
        Route told = now == null ? null : told(teller, hearer, tie, now);
        Route before =
            told == null ? held.get(hearer).remove(teller) : held.get(hearer).put(teller, told);
        if (told == null ? before != null : !told.equals(before)) {
          news.add(hearer);
        }
      });
    }
    return held;
  }

  private @Nullable Route told(int teller, int hearer, Tie tie, Route route) {
    Node from = nodes.get(teller);
    Node to = nodes.get(hearer);
    if (route.from == hearer) {
      return null;
    }
    boolean own = route.from < 0;
    Tie known = to.sessions.get(teller);
    if (tie == Tie.EBGP) {
      if (!own && route.tie == Tie.EBGP && !transit) {
        return null;
      }
      List<Long> path = new ArrayList<>(route.asPath);
      path.addFirst(from.as);
      long med = own ? route.med : 0;
      return path.contains(to.as)
          ? null
          : new Route(teller, known, path, from.address, med, -1, 0, List.of());
    }
    if (own) {
      return new Route(
          teller, known, List.of(), from.address, route.med, DEFAULT_LOCAL_PREF, 0, List.of());
    }
    if (route.tie != Tie.CLIENT && tie != Tie.CLIENT) {
      return null;
    }
    long originator = route.originator != 0 ? route.originator : id(nodes.get(route.from));
    List<Long> clusters = new ArrayList<>(route.clusters);
    clusters.addFirst(id(from));
    return originator == id(to) || clusters.contains(id(to))
        ? null
        : new Route(
            teller,
            known,
            route.asPath,
            route.nextHop,
            route.med,
            route.localPref,
            originator,
            clusters);
  }

  private static long id(Node node) {
    return node.address.v4Bits() & 0xffff_ffffL;
  }

  /** RFC 4271 §9.1.2.2 with RFC 4456 §9, and who is as good as the best. */
  private List<Route> choose(Iterable<Route> held) {
    List<Route> left = new ArrayList<>();
    held.forEach(left::add);
    if (left.size() > 1) {
      left = least(left, Comparator.comparing((Route r) -> r.from >= 0));
      left = least(left, Comparator.comparingLong(r -> -localPref(r)));
      left = least(left, Comparator.comparingInt(r -> r.asPath.size()));
      List<Route> rivals = left;
      left = left.stream()
          .filter(
              r -> rivals.stream().noneMatch(o -> o.med < r.med && neighbour(o) == neighbour(r)))
          .toList();
      left = least(left, Comparator.comparing(r -> r.tie != Tie.EBGP));
    }
    List<Route> equals = new ArrayList<>(left);
    equals.sort(Comparator.comparingLong(this::speakerId)
        .thenComparingInt(r -> r.clusters.size())
        .thenComparing(r -> nodes.get(r.from).address));
    return equals.subList(0, Math.min(maximumPaths, equals.size()));
  }

  private long speakerId(Route route) {
    return route.originator != 0 ? route.originator : id(nodes.get(route.from));
  }

  private static long localPref(Route route) {
    return route.localPref < 0 ? DEFAULT_LOCAL_PREF : route.localPref;
  }

  private static long neighbour(Route route) {
    return route.asPath.isEmpty() ? 0 : route.asPath.getFirst();
  }

  private static List<Route> least(List<Route> routes, Comparator<Route> order) {
    Route best = routes.stream().min(order).orElseThrow();
    return routes.stream().filter(r -> order.compare(r, best) == 0).toList();
  }
}
