package dev.catwalk.felix.netlink.wire;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Optional;

/**
 * A member of an ipset.
 *
 * @param prefix of full length for a single address
 * @param port in sets of addresses with ports
 * @param link in sets of networks with interfaces, at most 15 characters
 */
public record SetMember(Prefix prefix, Optional<PortOf> port, Optional<String> link) {

  /**
   * A port.
   *
   * @param protocol IANA's number
   */
  public record PortOf(int protocol, int port) {}

  /**
   * Reads a member as {@code ipset save} prints it.
   *
   * @param type of its set, such as {@code hash:net,iface}
   * @throws IllegalArgumentException where it is no member of such a set
   */
  public static SetMember parse(String type, String text) {
    int comma = text.indexOf(',');
    String address = comma < 0 ? text : text.substring(0, comma);
    String rest = comma < 0 ? "" : text.substring(comma + 1);
    Prefix prefix =
        address.indexOf('/') < 0 ? IpAddress.parse(address).asPrefix() : Prefix.parse(address);
    return switch (type) {
      case "hash:ip", "hash:net" -> new SetMember(prefix, Optional.empty(), Optional.empty());
      case "hash:ip,port" -> new SetMember(prefix, Optional.of(port(rest)), Optional.empty());
      case "hash:net,iface" -> new SetMember(prefix, Optional.empty(), Optional.of(rest));
      default -> throw new IllegalArgumentException("sets of type " + type + " are not ours");
    };
  }

  private static PortOf port(String text) {
    String[] parts = text.split(":", 2);
    int protocol = switch (parts[0]) {
      case "tcp" -> 6;
      case "udp" -> 17;
      case "sctp" -> 132;
      default -> 0;
    };
    if (protocol == 0 || parts.length != 2) {
      throw new IllegalArgumentException("'" + text + "' is no protocol and port");
    }
    return new PortOf(protocol, Integer.parseInt(parts[1]));
  }

  /** IPSET_ATTR_PROTOCOL, IPSET_ATTR_SETNAME, IPSET_ATTR_DATA. */
  void encode(String set, Sink out) {
    out.put8(Sink.family(prefix.family())).put8(0).put16(0);
    out.bytes(Rt.IPSET_ATTR_PROTOCOL, new byte[] {Rt.IPSET_PROTOCOL});
    out.text(Rt.IPSET_ATTR_SETNAME, set);
    int data = out.nest(Rt.IPSET_ATTR_DATA | Rt.NLA_F_NESTED);
    int ip = out.nest(Rt.IPSET_ATTR_IP | Rt.NLA_F_NESTED);
    int kind = prefix.address().isV4() ? Rt.IPSET_ATTR_IPADDR_IPV4 : Rt.IPSET_ATTR_IPADDR_IPV6;
    out.bytes(kind | Rt.NLA_F_NET_BYTEORDER, prefix.address().toBytes());
    out.endNest(ip);
    if (!prefix.isHost()) {
      out.bytes(Rt.IPSET_ATTR_CIDR, new byte[] {(byte) prefix.length()});
    }
    port.ifPresent(p -> {
      out.bytes(
          Rt.IPSET_ATTR_PORT | Rt.NLA_F_NET_BYTEORDER,
          new byte[] {(byte) (p.port() >> 8), (byte) p.port()});
      out.bytes(Rt.IPSET_ATTR_PROTO, new byte[] {(byte) p.protocol()});
    });
    link.ifPresent(name -> out.text(Rt.IPSET_ATTR_IFACE, name));
    out.endNest(data);
  }
}
