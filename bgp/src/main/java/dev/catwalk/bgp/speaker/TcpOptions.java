package dev.catwalk.bgp.speaker;

import dev.catwalk.net.addr.IpAddress;
import java.util.Optional;

/**
 * How a peer is reached.
 *
 * @param source the address that we call from; else the kernel chooses
 * @param ttlSecurity how many hops away the peer is at most: packets from farther off are dropped (RFC
 *     5082); 0: not looked at; 1 is a neighbour on the link
 * @param multihop how far our packets go, 1..255 hops; 0: as far as the kernel lets them
 * @param connectRetry between attempts to connect, in seconds, 1..65535
 * @param sendHoldTime how long the peer may go without reading, in seconds; 0: as RFC 9687 has it
 * @param link the interface that the peer is at, where its address is a link-local one; else empty
 */
public record TcpOptions(
    Optional<IpAddress> source,
    int ttlSecurity,
    int multihop,
    int connectRetry,
    int sendHoldTime,
    String link) {

  /** RFC 4271 §10 suggests 120 s; a node that comes back is waited for by others. */
  public static final int CONNECT_RETRY = 5;

  public static final int MOST_HOPS = 254;
  public static final int LONGEST_TTL = 255;

  public static final TcpOptions STANDARD =
      new TcpOptions(Optional.empty(), 0, 0, CONNECT_RETRY, 0);

  /** With a peer that may be at any interface. */
  public TcpOptions(
      Optional<IpAddress> source,
      int ttlSecurity,
      int multihop,
      int connectRetry,
      int sendHoldTime) {
    this(source, ttlSecurity, multihop, connectRetry, sendHoldTime, "");
  }

  /** The same at that interface. */
  TcpOptions at(String interfaceName) {
    return new TcpOptions(source, ttlSecurity, multihop, connectRetry, sendHoldTime, interfaceName);
  }

  public TcpOptions {
    assert ttlSecurity >= 0 && ttlSecurity <= MOST_HOPS : ttlSecurity;
    assert multihop >= 0 && multihop <= LONGEST_TTL : multihop;
    assert ttlSecurity == 0 || multihop == 0 : "TTL security sends with 255";
    assert connectRetry >= 1 && connectRetry <= 0xffff : connectRetry;
    assert sendHoldTime >= 0 && sendHoldTime <= 0xffff : sendHoldTime;
  }
}
