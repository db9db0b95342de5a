package dev.catwalk.bgp.rib;

import dev.catwalk.net.addr.Prefix;
import java.util.List;

/** Told of each change of what is selected. */
@FunctionalInterface
public interface RouteListener {

  /**
   * One prefix and what is used for it now.
   *
   * @param paths the best one first, then those used beside it; empty: the prefix is gone
   */
  record RouteChange(Prefix prefix, List<Path> paths) {
    public RouteChange {
      paths = List.copyOf(paths);
    }
  }

  void changed(List<RouteChange> changes);
}
