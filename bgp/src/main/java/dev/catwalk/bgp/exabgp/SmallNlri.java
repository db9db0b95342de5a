package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** What needs but a few fields: VPLS (RFC 4761 §3.2.2), route targets (RFC 4684 §4), SR policies (RFC 9830 §2.1). */
final class SmallNlri {
  private static final int TARGET_BITS = 96;

  private SmallNlri() {}

  static ObjectNode vpls(Cursor in) throws MalformedException {
    Cursor whole = in.slice(in.u16("length"), "VPLS route");
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("rd", Text.routeDistinguisher(whole));
    json.put("endpoint", whole.u16("VE id"));
    json.put("offset", whole.u16("block offset"));
    json.put("size", whole.u16("block size"));
    return json.put("base", whole.u24("label base") >> 4);
  }

  static ObjectNode routeTarget(Cursor in) throws MalformedException {
    int bits = in.u8("length");
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (bits == 0) {
      return json.put("route-target", "wildcard");
    }
    if (bits != TARGET_BITS) {
      throw new MalformedException("a route target constraint of " + bits + " bits");
    }
    json.put("origin-as", in.u32("origin AS"));
    return json.put("route-target", ExtendedCommunityText.of(in.take(8, "route target")));
  }

  static ObjectNode policy(Cursor in, int afi) throws MalformedException {
    int octets = afi == FamilyName.IPV6 ? 16 : 4;
    int bits = in.u8("length");
    if (bits != 64 + octets * 8) {
      throw new MalformedException("a segment routing policy of " + bits + " bits");
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("distinguisher", in.u32("distinguisher"));
    json.put("color", in.u32("color"));
    return json.put("endpoint", Text.address(in.address(octets, "endpoint")));
  }
}
