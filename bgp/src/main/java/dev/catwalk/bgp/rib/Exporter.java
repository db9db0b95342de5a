package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import org.jspecify.annotations.Nullable;

/**
 * What a group of peers is told of a route. A function: equal arguments, equal results. The answer
 * may be kept.
 */
@FunctionalInterface
public interface Exporter {
  /** The verdict on a route that nobody is told. */
  int REJECTED = -1;

  /** The attributes to announce; null where the route is not for them. */
  @Nullable
  PathAttributes export(PathAttributes attributes, Source from);

  /** Whether packets for that route come to us then: it is not told before we forward them. */
  default boolean draws(PathAttributes attributes, Source from) {
    return false;
  }

  /** Whether the prefix matters: then there is a {@link #verdict} on each. */
  default boolean filters() {
    return false;
  }

  /** {@link #REJECTED}, or what {@link #export} is to know of the prefix: 0 or more. */
  default int verdict(
      PathAttributes attributes, Source from, Family family, long high, long low, int length) {
    return 0;
  }

  /** As above, of prefixes with that verdict. */
  default @Nullable PathAttributes export(
      PathAttributes attributes, Source from, Family family, int verdict) {
    return export(attributes, from);
  }
}
