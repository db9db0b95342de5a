package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.rib.NextHops;
import dev.catwalk.bgp.rib.PathInfo;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.rib.Via;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.LargeCommunities;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Routes as people and scripts see them. */
final class Views {
  private static final long DEFAULT_LOCAL_PREF = 100;

  private Views() {}

  static Optional<RouteView> of(Prefix prefix, List<PathInfo> paths, NextHops nextHops) {
    if (paths.isEmpty()) {
      return Optional.empty();
    }
    String best = paths.getFirst().best() ? paths.getFirst().source().name() : "";
    return Optional.of(new RouteView(
        prefix.toString(), best, paths.stream().map(p -> of(p, nextHops)).toList()));
  }

  private static RouteView.PathView of(PathInfo path, NextHops nextHops) {
    PathAttributes attributes = path.attributes();
    boolean own = path.source().kind() == Source.Kind.LOCAL;
    return new RouteView.PathView(
        path.source().name(),
        own ? "self" : attributes.nextHop().toString(),
        attributes.asPath().toString(),
        attributes.localPref().orElse(DEFAULT_LOCAL_PREF),
        attributes.med().orElse(0),
        attributes.origin().name().toLowerCase(Locale.ROOT),
        communities(attributes),
        path.best(),
        path.why() + (path.used() && !own ? way(nextHops.ways(attributes.nextHop())) : ""),
        path.used());
  }

  private static String way(List<Via> neighbours) {
    return neighbours.isEmpty()
        ? ""
        : neighbours.stream()
            .map(Via::toString)
            .collect(Collectors.joining(", ", "; its next hop is reached by ", ""));
  }

  /** Plain ones, then large ones. */
  private static List<String> communities(PathAttributes attributes) {
    List<String> texts = new ArrayList<>();
    attributes
        .communities()
        .map(Communities::toString)
        .ifPresent(text -> texts.addAll(List.of(text.split(" "))));
    attributes
        .largeCommunities()
        .map(LargeCommunities::toString)
        .ifPresent(text -> texts.addAll(List.of(text.split(" "))));
    return texts;
  }
}
