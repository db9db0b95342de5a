package dev.catwalk.felix.netlink.wire;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.nio.ByteBuffer;

/**
 * An address of an interface.
 *
 * @param link index of the interface
 * @param length of its subnet's prefix, 0..32 or 0..128
 */
public record Address(int link, IpAddress address, int length) {

  /** The subnet that it makes its interface part of. */
  public Prefix subnet() {
    return Prefix.of(address, length);
  }

  static Address decode(ByteBuffer body) throws MalformedException {
    Attributes.require(body, Rt.IFADDRMSG, "ifaddrmsg");
    int start = body.position();
    int family = body.get(start) & 0xff;
    int length = body.get(start + 1) & 0xff;
    int link = body.getInt(start + 4);
    Attributes attributes = Attributes.after(body, Rt.IFADDRMSG);
    IpAddress address = null;
    boolean local = false;
    while (attributes.next()) {
      // On a point-to-point link IFA_ADDRESS is the other end: IFA_LOCAL, where given, is ours.
      if (attributes.type() == Rt.IFA_LOCAL) {
        address = attributes.address(family);
        local = true;
      } else if (attributes.type() == Rt.IFA_ADDRESS && !local) {
        address = attributes.address(family);
      }
    }
    if (address == null || length > address.family().bits()) {
      throw new MalformedException("ifaddrmsg without an address of its family and length");
    }
    return new Address(link, address, length);
  }

  static void encode(Address address, Sink out) {
    out.put8(Sink.family(address.address.family()));
    out.put8(address.length).put8(address.address.isV4() ? 0 : Rt.IFA_F_NODAD).put8(0);
    out.put32(address.link);
    out.bytes(Rt.IFA_LOCAL, address.address.toBytes());
    out.bytes(Rt.IFA_ADDRESS, address.address.toBytes());
  }
}
