package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Ethernet VPN, RFC 7432 §7 and RFC 9136 §3.1. */
final class EvpnNlri {
  private static final String NO_SEGMENT = "00:00:00:00:00:00:00:00:00:00";

  private EvpnNlri() {}

  static ObjectNode read(Cursor in) throws MalformedException {
    int type = in.peek(0);
    Cursor whole = in.slice(2 + in.peek(1), "EVPN route");
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("code", type).put("parsed", type >= 1 && type <= 5).put("raw", whole.hex());
    whole.skip(2, "type and length");
    switch (type) {
      case 1 -> {
        json.put("name", "Ethernet Auto-Discovery");
        head(whole, json, true, true);
        label(whole, json);
      }
      case 2 -> macAndAddress(whole, json);
      case 3 -> {
        json.put("name", "Inclusive Multicast Ethernet Tag");
        head(whole, json, false, true);
        address(whole, json);
      }
      case 4 -> {
        json.put("name", "Ethernet Segment");
        head(whole, json, true, false);
        address(whole, json);
      }
      case 5 -> prefix(whole, json);
      default -> {}
    }
    return json;
  }

  private static void head(Cursor in, ObjectNode json, boolean segment, boolean tag)
      throws MalformedException {
    json.put("rd", Text.routeDistinguisher(in));
    if (segment) {
      String text = Text.colons(in.take(10, "Ethernet segment"));
      json.put("esi", text.equals(NO_SEGMENT) ? "-" : text);
    }
    if (tag) {
      json.put("ethernet-tag", in.u32("Ethernet tag"));
    }
  }

  private static void label(Cursor in, ObjectNode json) throws MalformedException {
    int raw = in.u24("label");
    var label = json.putArray("label").addArray().add(raw >> 4);
    if (raw != 0) {
      label.add(raw);
    }
  }

  private static void address(Cursor in, ObjectNode json) throws MalformedException {
    int bits = in.u8("address length");
    if (bits > 0) {
      json.put("ip", Text.address(in.address(bits / 8, "address")));
    }
  }

  private static void macAndAddress(Cursor in, ObjectNode json) throws MalformedException {
    json.put("name", "MAC/IP advertisement");
    head(in, json, true, true);
    int bits = in.u8("length of the MAC address");
    if (bits > 48) {
      throw new MalformedException("a MAC address of " + bits + " bits");
    }
    json.put("mac", Text.mac(in));
    address(in, json);
    label(in, json);
  }

  private static void prefix(Cursor in, ObjectNode json) throws MalformedException {
    json.put("name", "IP Prefix Advertisement");
    head(in, json, true, true);
    json.put("iplen", in.u8("prefix length"));
    int octets = (in.left() - 3) / 2;
    json.put("ip", Text.address(in.address(octets, "address")));
    json.put("gateway", Text.address(in.address(octets, "gateway")));
    label(in, json);
  }
}
