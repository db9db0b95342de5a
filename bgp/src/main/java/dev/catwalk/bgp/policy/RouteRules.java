package dev.catwalk.bgp.policy;

import java.util.Optional;

/**
 * What is configured for the routes of one peer, both ways. A change needs no new session but for
 * {@code localAs}.
 *
 * @param localAs which AS we are to the peer; 0: the speaker's
 */
public record RouteRules(long localAs, Imports imports, Exports exports) {

  /** What peers get that say nothing else. */
  public static final RouteRules STANDARD = new RouteRules(0, Imports.STANDARD, Exports.STANDARD);

  /**
   * @param allowOwnAs how often our AS may be in a path, 0..{@link #MOST_OWN_AS}
   * @param requireFilter nothing is taken from an eBGP peer without a filter (RFC 8212)
   */
  public record Imports(
      int allowOwnAs, boolean requireFilter, Optional<PrefixLimit> limit, RouteFilter filter) {
    public static final int MOST_OWN_AS = 10;
    public static final Imports STANDARD =
        new Imports(0, false, Optional.empty(), RouteFilter.NONE);
  }

  /**
   * @param overrideAs our AS stands in paths in place of the peer's
   * @param removePrivateAs private numbers (RFC 6996) are taken out of paths to eBGP peers
   * @param requireFilter nothing is told to an eBGP peer without a filter (RFC 8212)
   */
  public record Exports(
      NextHops nextHop,
      boolean overrideAs,
      boolean removePrivateAs,
      boolean requireFilter,
      RouteFilter filter) {
    public static final Exports STANDARD =
        new Exports(NextHops.AUTO, false, false, false, RouteFilter.NONE);
  }

  /** Which next hop a peer is told. */
  public enum NextHops {
    /** Ours for eBGP peers and of what we originate, else as it came (RFC 4271 §5.1.3). */
    AUTO,
    /** Always ours. */
    SELF,
    /** As it came, but for what we originate. */
    KEEP
  }

  /**
   * How many prefixes of a family a peer may have (RFC 4486 §4).
   *
   * @param maximum 1 or more
   * @param warnAt from which share of it on there is a warning, in percent, 1..100
   * @param warnOnly whether the session stays when there are more
   * @param restart after how many seconds the session may come again; 0: when somebody changes the
   *     configuration
   */
  public record PrefixLimit(int maximum, int warnAt, boolean warnOnly, int restart) {
    public PrefixLimit {
      assert maximum >= 1 && warnAt >= 1 && warnAt <= 100 && restart >= 0;
    }
  }
}
