package dev.catwalk.bgp.exarun;

import dev.catwalk.bgp.exabgp.OpenWriter;
import dev.catwalk.bgp.exabgp.RouteWriter;
import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** What a session's state machine says and hears, as the octets of ExaBGP. */
final class ExaMessages {
  private static final int TYPE_AT = 18;
  private static final int UPDATE = 2;
  private static final int KEEPALIVE = 4;

  private ExaMessages() {}

  /** To the session an UPDATE is a sign of life: what is in it is for the processes. */
  static Message read(byte[] message) throws WireException {
    return switch (message[TYPE_AT]) {
      case UPDATE -> Update.endOfRib(AfiSafi.IPV4_UNICAST);
      case KEEPALIVE -> new Keepalive();
      default -> Wire.decode(Unpooled.wrappedBuffer(message), DecodeContext.beforeOpen());
    };
  }

  static byte[] write(Peer peer, Message message, String software) {
    return switch (message) {
      case Open open -> OpenWriter.open(peer.config, software);
      case Notification notification -> OpenWriter.notification(notification);
      case Keepalive keepalive -> OpenWriter.keepalive();
      case Update update -> throw new AssertionError("is told by its own octets");
      case RouteRefresh refresh -> RouteWriter.routeRefresh(refresh.family(), refresh.subtype());
    };
  }

  /** Of a type that is not known ExaBGP says so in words, where RFC 4271 §6.1 has the type alone. */
  static Event malformed(ConnectionId connection, WireException fault) {
    Notification answer = fault.notification();
    if (answer.code() == Fault.BAD_MESSAGE_TYPE.code()
        && answer.subcode() == Fault.BAD_MESSAGE_TYPE.subcode()
        && answer.data().length() > 0) {
      String words = "can not decode message of type \"" + answer.data().at(0) + "\"";
      answer = new Notification(
          answer.code(), answer.subcode(), Octets.of(words.getBytes(StandardCharsets.US_ASCII)));
    }
    return new Event.Malformed(connection, answer, String.valueOf(fault.getMessage()));
  }
}
