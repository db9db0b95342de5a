package dev.catwalk.acl.calc;

import dev.catwalk.acl.model.Protocol;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Comparator;
import java.util.Optional;

/**
 * A member of an {@link AddressSet}.
 *
 * @param protocol given where the set is one of ports
 * @param port 0 where the set is none of ports
 */
public record Member(Prefix prefix, Optional<Protocol> protocol, int port)
    implements Comparable<Member> {
  private static final Comparator<Member> ORDER = Comparator.comparing(Member::prefix)
      .thenComparingInt(m -> m.protocol.map(Protocol::number).orElse(0))
      .thenComparingInt(Member::port);

  static Member of(IpAddress address) {
    return of(address.asPrefix());
  }

  static Member of(Prefix prefix) {
    return new Member(prefix, Optional.empty(), 0);
  }

  static Member of(IpAddress address, Protocol protocol, int port) {
    return new Member(address.asPrefix(), Optional.of(protocol), port);
  }

  @Override
  public int compareTo(Member other) {
    return ORDER.compare(this, other);
  }
}
