package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Mobile user plane, draft-mpmz-bess-mup-safi §3, of the 3GPP-5G architecture (1). */
final class MobileUserPlaneNlri {
  private static final int OF_5G = 1;

  private MobileUserPlaneNlri() {}

  static ObjectNode read(Cursor in, int afi) throws MalformedException {
    int architecture = in.peek(0);
    int type = in.peek(1) << 8 | in.peek(2);
    Cursor whole = in.slice(4 + in.peek(3), "mobile user plane route");
    String raw = whole.hex();
    whole.skip(4, "architecture, type and length");
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (architecture != OF_5G || type < 1 || type > 4) {
      return json.put("arch", architecture)
          .put("code", type)
          .put("parsed", false)
          .put("raw", raw);
    }
    int octets = afi == FamilyName.IPV6 ? 16 : 4;
    switch (type) {
      case 1 -> {
        json.put("name", "InterworkSegmentDiscoveryRoute");
        json.put("rd", Text.routeDistinguisher(whole));
        prefix(whole, json, octets);
      }
      case 2 -> {
        json.put("name", "DirectSegmentDiscoveryRoute");
        json.put("rd", Text.routeDistinguisher(whole));
        json.put("ip", Text.address(whole.address(octets, "address")));
      }
      case 3 -> {
        json.put("name", "Type1SessionTransformedRoute");
        json.put("rd", Text.routeDistinguisher(whole));
        prefix(whole, json, octets);
        firstSession(whole, json);
      }
      default -> {
        json.put("name", "Type2SessionTransformedRoute");
        json.put("rd", Text.routeDistinguisher(whole));
        secondSession(whole, json, octets);
      }
    }
    return json.put("arch", architecture).put("code", type).put("raw", raw);
  }

  private static void prefix(Cursor in, ObjectNode json, int octets) throws MalformedException {
    int bits = in.u8("prefix length");
    json.put("prefix_ip_len", bits);
    json.put("prefix_ip", Text.address(PrefixNlri.padded(in, (bits + 7) / 8, octets)));
  }

  private static void firstSession(Cursor in, ObjectNode json) throws MalformedException {
    json.put("teid", Long.toString(in.u32("tunnel endpoint identifier")));
    json.put("qfi", Integer.toString(in.u8("QoS flow")));
    int bits = in.u8("length of the endpoint");
    json.put("endpoint_ip_len", bits);
    json.put("endpoint_ip", Text.address(in.address(bits / 8, "endpoint")));
    int source = in.hasMore() ? in.u8("length of the source") : 0;
    json.put("source_ip_len", source);
    json.put("source_ip", source == 0 ? "" : Text.address(in.address(source / 8, "source")));
  }

  /** The tunnel endpoint identifier has as many bits as the length leaves behind the address. */
  private static void secondSession(Cursor in, ObjectNode json, int octets)
      throws MalformedException {
    int bits = in.u8("length of the endpoint");
    json.put("endpoint_len", bits);
    json.put("endpoint_ip", Text.address(in.address(octets, "endpoint")));
    int rest = bits - octets * 8;
    if (rest < 0 || rest > 32) {
      throw new MalformedException("an endpoint of " + bits + " bits");
    }
    json.put("teid", Long.toString(in.unsigned((rest + 7) / 8, "tunnel endpoint identifier")));
  }
}
