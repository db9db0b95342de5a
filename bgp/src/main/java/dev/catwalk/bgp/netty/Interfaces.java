package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.Locals;
import dev.catwalk.net.addr.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.stream.Stream;

/** Asks the kernel which addresses belong together. */
final class Interfaces {
  private Interfaces() {}

  /** Our end of a connection. */
  static Locals locals(InetSocketAddress local) {
    IpAddress address = IpAddress.of(local.getAddress().getAddress());
    int scope = Sockets.scope(local);
    return address.isLinkLocal() && scope != 0 ? onLink(address, scope) : locals(address);
  }

  /** At a link-local address: next hops of both families are that one (RFC 8950). */
  private static Locals onLink(IpAddress local, int index) {
    try {
      NetworkInterface at = NetworkInterface.getByIndex(index);
      return new Locals(local, null, at == null ? "" : at.getName());
    } catch (SocketException e) {
      return new Locals(local, null);
    }
  }

  /** Our end at that address, with an address of the other family from the same interface. */
  static Locals locals(IpAddress local) {
    try {
      NetworkInterface at =
          NetworkInterface.getByInetAddress(InetAddress.getByAddress(local.toBytes()));
      Optional<IpAddress> other = at == null
          ? Optional.empty()
          : addresses(at)
              .filter(a -> a.family() != local.family())
              .filter(a -> !a.isLoopback() && !a.isLinkLocal())
              .findFirst();
      return new Locals(local, other.orElse(null), at == null ? "" : at.getName());
    } catch (SocketException | UnknownHostException e) {
      return new Locals(local, null); // the interface has just gone; so will the connection
    }
  }

  private static Stream<IpAddress> addresses(NetworkInterface at) {
    return at.getInterfaceAddresses().stream()
        .map(InterfaceAddress::getAddress)
        .map(a -> IpAddress.of(a.getAddress()))
        .sorted();
  }
}
