package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Multicast in VPNs, RFC 6514 §4. */
final class VpnMulticastNlri {
  private static final int SOURCE_ACTIVE = 5;
  private static final int SHARED_JOIN = 6;
  private static final int SOURCE_JOIN = 7;

  private VpnMulticastNlri() {}

  static ObjectNode read(Cursor in) throws MalformedException {
    int type = in.peek(0);
    Cursor whole = in.slice(2 + in.peek(1), "multicast VPN route");
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("code", type)
        .put("parsed", type >= SOURCE_ACTIVE && type <= SOURCE_JOIN)
        .put("raw", whole.hex());
    whole.skip(2, "type and length");
    switch (type) {
      case SOURCE_ACTIVE -> json.put("name", "Source Active A-D Route");
      case SHARED_JOIN -> json.put("name", "C-Multicast Shared Tree Join route");
      case SOURCE_JOIN -> json.put("name", "C-Multicast Source Tree Join route");
      default -> {
        return json;
      }
    }
    json.put("rd", Text.routeDistinguisher(whole));
    if (type != SOURCE_ACTIVE) {
      json.put("source-as", Long.toString(whole.u32("source AS")));
    }
    json.put("source", Text.address(whole.address(whole.u8("length of the source") / 8, "source")));
    return json.put(
        "group", Text.address(whole.address(whole.u8("length of the group") / 8, "group")));
  }
}
