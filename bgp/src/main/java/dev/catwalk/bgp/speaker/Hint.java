package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.SendHold;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.net.addr.IpAddress;
import org.jspecify.annotations.Nullable;

/** What to look at when a session does not come up: what operators find out the hard way. */
final class Hint {
  private Hint() {}

  /**
   * Because of that error.
   *
   * @param error as {@code lastError} has it
   * @param last the last NOTIFICATION from the peer; null: none
   */
  static String of(String error, @Nullable Notification last, PeerConfig peer, SpeakerConfig own) {
    String refusal = error.contains("peer sent NOTIFICATION") ? refused(last, peer, own) : "";
    if (!refusal.isEmpty()) {
      return refusal;
    }
    if (error.equals(PeerViews.BANNED)) {
      return "let the peer tell less or raise prefixLimit.maximum: the session comes back then, or"
          + " after prefixLimit.restart";
    }
    if (error.contains("role")) {
      return "the roles of both sides must go together: provider and customer, routeServer and"
          + " routeServerClient, peer and peer";
    }
    if (error.startsWith(SendHold.EXPIRED)) {
      return "the peer is there and reads nothing: is its BGP process hung or stopped?";
    }
    if (error.contains("Cannot assign requested address")) {
      return "source " + peer.session().tcp().source().map(IpAddress::toString).orElse("")
          + " is no address of this machine: what does 'ip address' say?";
    }
    if (error.contains("no answer") || error.contains("timed out")) {
      return "no packet comes back from " + peer.address() + " port " + peer.port() + ": "
          + (peer.session().password().isPresent()
              ? "the MD5 password may differ there, or it has none for us; "
              : "it may want an MD5 password (passwordFile); ")
          + "or the address is wrong, or a firewall drops it";
    }
    if (error.contains("Connection refused") && isSwitchedOff(last)) {
      return "somebody switched it off at " + peer.address()
          + ": its last NOTIFICATION says so, and nothing listens on its port " + peer.port();
    }
    if (error.contains("Connection refused")) {
      return "the machine " + peer.address() + " is there and nothing listens on its port "
          + peer.port() + ": is BGP running on it, and are we a neighbour of it?";
    }
    if (error.contains("No route to host") || error.contains("unreachable")) {
      return "there is no way to " + peer.address() + ": is the link up, what does"
          + " 'ip route get " + peer.address() + "' say?";
    }
    if (error.contains("configured is")) {
      return "give this peer its real AS in bgp.peers, or correct the AS that it runs with";
    }
    if (error.contains("closed by peer") || error.contains("reset by peer")) {
      return "the peer ended it without a word: does it have a neighbour with the address that we"
          + " call from, and AS " + own.as() + "? Its own log says more";
    }
    if (error.contains("hold time")) {
      return "the peer or the way to it was silent: is it busy or cut off?";
    }
    return "";
  }

  private static String refused(@Nullable Notification last, PeerConfig peer, SpeakerConfig own) {
    if (last == null) {
      return "";
    }
    Fault fault = Fault.of(last.code(), last.subcode()).orElse(null);
    if (fault == Fault.BAD_PEER_AS) {
      return "the peer expects another AS of us than " + own.as();
    }
    if (fault == Fault.BAD_BGP_IDENTIFIER) {
      return "the peer does not take our router id " + own.routerId() + ": is it the peer's own?";
    }
    if (fault == Fault.UNSUPPORTED_CAPABILITY) {
      return "the peer wants a capability or a family that we do not offer: compare families";
    }
    if (fault == Fault.MAXIMUM_PREFIXES) {
      return "we tell the peer more prefixes than it allows us";
    }
    if (fault == Fault.CONNECTION_REJECTED) {
      return "the peer knows no neighbour at our address, or has it switched off";
    }
    if (isSwitchedOff(last)) {
      return "somebody switched it off at " + peer.address();
    }
    return "";
  }

  private static boolean isSwitchedOff(@Nullable Notification last) {
    Fault fault = last == null ? null : Fault.of(last.code(), last.subcode()).orElse(null);
    return fault == Fault.ADMINISTRATIVE_SHUTDOWN || fault == Fault.PEER_DECONFIGURED;
  }
}
