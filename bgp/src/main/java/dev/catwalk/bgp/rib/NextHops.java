package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which next hops can be reached, and by which neighbours (RFC 4271 §9.1.2.1). One on a link is
 * reached by itself. A far one is where the longest other route leads: one of the {@link Underlay},
 * or one of BGP, whose own next hop may be far too; never one that leads back to it. What cannot be
 * reached keeps its paths out of the decision.
 *
 * <p>Whether a far one is reached depends on which paths there are and not on which are selected:
 * else a selection could take away what it rests on, and never come to an end. As long as the owner
 * has named no underlay every next hop is a neighbour. One thread.
 */
public final class NextHops {
  /** How many routes may lean on each other; what is farther away is not reached. */
  static final int DEPTH = 8;

  /** How many far next hops are looked after; further ones are not reached. */
  static final int FAR = 4096;

  /** How many paths are looked at for one of them, where they lead round and round. */
  private static final int STEPS = 1024;

  /** How many neighbours lead to one of them at most. */
  private static final int NEIGHBOURS = 64;

  private final Rib ipv4;
  private final Rib ipv6;
  private final TreeMap<IpAddress, Hop> far = new TreeMap<>();
  private final TreeSet<IpAddress> near = new TreeSet<>(); // that were far when they were told of
  private int beyondFar;
  private @Nullable IpAddress lastNear; // most UPDATEs have the one that was asked for last
  private @Nullable Underlay underlay;
  private boolean pathsChanged;
  private boolean waysChanged;

  /** One that is on no link. */
  private static final class Hop {
    boolean reached;

    /** As the owner was told; null: not yet. */
    @Nullable
    List<Via> via;

    Hop(@Nullable List<Via> via) {
      this.via = via;
    }
  }

  public NextHops(Rib ipv4, Rib ipv6) {
    this.ipv4 = ipv4;
    this.ipv6 = ipv6;
  }

  /** What the owner knows without BGP, from now on. */
  public void become(Underlay next) {
    if (underlay == null) {
      ipv4.in().watch(p -> touched(ipv4, p));
      ipv6.in().watch(p -> touched(ipv6, p));
    }
    underlay = next;
    lastNear = null;
    TreeMap<IpAddress, Hop> before = new TreeMap<>(far);
    far.clear();
    for (IpAddress nextHop : nextHops()) {
      Hop hop = before.remove(nextHop);
      if (isNear(nextHop)) {
        near.addAll(hop == null ? List.of() : List.of(nextHop));
      } else if (far.size() < FAR) {
        far.put(nextHop, hop == null ? new Hop(List.of(new Via(nextHop, ""))) : hop);
      }
    }
    pathsChanged = true;
    waysChanged = true;
  }

  /** All that paths have which nothing else keeps out of the decision. */
  private TreeSet<IpAddress> nextHops() {
    TreeSet<IpAddress> all = new TreeSet<>();
    ipv4.in().forEachNextHop(all::add);
    ipv6.in().forEachNextHop(all::add);
    return all;
  }

  /** Whether packets for it find a way now. */
  public boolean isReached(IpAddress nextHop) {
    if (isNear(nextHop)) {
      return true;
    }
    Hop hop = far.get(nextHop);
    if (hop == null) {
      if (far.size() >= FAR && beyondFar++ % FAR == 0) {
        far.keySet().retainAll(nextHops());
      }
      if (far.size() >= FAR) {
        return false;
      }
      hop = new Hop(null);
      hop.reached = leadsOn(nextHop, this::isKnown);
      far.put(nextHop, hop);
    }
    return hop.reached;
  }

  private boolean isKnown(IpAddress nextHop) {
    Hop hop = far.get(nextHop);
    return hop != null && hop.reached;
  }

  private boolean isNear(IpAddress nextHop) {
    Underlay known = underlay;
    if (known == null || nextHop.equals(lastNear)) {
      return true;
    }
    boolean neighbour = nextHop.isLinkLocal() && !nextHop.isV4()
        || !far.containsKey(nextHop) && known.isOnLink(nextHop);
    lastNear = neighbour ? nextHop : lastNear;
    return neighbour;
  }

  /** A path of that prefix came, went or is another. */
  private void touched(Rib rib, int p) {
    if (!pathsChanged && !far.isEmpty()) {
      pathsChanged = leadsTo(rib.in().index.prefix(p));
    }
  }

  /** Whether some far one is in that prefix. */
  private boolean leadsTo(Prefix prefix) {
    IpAddress next = far.ceilingKey(prefix.address());
    return next != null && prefix.contains(next);
  }

  /** Whether {@link #settle} or {@link #renew} has something to do. */
  public boolean hasWork() {
    return pathsChanged || waysChanged;
  }

  /** Refuses the paths whose next hop is no longer reached, and takes those that are again. */
  public void settle() {
    if (!pathsChanged || underlay == null) {
      return;
    }
    TreeSet<IpAddress> reached = new TreeSet<>();
    List<IpAddress> others = new ArrayList<>(far.keySet());
    for (int depth = 0; depth < DEPTH; depth++) {
      List<IpAddress> more =
          others.stream().filter(n -> leadsOn(n, reached::contains)).toList();
      if (more.isEmpty()) {
        break;
      }
      reached.addAll(more);
      others.removeIf(reached::contains);
    }
    boolean news = waysChanged;
    for (Map.Entry<IpAddress, Hop> entry : far.entrySet()) {
      boolean now = reached.contains(entry.getKey());
      news |= now != entry.getValue().reached;
      entry.getValue().reached = now;
    }
    if (news) {
      ipv4.in().recheck(this::isReached);
      ipv6.in().recheck(this::isReached);
    }
    pathsChanged = false;
    waysChanged = true;
  }

  /** Whether some route leads to it whose own next hop is on a link, or one of these. */
  private boolean leadsOn(IpAddress nextHop, Predicate<IpAddress> reached) {
    AdjRibsIn in = rib(nextHop.family()).in();
    for (int length = nextHop.family().bits(); length >= 0; length--) {
      Prefix prefix = Prefix.of(nextHop, length);
      List<Via> route = Objects.requireNonNull(underlay).route(prefix);
      if (route != null) {
        return !route.isEmpty();
      }
      int p = in.index.find(prefix.address().high(), prefix.address().low(), length);
      for (int path = p == PrefixIndex.NONE ? PathStore.END : in.first(p);
          path != PathStore.END;
          path = in.paths.next(path)) {
        Refusal refusal = in.paths.refusal(path);
        if (in.source(path).kind() == Source.Kind.LOCAL) {
          return false; // it ends here, and no neighbour is behind it
        }
        if (refusal == null || refusal == Refusal.UNREACHABLE_NEXT_HOP) {
          IpAddress next = in.pool.nextHop(in.paths.set(path));
          if (reached.test(next) || isNear(next)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private Rib rib(Family family) {
    return switch (family) {
      case IPV4 -> ipv4;
      case IPV6 -> ipv6;
    };
  }

  /** These were selected anew: what is far may be reached another way. */
  public void selected(List<RouteChange> changes) {
    waysChanged = waysChanged || changes.stream().anyMatch(c -> leadsTo(c.prefix()));
  }

  /** When all is decided: the routes that stay as they are, but whose packets go another way now. */
  public List<RouteChange> renew() {
    if (!waysChanged || pathsChanged) {
      return List.of();
    }
    waysChanged = false;
    TreeSet<IpAddress> changed = new TreeSet<>(near);
    near.clear();
    far.forEach((address, hop) -> {
      List<Via> now = ways(address);
      if (hop.via != null && !hop.via.equals(now)) {
        changed.add(address);
      }
      hop.via = hop.via == null ? null : now;
    });
    List<RouteChange> renewed = new ArrayList<>();
    if (!changed.isEmpty()) {
      renewed.addAll(ipv4.usedThrough(changed));
      renewed.addAll(ipv6.usedThrough(changed));
    }
    return renewed;
  }

  /** With the neighbours that lead to far next hops. */
  public RouteChange through(RouteChange change) {
    if (far.isEmpty()) {
      return change;
    }
    return new RouteChange(
        change.prefix(), change.paths().stream().map(this::through).toList());
  }

  private Path through(Path path) {
    IpAddress nextHop = path.attributes().nextHop();
    Hop hop = path.source().kind() == Source.Kind.LOCAL ? null : far.get(nextHop);
    if (hop == null) {
      return path;
    }
    List<Via> via = hop.via == null ? ways(nextHop) : hop.via;
    hop.via = via;
    return new Path(path.source(), path.attributes(), via);
  }

  /** The neighbours that lead to a far next hop; none, where it is on a link or not reached. */
  public List<Via> ways(IpAddress nextHop) {
    if (underlay == null || !far.containsKey(nextHop)) {
      return List.of();
    }
    return ways(nextHop, new TreeSet<>(), new int[] {STEPS});
  }

  private List<Via> ways(IpAddress nextHop, TreeSet<IpAddress> underWay, int[] steps) {
    if (underWay.size() >= DEPTH || !underWay.add(nextHop)) {
      return List.of();
    }
    List<Via> found = List.of();
    AdjRibsIn in = rib(nextHop.family()).in();
    for (int length = nextHop.family().bits(); length >= 0 && found.isEmpty(); length--) {
      Prefix prefix = Prefix.of(nextHop, length);
      List<Via> route = Objects.requireNonNull(underlay).route(prefix);
      int p = in.index.find(prefix.address().high(), prefix.address().low(), length);
      if (route != null) {
        found = route;
        break;
      }
      if (p != PrefixIndex.NONE) {
        if (endsHere(in, p)) {
          break;
        }
        found = ways(in, p, underWay, steps);
      }
    }
    underWay.remove(nextHop);
    return found;
  }

  private static boolean endsHere(AdjRibsIn in, int p) {
    int first = in.first(p);
    return first != PathStore.END
        && in.paths.isUsed(first)
        && in.source(first).kind() == Source.Kind.LOCAL;
  }

  /** Those of the paths in use; where they lead back, of the first other one that does not. */
  private List<Via> ways(AdjRibsIn in, int p, TreeSet<IpAddress> underWay, int[] steps) {
    TreeSet<Via> found = new TreeSet<>(Via.ORDER);
    for (boolean used : new boolean[] {true, false}) {
      for (int path = in.first(p); path != PathStore.END; path = in.paths.next(path)) {
        boolean enough = used ? found.size() >= NEIGHBOURS : !found.isEmpty();
        if (in.paths.isUsed(path) == used
            && in.paths.isEligible(path)
            && !enough
            && steps[0]-- > 0) {
          IpAddress next = in.pool.nextHop(in.paths.set(path));
          found.addAll(
              far.containsKey(next)
                  ? ways(next, underWay, steps)
                  : List.of(Via.of(next, in.source(path).link())));
        }
      }
    }
    return List.copyOf(found);
  }
}
