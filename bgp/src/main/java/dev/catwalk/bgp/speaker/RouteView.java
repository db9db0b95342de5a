package dev.catwalk.bgp.speaker;

import java.util.List;

/**
 * One prefix as {@code catwalk routes} shows it: the members are those of {@code docs/contracts.md}.
 *
 * @param best the peer whose path is the best one; {@code local} for our own; empty where none is
 */
public record RouteView(String prefix, String best, List<PathView> paths) {

  /**
   * @param med 0 where the path has none
   * @param localPref 100 where the path has none
   * @param installed whether traffic goes there
   * @param why why it is the best, is used beside the best, lost or was refused
   */
  public record PathView(
      String peer,
      String nextHop,
      String asPath,
      long localPref,
      long med,
      String origin,
      List<String> communities,
      boolean best,
      String why,
      boolean installed) {}

  public RouteView {
    paths = List.copyOf(paths);
  }
}
