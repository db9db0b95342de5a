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
import java.util.TreeMap;
import java.util.stream.Stream;

/** Asks the kernel which addresses belong together. */
final class Interfaces {
  /**
   * What is at an address is asked of the kernel, which goes through all interfaces, no more often than
   * that: whoever calls a thousand times a second makes others wait for nothing else.
   */
  static final long KEPT_NANOS = 100_000_000L;

  /** Of so many of our own addresses what is there is kept; then all is forgotten. */
  static final int KEPT = 64;

  private final TreeMap<IpAddress, Kept> kept = new TreeMap<>();

  private record Kept(Locals locals, long sinceNanos) {}

  /** Our end of a connection, as it is or was a moment ago. */
  Locals locals(InetSocketAddress local, long nowNanos) {
    IpAddress address = IpAddress.of(local.getAddress().getAddress());
    int scope = Sockets.scope(local);
    if (address.isLinkLocal() && scope != 0) {
      return onLink(address, scope);
    }
    Kept before = kept.get(address);
    if (before != null && nowNanos - before.sinceNanos < KEPT_NANOS) {
      return before.locals;
    }
    if (kept.size() >= KEPT) {
      kept.clear();
    }
    Locals now = locals(address);
    kept.put(address, new Kept(now, nowNanos));
    return now;
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
