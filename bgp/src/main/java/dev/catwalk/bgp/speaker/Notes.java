package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.Negotiated;
import dev.catwalk.bgp.policy.RouteRules.PrefixLimit;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Problem;
import dev.catwalk.net.addr.Family;

/** What a speaker logs of its peers. */
final class Notes {
  private Notes() {}

  static Deed.Note up(Peer peer, Negotiated negotiated) {
    return Deed.Note.info(
        "session up peer={} address={} as={} families={} holdTime={}",
        peer.config.name(),
        peer.config.address(),
        negotiated.peerAs(),
        negotiated.families(),
        negotiated.holdTime());
  }

  /** @param retained how many of its routes stay for a while */
  static Deed.Note down(Peer peer, int retained, String why) {
    return Deed.Note.warning(
        "session down peer={} address={} retained={} why={}",
        peer.config.name(),
        peer.config.address(),
        retained,
        why);
  }

  static Deed.Note failed(Peer peer, String why) {
    return Deed.Note.info(
        "no session yet peer={} address={} why={}", peer.config.name(), peer.config.address(), why);
  }

  static Deed.Note forgotten(Peer peer, int stale, String why) {
    return Deed.Note.warning(
        "routes of a restarting peer dropped peer={} count={} why={}",
        peer.config.name(),
        stale,
        why);
  }

  static Deed.Note longLived(Peer peer, int stale, int seconds) {
    return Deed.Note.warning(
        "routes of a peer that is away are the last choice peer={} count={} seconds={}",
        peer.config.name(),
        stale,
        seconds);
  }

  static Deed.Note limit(Peer peer, Family family, int count, PrefixLimit limit) {
    return Deed.Note.warning(
        count > limit.maximum()
            ? "too many prefixes peer={} family={} count={} maximum={}"
            : "many prefixes peer={} family={} count={} maximum={}",
        peer.config.name(),
        AfiSafi.unicast(family),
        count,
        limit.maximum());
  }

  /** @param limit what all may take together */
  static Deed.Note hoard(Peer peer, long octets, long limit) {
    return Deed.Note.warning(
        "no memory for more routes: the peer that has most goes for a while peer={} octets={}"
            + " limitOfAll={} remedy=give it a prefixLimit, or the JVM a larger heap (-Xmx)",
        peer.config.name(),
        octets,
        limit);
  }

  static Deed.Note problem(Peer peer, Problem problem) {
    return Deed.Note.warning(
        "bad route data peer={} remedy={} attribute={} what={}",
        peer.config.name(),
        problem.remedy(),
        problem.attribute(),
        problem.what());
  }
}
