package dev.catwalk.felix.netlink.wire;

import dev.catwalk.net.addr.MacAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A network interface as RTM_NEWLINK tells it.
 *
 * @param up whether it is administratively up
 * @param mac nothing where it has none of 48 bits
 * @param kind {@code veth}, {@code bridge}; empty for hardware
 * @param alias what somebody wrote on it, at most 255 bytes; empty if nobody did
 */
public record Link(
    int index,
    String name,
    boolean up,
    int mtu,
    Optional<MacAddress> mac,
    String kind,
    String alias) {

  /** One that nobody wrote on. */
  public Link(int index, String name, boolean up, int mtu, Optional<MacAddress> mac, String kind) {
    this(index, name, up, mtu, mac, kind, "");
  }

  /** The same, set up. */
  public Link raised() {
    return new Link(index, name, true, mtu, mac, kind, alias);
  }

  static Link decode(ByteBuffer body) throws MalformedException {
    Attributes.require(body, Rt.IFINFOMSG, "ifinfomsg");
    int start = body.position();
    int index = body.getInt(start + 4);
    boolean up = (body.getInt(start + 8) & Rt.IFF_UP) != 0;
    Attributes attributes = Attributes.after(body, Rt.IFINFOMSG);
    String name = "";
    String kind = "";
    String alias = "";
    int mtu = 0;
    Optional<MacAddress> mac = Optional.empty();
    while (attributes.next()) {
      switch (attributes.type()) {
        case Rt.IFLA_IFNAME -> name = attributes.text();
        case Rt.IFLA_MTU -> mtu = attributes.int32();
        case Rt.IFLA_ADDRESS -> mac = mac(attributes);
        case Rt.IFLA_LINKINFO -> kind = kind(attributes.nested());
        case Rt.IFLA_IFALIAS -> alias = attributes.text();
        default -> {}
      }
    }
    return new Link(index, name, up, mtu, mac, kind, alias);
  }

  private static Optional<MacAddress> mac(Attributes attributes) {
    return attributes.length() == 6
        ? Optional.of(MacAddress.of(attributes.bytes()))
        : Optional.empty();
  }

  private static String kind(Attributes info) throws MalformedException {
    while (info.next()) {
      if (info.type() == Rt.IFLA_INFO_KIND) {
        return info.text();
      }
    }
    return "";
  }

  static void encodeVeth(Request.CreateVeth veth, Sink out) {
    head(veth.index(), 0, 0, out);
    out.text(Rt.IFLA_IFNAME, veth.name());
    out.bytes(Rt.IFLA_ADDRESS, veth.mac().toBytes());
    out.int32(Rt.IFLA_MTU, veth.mtu());
    oneQueue(out);
    int info = out.nest(Rt.IFLA_LINKINFO);
    out.bytes(Rt.IFLA_INFO_KIND, "veth".getBytes(StandardCharsets.US_ASCII));
    int data = out.nest(Rt.IFLA_INFO_DATA);
    int peer = out.nest(Rt.VETH_INFO_PEER);
    head(veth.peerIndex(), 0, 0, out);
    out.text(Rt.IFLA_IFNAME, veth.peerName());
    out.bytes(Rt.IFLA_ADDRESS, veth.peerMac().toBytes());
    out.int32(Rt.IFLA_MTU, veth.mtu());
    oneQueue(out);
    out.int32(Rt.IFLA_NET_NS_FD, veth.peerNetnsFd());
    out.endNest(peer);
    out.endNest(data);
    out.endNest(info);
  }

  /** What a pair uses unless told otherwise; the kernel would make room for one of each processor. */
  private static void oneQueue(Sink out) {
    out.int32(Rt.IFLA_NUM_TX_QUEUES, 1);
    out.int32(Rt.IFLA_NUM_RX_QUEUES, 1);
  }

  static void encodeSet(Request.SetLink set, Sink out) {
    head(set.index(), set.up() ? Rt.IFF_UP : 0, Rt.IFF_UP, out);
    if (set.mtu() != 0) {
      out.int32(Rt.IFLA_MTU, set.mtu());
    }
    set.rename().ifPresent(name -> out.text(Rt.IFLA_IFNAME, name));
    if (!set.alias().isEmpty()) {
      out.text(Rt.IFLA_IFALIAS, set.alias());
    }
  }

  static void encodeIndex(int index, Sink out) {
    head(index, 0, 0, out);
  }

  static void encodeName(String name, Sink out) {
    head(0, 0, 0, out);
    out.text(Rt.IFLA_IFNAME, name);
  }

  private static void head(int index, int flags, int change, Sink out) {
    out.put8(Rt.AF_UNSPEC).put8(0).put16(0);
    out.put32(index).put32(flags).put32(change);
  }
}
