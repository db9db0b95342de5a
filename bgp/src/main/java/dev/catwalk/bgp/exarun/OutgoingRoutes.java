package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.Route;
import dev.catwalk.bgp.exabgp.Routes;
import dev.catwalk.bgp.exabgp.SaidAttributes;
import dev.catwalk.bgp.wire.AfiSafi;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What one neighbour is to be told, its Adj-RIB-Out: the routes that hold, and those of them, or
 * against them, that it has not been told yet. A route that changes twice before it is told is told
 * once.
 */
final class OutgoingRoutes {
  /** So many a neighbour: a process that announces without an end is answered by an error. */
  static final int MOST = Routes.MOST;

  private final boolean remembered;
  private final int most;
  private final Map<Route.Key, Route> held = new LinkedHashMap<>();
  private final Map<Route.Key, Route> last = new LinkedHashMap<>();
  private final Map<Route.Key, Route> pending = new LinkedHashMap<>();
  private final Map<Group, Map<Route.Key, Route>> groups = new LinkedHashMap<>();
  private final TreeMap<String, Map<Route.Key, Route>> watched = new TreeMap<>();

  private Iterable<Route> fixed = Routes.NONE;
  private int watching;

  /** What is told together, in the order in which its first route was said. */
  private record Group(AfiSafi family, boolean announced, SaidAttributes attributes) {
    static Group of(Route route) {
      return new Group(route.family(), route.isAnnounced(), route.said());
    }
  }

  /**
   * @param remembered whether what processes announce is told to the next session too
   * @param most routes that it may have, and as many again that wait for their watchdogs
   */
  OutgoingRoutes(boolean remembered, int most) {
    this.remembered = remembered;
    this.most = most;
  }

  /**
   * The routes of the file, which every session is told; those that were there before are gone.
   *
   * @param all is gone through again and again, and makes the same routes each time
   */
  void fix(Iterable<Route> all) {
    List<Route> before = List.copyOf(last.values());
    fixed = all;
    last.clear();
    all.forEach(route -> last.put(route.key(), route));
    before.stream().filter(route -> !last.containsKey(route.key())).forEach(route -> {
      forget(route);
      tell(route.as(false));
    });
    for (Route route : all) {
      Route kept = Objects.requireNonNull(last.get(route.key()));
      add(kept.isSame(route) ? kept : route);
    }
  }

  /**
   * An announcement or a withdrawal.
   *
   * @return false if there are too many routes
   */
  boolean add(Route route) {
    if (!route.watchdog().isEmpty()) {
      if (!watch(route) && route.isAnnounced()) {
        return false;
      }
      if (route.isHeld() && route.isAnnounced()) {
        return true;
      }
    }
    return tell(route);
  }

  private boolean watch(Route route) {
    Map<Route.Key, Route> all = watched.get(route.watchdog());
    boolean known = all != null && all.containsKey(route.key());
    if (!known && watching >= most) {
      return false;
    }
    watching += known ? 0 : 1;
    watched
        .computeIfAbsent(route.watchdog(), name -> new LinkedHashMap<>())
        .put(route.key(), route);
    return true;
  }

  /** Its watchdog has it no more. */
  private void forget(Route route) {
    Map<Route.Key, Route> all = watched.get(route.watchdog());
    if (all != null && all.remove(route.key()) != null) {
      watching--;
    }
  }

  private boolean tell(Route route) {
    Route before = held.get(route.key());
    if (route.isAnnounced()) {
      if (before != null && before.isSame(route)) {
        return true;
      }
      if (before == null && held.size() >= most) {
        return false;
      }
      held.put(route.key(), route);
    } else {
      held.remove(route.key());
    }
    await(route);
    return pending.size() <= most;
  }

  /** In the place of what was to be told of the same route. */
  private void await(Route route) {
    Route other = pending.put(route.key(), route);
    if (other != null) {
      forget(Group.of(other), other.key());
    }
    groups.computeIfAbsent(Group.of(route), group -> new LinkedHashMap<>()).put(route.key(), route);
  }

  /**
   * The same for a route of the file. Where that has a route twice, ExaBGP tells both, the later one
   * later; so it is here, as long as that is how they come to stand.
   */
  private void awaitBeside(Route route) {
    if (groups.containsKey(Group.of(route))) {
      await(route);
    } else {
      pending.put(route.key(), route);
      groups.put(Group.of(route), new LinkedHashMap<>());
      Objects.requireNonNull(groups.get(Group.of(route))).put(route.key(), route);
    }
  }

  private void forget(Group group, Route.Key key) {
    Map<Route.Key, Route> members = groups.get(group);
    if (members != null) {
      members.remove(key);
      if (members.isEmpty()) {
        groups.remove(group);
      }
    }
  }

  /** All routes of that watchdog, which are told or withdrawn. */
  void watchdog(String name, boolean announced) {
    Map<Route.Key, Route> all = watched.getOrDefault(name, new LinkedHashMap<>());
    for (Route route : new ArrayList<>(all.values())) {
      Route next = route.as(announced);
      all.put(next.key(), next);
      tell(next);
    }
  }

  /** A session comes up: it has been told nothing. */
  void restart() {
    pending.clear();
    groups.clear();
    for (Route route : fixed) {
      Route now = held.get(route.key());
      if (now != null && now.isSame(Objects.requireNonNull(last.get(route.key())))) {
        awaitBeside(route);
      }
    }
    held.values().stream().filter(route -> !pending.containsKey(route.key())).forEach(this::await);
  }

  /** A session is gone. What is not remembered for the next one is forgotten. */
  void end() {
    pending.clear();
    groups.clear();
    if (!remembered) {
      held.keySet().removeIf(key -> !last.containsKey(key));
    }
  }

  /** That family's routes are told again. */
  void again(AfiSafi family) {
    held.values().stream()
        .filter(route -> route.family().equals(family))
        .filter(route -> !pending.containsKey(route.key()))
        .forEach(this::await);
  }

  /** All routes are withdrawn. */
  void clear() {
    for (Route route : all()) {
      tell(route.as(false));
    }
    fixed = Routes.NONE;
    last.clear();
  }

  boolean isTold() {
    return groups.isEmpty();
  }

  /**
   * Takes what is told next: one route, or, grouped, those that can share its message. Only routes of
   * IPv4 unicast do, as in ExaBGP.
   *
   * @param most so many routes at most
   */
  List<Route> next(boolean grouped, int most) {
    List<Route> taken = new ArrayList<>();
    Iterator<Map.Entry<Group, Map<Route.Key, Route>>> all = groups.entrySet().iterator();
    if (!all.hasNext()) {
      return taken;
    }
    Map.Entry<Group, Map<Route.Key, Route>> first = all.next();
    int count = grouped && first.getKey().family().equals(AfiSafi.IPV4_UNICAST) ? most : 1;
    Iterator<Route> members = first.getValue().values().iterator();
    while (members.hasNext() && taken.size() < count) {
      Route route = members.next();
      members.remove();
      pending.remove(route.key(), route);
      taken.add(route);
    }
    if (first.getValue().isEmpty()) {
      all.remove();
    }
    return taken;
  }

  /** What holds, in the order in which it was said. */
  List<Route> all() {
    return List.copyOf(held.values());
  }
}
