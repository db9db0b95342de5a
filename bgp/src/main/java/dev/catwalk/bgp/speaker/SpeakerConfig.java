package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.policy.Aggregate;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;

/**
 * All that a speaker is told: who it is, where it listens, with whom it speaks.
 *
 * @param as 1..4294967295
 * @param routerId the BGP Identifier (RFC 6286): an IPv4 address other than 0.0.0.0; also the
 *     cluster id where there are reflector clients
 * @param peers at most one per address
 * @param dynamic asked in this order for callers that no {@link PeerConfig} names
 * @param transit whether what one eBGP peer told us is told to others: a router and a route server
 *     do, a node between two switches must not carry their traffic
 * @param deferralTime how long after its start, at most, a speaker waits for the routes of its peers
 *     before it is converged: RFC 4724 §4.1's Selection_Deferral_Timer, in seconds, 1..3600
 * @param interfaces peers by their interface, at most one at each; {@link #located} names among the
 *     {@code peers} those whose addresses are known
 * @param aggregates at most one of a prefix, and {@link Aggregate#MOST}
 */
public record SpeakerConfig(
    long as,
    IpAddress routerId,
    List<ListenAddress> listen,
    Multipath multipath,
    List<PeerConfig> peers,
    List<DynamicPeers> dynamic,
    boolean transit,
    int deferralTime,
    List<Aggregate> aggregates,
    List<InterfacePeer> interfaces) {

  public static final int DEFERRAL_TIME = 30;
  public static final int MAX_DEFERRAL_TIME = 3600;

  /** Where to accept sessions; the unspecified address stands for all of its family. */
  public record ListenAddress(IpAddress address, int port) {
    @Override
    public String toString() {
      return address.isV4() ? address + ":" + port : "[" + address + "]:" + port;
    }
  }

  /**
   * How many equally good paths of one prefix are used at once.
   *
   * @param maximum 1 or more; 1 turns it off
   * @param relaxAsPath whether paths through different AS count as equal when they are of one length
   */
  public record Multipath(int maximum, boolean relaxAsPath) {
    public static final Multipath OFF = new Multipath(1, false);

    public Multipath {
      assert maximum >= 1 : maximum;
    }
  }

  /** A speaker that passes on all that it learns. */
  public SpeakerConfig(
      long as,
      IpAddress routerId,
      List<ListenAddress> listen,
      Multipath multipath,
      List<PeerConfig> peers,
      List<DynamicPeers> dynamic) {
    this(as, routerId, listen, multipath, peers, dynamic, true, DEFERRAL_TIME);
  }

  /** Without aggregates. */
  public SpeakerConfig(
      long as,
      IpAddress routerId,
      List<ListenAddress> listen,
      Multipath multipath,
      List<PeerConfig> peers,
      List<DynamicPeers> dynamic,
      boolean transit,
      int deferralTime) {
    this(
        as,
        routerId,
        listen,
        multipath,
        peers,
        dynamic,
        transit,
        deferralTime,
        List.of(),
        List.of());
  }

  /** The same with those aggregates. */
  public SpeakerConfig aggregating(List<Aggregate> others) {
    return new SpeakerConfig(
        as, routerId, listen, multipath, peers, dynamic, transit, deferralTime, others, interfaces);
  }

  /** The same with other peers. */
  public SpeakerConfig with(List<PeerConfig> others) {
    return new SpeakerConfig(
        as,
        routerId,
        listen,
        multipath,
        others,
        dynamic,
        transit,
        deferralTime,
        aggregates,
        interfaces);
  }

  /** The same with peers at interfaces. */
  public SpeakerConfig at(List<InterfacePeer> links) {
    return new SpeakerConfig(
        as, routerId, listen, multipath, peers, dynamic, transit, deferralTime, aggregates, links);
  }

  /**
   * The same with those peers at interfaces whose addresses are known, by the name of the interface.
   * An address that two of them have is the first one's.
   */
  public SpeakerConfig located(SortedMap<String, IpAddress> addresses) {
    List<PeerConfig> all = new ArrayList<>(peers);
    TreeSet<IpAddress> taken = new TreeSet<>();
    peers.forEach(peer -> taken.add(peer.address()));
    for (InterfacePeer peer : interfaces) {
      IpAddress address = addresses.get(peer.link());
      if (address != null && taken.add(address)) {
        all.add(peer.at(address));
      }
    }
    return with(all);
  }

  /** Whether the address of some peer at an interface is not known. */
  boolean isWaitingForNeighbours() {
    long known = peers.stream().filter(p -> !p.session().tcp().link().isEmpty()).count();
    return known < interfaces.size();
  }

  public SpeakerConfig {
    assert deferralTime >= 1 && deferralTime <= MAX_DEFERRAL_TIME : deferralTime;
    assert as >= 1 && as <= 0xffff_ffffL : as;
    assert routerId.isV4() && !routerId.isUnspecified() : routerId;
    listen = List.copyOf(listen);
    peers = List.copyOf(peers);
    dynamic = List.copyOf(dynamic);
    aggregates = List.copyOf(aggregates);
    interfaces = List.copyOf(interfaces);
    assert aggregates.size() <= Aggregate.MOST;
  }
}
