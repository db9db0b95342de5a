package dev.catwalk.bgp.exabgp;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * A {@code neighbor} of the configuration, with all that its templates gave it.
 *
 * @param line where it stands in the file
 * @param routes those that the file announces to it, in their order
 * @param api which processes are told what
 */
public record NeighborConfig(
    int line,
    String description,
    Ends ends,
    Transport transport,
    Capabilities capabilities,
    Telling telling,
    Routes routes,
    List<Api> api) {
  public NeighborConfig {
    api = List.copyOf(api);
  }

  /** Whether a session by the one can go on by the other: only what is told differs. */
  public boolean isSameSession(NeighborConfig other) {
    return ends.equals(other.ends)
        && transport.equals(other.transport)
        && capabilities.equals(other.capabilities);
  }

  /** Whether a neighbour of that range, with those settings, may have called. */
  public boolean isRangeOf(NeighborConfig called) {
    return !ends.isOne()
        && ends.peers().contains(called.ends.peers().address())
        && ends.localAs() == called.ends.localAs()
        && ends.peerAs() == called.ends.peerAs()
        && transport.equals(called.transport)
        && capabilities.equals(called.capabilities);
  }

  /** What this range means for one that called. */
  public NeighborConfig calledBy(IpAddress remote) {
    Ends called = new Ends(
        Prefix.of(remote, remote.isV4() ? 32 : 128),
        ends.local,
        ends.localAs,
        ends.peerAs,
        ends.routerId,
        ends.holdTime,
        ends.linkLocal,
        ends.hostName,
        ends.domainName);
    return new NeighborConfig(
        line, description, called, transport, capabilities, telling, routes, api);
  }

  /**
   * Who speaks with whom.
   *
   * @param peers one address, or those that may call
   * @param local null: the kernel chooses ({@code auto})
   * @param localAs 1..4294967295
   * @param peerAs 0: any ({@code auto})
   * @param holdTime in seconds, 0 or 3..65535
   * @param linkLocal what goes beside a global next hop of IPv6; null: none was said
   */
  public record Ends(
      Prefix peers,
      @Nullable IpAddress local,
      long localAs,
      long peerAs,
      int routerId,
      int holdTime,
      @Nullable IpAddress linkLocal,
      String hostName,
      String domainName) {

    /** Whether it is one neighbour, not a range of them. */
    public boolean isOne() {
      return peers.length() == (peers.address().isV4() ? 32 : 128);
    }

    /** Apart from this, two with the same families are the same neighbour. */
    Ends identity() {
      return new Ends(peers, local, localAs, peerAs, routerId, 0, null, "", "");
    }

    /** The text that {@code neighbor} commands select by. */
    public String address() {
      return isOne() ? peers.address().toString() : peers.toString();
    }
  }

  /**
   * How they come together.
   *
   * @param passive never dials
   * @param listen a port to listen at for it; 0: none
   * @param connect the port to dial; 0: the one of the environment
   * @param outgoingTtl of what is sent; 0: the kernel's
   * @param incomingTtl what is received must have as much at least (RFC 5082); 0: any
   */
  public record Transport(
      boolean passive,
      int listen,
      int connect,
      int outgoingTtl,
      int incomingTtl,
      @Nullable Md5Password password) {}

  /**
   * What the OPEN offers.
   *
   * @param families in the order in which they are offered
   * @param addPath 0: none; 1: receive, 2: send, 3: both
   * @param restartTime of graceful restart, in seconds, 0..4095; -1: none is offered
   * @param aigp whether an AIGP is sent to it though it is in another AS (RFC 7311 §3.3)
   */
  public record Capabilities(
      List<AfiSafi> families,
      boolean asn4,
      int addPath,
      SortedSet<AfiSafi> addPathFamilies,
      int restartTime,
      boolean routeRefresh,
      boolean extendedMessage,
      boolean extendedNextHop,
      List<NextHopFamily> nextHops,
      boolean linkLocalNextHop,
      boolean softwareVersion,
      boolean aigp) {
    public Capabilities {
      families = List.copyOf(families);
      nextHops = List.copyOf(nextHops);
    }
  }

  /** RFC 8950: routes of that family can have next hops of that address family. */
  public record NextHopFamily(AfiSafi family, int nextHopAfi) {}

  /**
   * How routes are told.
   *
   * @param grouped routes of IPv4 unicast with the same attributes share messages
   * @param remembered what processes announced is told again to a session that comes back
   * @param received what the neighbour announces is kept, for {@code show adj-rib in}
   * @param manualEndOfRib only commands tell the end of the routes
   * @param rateLimit so many messages a second at most; 0: no limit
   */
  public record Telling(
      boolean grouped,
      boolean remembered,
      boolean received,
      boolean manualEndOfRib,
      int rateLimit) {}

  /**
   * What some processes are told.
   *
   * @param changes sessions that come up and go down
   * @param receive of what is received: names of messages, {@code parsed}, {@code packets}, {@code
   *     consolidate}
   * @param send of what is sent
   */
  public record Api(
      List<String> processes,
      boolean changes,
      boolean negotiated,
      boolean fsm,
      boolean signal,
      SortedSet<String> receive,
      SortedSet<String> send) {
    public Api {
      processes = List.copyOf(processes);
    }
  }
}
