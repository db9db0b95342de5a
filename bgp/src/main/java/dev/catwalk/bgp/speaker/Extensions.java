package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Relation;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is offered to a peer beyond what every speaker of today has.
 *
 * @param extendedMessages messages of up to 65535 octets (RFC 8654)
 * @param enhancedRefresh refreshes with a begin and an end (RFC 7313)
 * @param extendedNextHop IPv4 routes with IPv6 next hops (RFC 8950)
 * @param longLivedStaleTime how long routes may outlive the restart time, in seconds, 0..2^24-1; 0:
 *     not at all (RFC 9494)
 * @param role what we are to the peer (RFC 9234)
 * @param strictRole whether a peer must say its role too
 * @param extendedParameters whether our OPEN has its parameters in the extended form though they fit
 *     into the other: some that say them so themselves take nothing else (RFC 9072)
 */
public record Extensions(
    boolean extendedMessages,
    boolean enhancedRefresh,
    boolean extendedNextHop,
    AddPath addPath,
    int longLivedStaleTime,
    Optional<Relation> role,
    boolean strictRole,
    boolean extendedParameters) {

  /** What peers get that say nothing else. */
  public static final Extensions STANDARD =
      new Extensions(true, true, false, AddPath.OFF, 0, Optional.empty(), false);

  /**
   * Several paths of a prefix (RFC 7911).
   *
   * @param receive whether we take them
   * @param send how many paths of a prefix we tell at most: the best one and those next to it; 0: no
   *     path identifiers
   */
  public record AddPath(boolean receive, int send) {
    public static final int MOST = 64;
    public static final AddPath OFF = new AddPath(false, 0);

    public AddPath {
      assert send >= 0 && send <= MOST : send;
    }
  }

  /** With an OPEN in the plain form. */
  public Extensions(
      boolean extendedMessages,
      boolean enhancedRefresh,
      boolean extendedNextHop,
      AddPath addPath,
      int longLivedStaleTime,
      Optional<Relation> role,
      boolean strictRole) {
    this(
        extendedMessages,
        enhancedRefresh,
        extendedNextHop,
        addPath,
        longLivedStaleTime,
        role,
        strictRole,
        false);
  }

  public Extensions {
    assert longLivedStaleTime >= 0 && longLivedStaleTime <= Capability.LongLived.MAX_STALE_TIME;
  }

  /** The same with IPv6 next hops for IPv4. */
  public Extensions withExtendedNextHop() {
    return new Extensions(
        extendedMessages,
        enhancedRefresh,
        true,
        addPath,
        longLivedStaleTime,
        role,
        strictRole,
        extendedParameters);
  }

  /** What an OPEN says of it; {@link Startup} knows what is long-lived. */
  List<Capability> capabilities(List<Family> families) {
    List<Capability> offered = new ArrayList<>();
    if (extendedMessages) {
      offered.add(new Capability.ExtendedMessage());
    }
    if (enhancedRefresh) {
      offered.add(new Capability.EnhancedRefresh());
    }
    if (extendedNextHop && families.contains(Family.IPV4)) {
      offered.add(Capability.ExtendedNextHop.IPV4);
    }
    if (addPath.receive() || addPath.send() > 0) {
      offered.add(new Capability.AddPath(families.stream()
          .map(f -> new Capability.Paths(AfiSafi.unicast(f), addPath.receive(), addPath.send() > 0))
          .toList()));
    }
    role.ifPresent(relation -> offered.add(new Capability.Role(relation.value())));
    return offered;
  }
}
