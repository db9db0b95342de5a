package dev.catwalk.bgp.netty;

import dev.catwalk.net.addr.IpAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;

/** Socket addresses. */
final class Sockets {
  private Sockets() {}

  static InetSocketAddress of(IpAddress address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address.toBytes()), port);
    } catch (UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes", e);
    }
  }

  /**
   * Where a link-local address is at an interface.
   *
   * @param link its name; of other addresses none is needed
   */
  static InetSocketAddress of(IpAddress address, int port, String link) {
    if (link.isEmpty() || !address.isLinkLocal() || address.isV4()) {
      return of(address, port);
    }
    try {
      NetworkInterface at = NetworkInterface.getByName(link);
      int scope = at == null ? 0 : at.getIndex();
      return new InetSocketAddress(Inet6Address.getByAddress(null, address.toBytes(), scope), port);
    } catch (SocketException | UnknownHostException e) {
      return of(address, port); // the interface has just gone; the kernel will say so
    }
  }

  /** The index of the interface that a link-local address is at; 0: none is said. */
  static int scope(InetSocketAddress socket) {
    return socket.getAddress() instanceof Inet6Address address ? address.getScopeId() : 0;
  }
}
