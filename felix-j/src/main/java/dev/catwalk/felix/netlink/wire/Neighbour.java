package dev.catwalk.felix.netlink.wire;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.MacAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Who is at an address of a link.
 *
 * @param link index of the interface
 * @param mac nothing for a proxy entry and for one that is not resolved
 * @param permanent whether it neither ages nor is ever asked for
 * @param proxy whether the kernel answers for that address on this link
 */
public record Neighbour(
    int link, IpAddress address, Optional<MacAddress> mac, boolean permanent, boolean proxy) {

  /** One that never ages. */
  public static Neighbour permanent(int link, IpAddress address, MacAddress mac) {
    return new Neighbour(link, address, Optional.of(mac), true, false);
  }

  static Neighbour decode(ByteBuffer body) throws MalformedException {
    Attributes.require(body, Rt.NDMSG, "ndmsg");
    int start = body.position();
    int family = body.get(start) & 0xff;
    int link = body.getInt(start + 4);
    boolean permanent = (body.getShort(start + 8) & Rt.NUD_PERMANENT) != 0;
    boolean proxy = (body.get(start + 10) & Rt.NTF_PROXY) != 0;
    Attributes attributes = Attributes.after(body, Rt.NDMSG);
    IpAddress address = null;
    Optional<MacAddress> mac = Optional.empty();
    while (attributes.next()) {
      if (attributes.type() == Rt.NDA_DST) {
        address = attributes.address(family);
      } else if (attributes.type() == Rt.NDA_LLADDR && attributes.length() == 6) {
        mac = Optional.of(MacAddress.of(attributes.bytes()));
      }
    }
    if (address == null) {
      throw new MalformedException("ndmsg without an address");
    }
    return new Neighbour(link, address, mac, permanent, proxy);
  }

  static void encode(Neighbour neighbour, Sink out) {
    Family family = neighbour.address.family();
    out.put8(Sink.family(family)).put8(0).put16(0).put32(neighbour.link);
    out.put16(neighbour.permanent ? Rt.NUD_PERMANENT : 0);
    out.put8(neighbour.proxy ? Rt.NTF_PROXY : 0).put8(0);
    out.bytes(Rt.NDA_DST, neighbour.address.toBytes());
    neighbour.mac.ifPresent(mac -> out.bytes(Rt.NDA_LLADDR, mac.toBytes()));
  }
}
