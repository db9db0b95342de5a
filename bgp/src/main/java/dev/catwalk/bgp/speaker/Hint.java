package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.fsm.SendHold;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.net.addr.IpAddress;
import org.jspecify.annotations.Nullable;

/** What to look at when a session does not come up: what operators find out the hard way. */
final class Hint {
  private static final String ROLES =
      "the roles of both sides must go together: provider and customer, routeServer and"
          + " routeServerClient, peer and peer; a strict side wants one of the other";

  private Hint() {}

  /**
   * Because of that error.
   *
   * @param error as {@code lastError} has it
   * @param last the last NOTIFICATION from the peer; null: none
   */
  static String of(String error, @Nullable Notification last, PeerConfig peer, SpeakerConfig own) {
    if (error.contains("peer sent NOTIFICATION") && last != null) {
      return refused(last.reason(), peer, own);
    }
    if (error.equals(PeerViews.TOO_MANY)) {
      return "let the peer tell less or raise prefixLimit.maximum: the session comes back then, or"
          + " after prefixLimit.restart";
    }
    if (error.equals(PeerViews.TOO_LARGE)) {
      return "it may come again in a minute: give it a prefixLimit, or the JVM a larger heap (-Xmx)";
    }
    if (error.contains("role")) {
      return ROLES;
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
          + hops(peer.session().tcp())
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
    if (error.startsWith("no address family in common")) {
      return "compare families here with those of the peer for us";
    }
    if (error.startsWith("no OPEN within")) {
      return "the peer took the connection and says nothing: is its BGP process hung, or is it"
          + " another program that listens there?";
    }
    if (error.contains("configured is")) {
      return "give this peer its real AS in bgp.peers, or correct the AS that it runs with";
    }
    boolean closed = error.contains("closed by peer") || error.contains("reset by peer");
    if (closed && isSwitchedOff(last)) {
      return "somebody switched it off at " + peer.address()
          + ": its last NOTIFICATION says so, and it hangs up on us since";
    }
    if (closed) {
      return "the peer ended it without a word: does it have a neighbour with the address that we"
          + " call from, and AS " + own.as() + "? Its own log says more";
    }
    if (error.startsWith("BFD")) {
      return "the path to " + peer.address()
          + " has failed, or BFD at it has ended: look at the link," + " and at bfd of both ends";
    }
    if (error.contains("router id") || error.contains("BGP Identifier")) {
      return "two routers must not have one router id: give this one or " + peer.address()
          + " another";
    }
    if (error.contains("hold time")) {
      return "the peer or the way to it was silent: is it busy or cut off?";
    }
    return "";
  }

  /** Packets that have come from too far off are dropped without a word (RFC 5082). */
  private static String hops(TcpOptions tcp) {
    return tcp.ttlSecurity() > 0
        ? "TTL security must be on at both ends, and the peer within " + tcp.ttlSecurity()
            + (tcp.ttlSecurity() == 1 ? " hop; " : " hops; ")
        : tcp.multihop() > 0
            ? "our packets go " + tcp.multihop() + " hops (multihop); "
            : "it may want TTL security (ttlSecurity); ";
  }

  /** @param last what the peer said, out of its Hard Reset if it was in one */
  private static String refused(Notification last, PeerConfig peer, SpeakerConfig own) {
    Fault fault = Fault.of(last.code(), last.subcode()).orElse(null);
    if (fault == null) {
      return last.code() == 3 ? unreadable(peer) : "";
    }
    return switch (fault) {
      case BAD_PEER_AS -> "the peer expects another AS of us than " + own.as();
      case BAD_BGP_IDENTIFIER ->
        "the peer does not take our router id " + own.routerId() + ": is it the peer's own?";
      case UNSPECIFIC_OPEN_ERROR, UNSUPPORTED_OPTIONAL_PARAMETER ->
        "the peer does not read our OPEN: if it has extended optional parameters on, or ours has"
            + " more than 255 octets of capabilities, set extendedParameters to what it takes";
      case UNACCEPTABLE_HOLD_TIME ->
        "the peer does not take our hold time of " + peer.session().holdTime()
            + " s: set holdTime to what it wants";
      case UNSUPPORTED_CAPABILITY ->
        "the peer wants a capability or a family that we do not offer: compare families";
      case ROLE_MISMATCH -> ROLES;
      case MAXIMUM_PREFIXES -> "we tell the peer more prefixes than it allows us";
      case ADMINISTRATIVE_SHUTDOWN, PEER_DECONFIGURED ->
        "somebody switched it off at " + peer.address();
      case ADMINISTRATIVE_RESET, CONFIGURATION_CHANGE ->
        "somebody reset it or changed it at " + peer.address() + ": it comes back by itself";
      case CONNECTION_REJECTED ->
        "the peer knows no neighbour at our address, or has it switched off";
      case OUT_OF_RESOURCES -> "the peer has no room for us: its own log says of what";
      case HOLD_TIMER_EXPIRED, SEND_HOLD_TIMER_EXPIRED ->
        "the peer heard nothing of us, or could tell us nothing, for its hold time: is the way to"
            + " it cut off in one direction, or this machine too busy?";
      case BFD_DOWN ->
        "BFD at the peer says that the path has failed: look at the link, and at bfd of both ends";
      case MALFORMED_ATTRIBUTE_LIST,
          UNRECOGNISED_WELL_KNOWN_ATTRIBUTE,
          MISSING_WELL_KNOWN_ATTRIBUTE,
          ATTRIBUTE_FLAGS_ERROR,
          ATTRIBUTE_LENGTH_ERROR,
          INVALID_ORIGIN,
          INVALID_NEXT_HOP,
          OPTIONAL_ATTRIBUTE_ERROR,
          INVALID_NETWORK_FIELD,
          MALFORMED_AS_PATH -> unreadable(peer);
      case CONNECTION_NOT_SYNCHRONIZED,
          BAD_MESSAGE_LENGTH,
          BAD_MESSAGE_TYPE,
          UNSUPPORTED_VERSION,
          UNEXPECTED_MESSAGE_IN_OPEN_SENT,
          UNEXPECTED_MESSAGE_IN_OPEN_CONFIRM,
          UNEXPECTED_MESSAGE_IN_ESTABLISHED,
          CONNECTION_COLLISION,
          HARD_RESET,
          INVALID_REFRESH_LENGTH -> "";
    };
  }

  private static String unreadable(PeerConfig peer) {
    return peer.address() + " does not take a route that we tell it: its own log says which, and a"
        + " filter of ours can keep it back";
  }

  private static boolean isSwitchedOff(@Nullable Notification last) {
    Notification said = last == null ? null : last.reason();
    Fault fault = said == null ? null : Fault.of(said.code(), said.subcode()).orElse(null);
    return fault == Fault.ADMINISTRATIVE_SHUTDOWN || fault == Fault.PEER_DECONFIGURED;
  }
}
