package dev.catwalk.bgp.rib;

import dev.catwalk.bgp.wire.PathAttributes;
import java.util.List;

/**
 * What one source says of one prefix.
 *
 * @param via the neighbours that packets go to: the next hop itself, or those that lead to it ({@link
 *     NextHops}); none, where no way to it is known at the moment
 */
public record Path(Source source, PathAttributes attributes, List<Via> via) {
  public Path {
    via = List.copyOf(via);
  }

  /** One whose next hop is a neighbour. */
  public Path(Source source, PathAttributes attributes) {
    this(source, attributes, List.of(Via.of(attributes.nextHop(), source.link())));
  }
}
