package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.net.addr.IpAddress;

/** Prefixes: plain, with labels (RFC 8277), and with a route distinguisher too (RFC 4364). */
final class PrefixNlri {
  private static final int LABEL_BITS = 24;
  private static final int DISTINGUISHER_BITS = 64;
  private static final int WITHDRAWN = 0x800000;

  private PrefixNlri() {}

  static ObjectNode read(Cursor in, AfiSafi family, boolean withPath, boolean announced)
      throws MalformedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    String path = withPath ? Text.dotted(in.take(4, "path identifier")) : null;
    int bits = in.u8("prefix length");
    ArrayNode labels = json.arrayNode();
    boolean vpn = family.safi() == FamilyName.VPN;
    if (vpn || family.safi() == FamilyName.LABELLED) {
      bits -= labels(in, bits - (vpn ? DISTINGUISHER_BITS : 0), announced, labels);
    }
    String distinguisher = null;
    if (vpn) {
      bits -= DISTINGUISHER_BITS;
      distinguisher = Text.routeDistinguisher(in);
    }
    json.put("nlri", prefix(in, bits, family.afi()));
    if (path != null) {
      json.put("path-information", path);
    }
    if (!labels.isEmpty()) {
      json.set("label", labels);
    }
    if (distinguisher != null) {
      json.put("rd", distinguisher);
    }
    return json;
  }

  private static int labels(Cursor in, int bits, boolean announced, ArrayNode to)
      throws MalformedException {
    int read = 0;
    while (bits - read >= LABEL_BITS) {
      int label = in.u24("label");
      read += LABEL_BITS;
      to.addArray().add(label >> 4);
      if (label == WITHDRAWN && !announced || label == 0 || (label & 1) != 0) {
        break;
      }
    }
    return read;
  }

  /** A prefix of as many octets as its bits need; what is left of the address is 0. */
  static String prefix(Cursor in, int bits, int afi) throws MalformedException {
    int most = afi == FamilyName.IPV6 ? 128 : 32;
    if (bits < 0 || bits > most) {
      throw new MalformedException(
          "a prefix of " + bits + " bits in family " + FamilyName.afi(afi));
    }
    return Text.address(padded(in, (bits + 7) / 8, most / 8)) + "/" + bits;
  }

  /** An address whose last octets, all 0, are not there. */
  static IpAddress padded(Cursor in, int present, int length) throws MalformedException {
    if (present > length) {
      throw new MalformedException("an address of " + present + " octets where it has " + length);
    }
    byte[] octets = new byte[length];
    System.arraycopy(in.take(present, "address"), 0, octets, 0, present);
    return IpAddress.of(octets);
  }
}
