package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.wire.AfiSafi;

/** The body of an OPEN with its capabilities by number. */
final class OpenJson {
  private static final int CAPABILITIES = 2;
  private static final int EXTENDED = 255;
  private static final int EXTENDED_SIZE = 65535;
  private static final String[] DIRECTION = {"disabled", "receive", "send", "send/receive"};

  private OpenJson() {}

  static ObjectNode read(Cursor in, JsonVersion version) throws MalformedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("version", in.u8("version"));
    json.put("asn", in.u16("AS"));
    json.put("hold_time", in.u16("hold time"));
    json.put("router_id", in.v4("BGP identifier").toString());
    ObjectNode capabilities = json.putObject("capabilities");
    int length = in.u8("length of the parameters");
    // RFC 9072: a parameter of type 255 says that lengths have two octets
    boolean extended = length == EXTENDED && in.hasMore() && in.peek(0) == EXTENDED;
    if (extended) {
      in.skip(1, "extended parameters");
      length = in.u16("length of the parameters");
    }
    Cursor parameters = in.slice(length, "parameters");
    while (parameters.hasMore()) {
      int type = parameters.u8("parameter type");
      int octets =
          extended ? parameters.u16("parameter length") : parameters.u8("parameter length");
      Cursor value = parameters.slice(octets, "parameter " + type);
      while (type == CAPABILITIES && value.hasMore()) {
        int code = value.u8("capability");
        capability(
            code,
            value.slice(value.u8("capability length"), "capability " + code),
            capabilities,
            version);
      }
    }
    return json;
  }

  private static void capability(int code, Cursor in, ObjectNode to, JsonVersion version)
      throws MalformedException {
    String key = Integer.toString(code);
    ObjectNode json = to.has(key) ? (ObjectNode) to.get(key) : to.putObject(key);
    switch (code) {
      case 1 -> {
        json.put("name", "multiprotocol");
        json.withArray("/families").add(family(in, 2, version));
      }
      case 2, 128 -> json.put("name", "route-refresh").put("variant", code == 2 ? "RFC" : "Cisco");
      case 5 -> {
        json.put("name", "nexthop");
        ArrayNode conversions = json.withArray("/conversion");
        while (in.hasMore()) {
          conversions.add(family(in, 2, version) + "/" + FamilyName.afi(in.u16("AFI")));
        }
      }
      case 6 -> json.put("name", "extended-message").put("size", EXTENDED_SIZE);
      case 64 -> gracefulRestart(in, json, version);
      case 65 -> json.put("name", "asn4").put("asn4", in.u32("AS"));
      case 69 -> {
        json.put("name", "addpath");
        while (in.hasMore()) {
          String name = family(in, 1, version);
          json.put(name, DIRECTION[in.u8("direction") & 3]);
        }
      }
      case 70 -> json.put("name", "enhanced-route-refresh");
      case 73 -> {
        json.put("host-name", in.ascii(in.u8("length"), "host name"));
        json.put("domain-name", in.hasMore() ? in.ascii(in.u8("length"), "domain name") : "");
      }
      case 75 -> json.put("software", in.ascii(in.u8("length"), "software version"));
      case 77 -> json.put("name", "link-local-nexthop");
      default ->
        json.put("name", "unknown")
            .put("iana", code < EXTENDED && code != 0 ? "unassigned" : "reserved")
            .put("value", code)
            .put("raw", in.hex());
    }
  }

  /** @param octets of the field in which the SAFI stands */
  private static String family(Cursor in, int octets, JsonVersion version)
      throws MalformedException {
    int afi = in.u16("AFI");
    int safi = (int) in.unsigned(octets, "SAFI") & 0xff;
    return FamilyName.of(new AfiSafi(afi, safi), "/", version);
  }

  private static void gracefulRestart(Cursor in, ObjectNode json, JsonVersion version)
      throws MalformedException {
    int first = in.u16("restart flags");
    json.put("name", "graceful restart").put("time", first & 0x0fff);
    ObjectNode families = json.putObject("address-family-flags");
    while (in.hasMore()) {
      ArrayNode flags = families.putArray(family(in, 1, version));
      if ((in.u8("family flags") & 0x80) != 0) {
        flags.add("restart");
      }
    }
    ArrayNode flags = json.putArray("restart-flags");
    if ((first & 0x8000) != 0) {
      flags.add("forwarding");
    }
  }
}
