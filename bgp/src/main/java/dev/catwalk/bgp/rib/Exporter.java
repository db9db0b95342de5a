package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.PathAttributes;
import org.jspecify.annotations.Nullable;

/**
 * What a group of peers is told of a route. A function: equal arguments, equal results. The answer
 * may be kept.
 */
@FunctionalInterface
public interface Exporter {

  /** The attributes to announce; null where the route is not for them. */
  @Nullable
  PathAttributes export(PathAttributes attributes, Source from);
}
