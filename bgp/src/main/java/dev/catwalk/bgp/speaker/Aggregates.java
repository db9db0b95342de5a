package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.policy.Aggregate;
import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.rib.PathInfo;
import dev.catwalk.bgp.rib.Rib;
import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.Aggregator;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which aggregates there are at the moment, and with which attributes (RFC 4271 §9.2.2.2). Their path
 * is empty and never has an AS_SET (RFC 9774): who contributed is not told.
 */
final class Aggregates {
  private final SpeakerConfig config;
  private final Predicate<Prefix> counts;
  private final List<Whole> wholes = new ArrayList<>();

  /** One of the configured and the routes that contribute to it. */
  private static final class Whole {
    final Aggregate aggregate;
    final TreeMap<Prefix, PathAttributes> parts = new TreeMap<>();
    final EnumMap<Origin, Integer> origins = new EnumMap<>(Origin.class);
    int withPath;

    Whole(Aggregate aggregate) {
      this.aggregate = aggregate;
    }

    /** Which part has which route; null: none that counts. */
    void put(Prefix part, @Nullable PathAttributes route) {
      PathAttributes before = route == null ? parts.remove(part) : parts.put(part, route);
      count(before, -1);
      count(route, 1);
    }

    private void count(@Nullable PathAttributes route, int by) {
      if (route != null) {
        origins.merge(route.origin(), by, Integer::sum);
        withPath += route.asPath().equals(AsPath.EMPTY) ? 0 : by;
      }
    }

    /** The one of them that says least: INCOMPLETE, else EGP, else IGP. */
    Origin origin() {
      Origin worst = Origin.IGP;
      for (Origin origin : origins.keySet()) { // in their order
        worst = origins.get(origin) > 0 ? origin : worst;
      }
      return worst;
    }
  }

  /** @param counts which of the routes that others told us make them, by prefix */
  Aggregates(SpeakerConfig config, Predicate<Prefix> counts) {
    this.config = config;
    this.counts = counts;
    config.aggregates().forEach(aggregate -> wholes.add(new Whole(aggregate)));
  }

  boolean isEmpty() {
    return wholes.isEmpty();
  }

  /** Takes over what is selected already. */
  void fill(Rib rib) {
    if (wholes.stream().noneMatch(w -> w.aggregate.prefix().family() == rib.family())) {
      return;
    }
    rib.prefixes().forEach(prefix -> look(prefix, rib));
  }

  /** What is selected is another; returns the aggregates that this may have changed. */
  TreeSet<Prefix> take(List<RouteChange> changes) {
    TreeSet<Prefix> touched = new TreeSet<>();
    for (RouteChange change : changes) {
      List<Path> paths = change.paths();
      take(change.prefix(), paths.isEmpty() ? null : paths.getFirst(), touched);
    }
    return touched;
  }

  /** What is best there by now, or whether it counts, is another; returns as {@link #take}. */
  TreeSet<Prefix> look(Prefix prefix, Rib rib) {
    TreeSet<Prefix> touched = new TreeSet<>();
    if (!isEmpty()) {
      List<PathInfo> paths = rib.explain(prefix);
      boolean any = !paths.isEmpty() && paths.getFirst().best();
      PathInfo best = any ? paths.getFirst() : null;
      take(prefix, best == null ? null : new Path(best.source(), best.attributes()), touched);
    }
    return touched;
  }

  private void take(Prefix prefix, @Nullable Path best, TreeSet<Prefix> touched) {
    boolean count =
        best != null && (best.source().kind() == Source.Kind.LOCAL || counts.test(prefix));
    PathAttributes route = best != null && count ? best.attributes() : null;
    for (Whole whole : wholes) {
      boolean part = route != null && whole.aggregate.contributes(prefix, route);
      if (part || whole.parts.containsKey(prefix)) {
        whole.put(prefix, part ? route : null);
        touched.add(whole.aggregate.prefix());
      }
    }
  }

  /** The prefixes of all of them, whether or not something contributes. */
  List<Prefix> prefixes() {
    return wholes.stream().map(w -> w.aggregate.prefix()).toList();
  }

  /** What is told of that one; null while nothing contributes to it. */
  @Nullable
  PathAttributes attributes(Prefix prefix) {
    for (Whole whole : wholes) {
      if (whole.aggregate.prefix().equals(prefix) && !whole.parts.isEmpty()) {
        IpAddress self = prefix.family() == Family.IPV4 ? IpAddress.v4(0) : IpAddress.v6(0, 0);
        return PathAttributes.builder(whole.origin(), AsPath.EMPTY, self)
            .atomicAggregate(whole.withPath > 0)
            .aggregator(new Aggregator(config.as(), config.routerId()))
            .build();
      }
    }
    return null;
  }
}
