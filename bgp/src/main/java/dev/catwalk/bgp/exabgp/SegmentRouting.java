package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The attributes of segment routing: Prefix-SID (RFC 8669, 9252) and Tunnel Encapsulation (RFC 9012, 9830). */
final class SegmentRouting {
  private static final int SR_POLICY = 15;

  private SegmentRouting() {}

  static ObjectNode prefixSid(Cursor in, JsonVersion version) throws MalformedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    while (in.hasMore()) {
      int type = in.u8("prefix SID type");
      Cursor value = in.slice(in.u16("prefix SID length"), "prefix SID " + type);
      switch (type) {
        case 1 -> {
          value.skip(3, "what is reserved, and flags");
          json.put("sr-label-index", value.u32("label index"));
        }
        case 3 -> {
          value.skip(2, "flags");
          ArrayNode ranges = json.putArray("sr-srgbs");
          while (value.hasMore()) {
            ranges.addArray().add(value.u24("base")).add(value.u24("range"));
          }
        }
        case 2 -> early("sr-v6-sid", type, value, version, json);
        case 4 -> early("srv6-vpn-sid", type, value, version, json);
        case 5 -> services(value, json.withArray("/l3-service"));
        case 6 -> services(value, json.withArray("/l2-service"));
        default -> json.put("attribute-not-implemented", Integer.toString(type));
      }
    }
    return json;
  }

  /** As drafts before RFC 9252 had it, which ExaBGP 4 knows. */
  private static void early(String name, int type, Cursor in, JsonVersion version, ObjectNode json)
      throws MalformedException {
    if (version == JsonVersion.V4) {
      in.skip(3, "what is reserved");
      json.put(name, Text.address(in.v6("SID")));
    } else {
      json.put("attribute-not-implemented", Integer.toString(type));
    }
  }

  private static void services(Cursor in, ArrayNode to) throws MalformedException {
    in.skip(1, "what is reserved");
    while (in.hasMore()) {
      int type = in.u8("service type");
      Cursor value = in.slice(in.u16("service length"), "service " + type);
      if (type == 1) {
        to.add(sidInformation(value));
      } else {
        to.addObject().put("type", type).put("raw", "0x" + value.hex());
      }
    }
  }

  private static ObjectNode sidInformation(Cursor in) throws MalformedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    in.skip(1, "what is reserved");
    json.put("sid", Text.address(in.v6("SID")));
    json.put("flags", in.u8("flags"));
    json.put("endpoint_behavior", in.u16("behaviour"));
    in.skip(1, "what is reserved");
    while (in.hasMore()) {
      int type = in.u8("SID information type");
      Cursor value = in.slice(in.u16("SID information length"), "SID information " + type);
      if (type == 1) {
        ObjectNode structure = json.putObject("structure");
        structure.put("locator-block-length", value.u8("length"));
        structure.put("locator-node-length", value.u8("length"));
        structure.put("function-length", value.u8("length"));
        structure.put("argument-length", value.u8("length"));
        structure.put("transposition-length", value.u8("length"));
        structure.put("transposition-offset", value.u8("offset"));
      }
    }
    return json;
  }

  static ObjectNode tunnels(Cursor in) throws MalformedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    while (in.hasMore()) {
      int type = in.u16("tunnel type");
      Cursor value = in.slice(in.u16("tunnel length"), "tunnel " + type);
      if (type == SR_POLICY) {
        policy(value, json.putObject("sr-policy"));
      } else {
        json.put("tunnel-" + type, "0x" + value.hex());
      }
    }
    return json;
  }

  private static void policy(Cursor in, ObjectNode json) throws MalformedException {
    while (in.hasMore()) {
      int type = in.u8("policy sub-TLV type");
      int length = type >= 128 ? in.u16("policy sub-TLV length") : in.u8("policy sub-TLV length");
      Cursor value = in.slice(length, "policy sub-TLV " + type);
      switch (type) {
        case 12 -> {
          value.skip(2, "flags");
          json.put("preference", value.u32("preference"));
        }
        case 13 -> bindingSid(value, json);
        case 14 -> {
          value.skip(2, "flags");
          json.put("enlp", value.u8("explicit null label policy"));
        }
        case 15 -> json.put("priority", value.u8("priority"));
        case 20 -> {
          value.skip(2, "flags");
          json.put("srv6-binding-sid", Text.address(value.v6("binding SID")));
        }
        case 128 -> segments(value, json.withArray("/segment-lists").addObject());
        case 129 -> json.put("candidate-path-name", name(value));
        case 130 -> json.put("policy-name", name(value));
        default -> json.put("sub-tlv-" + type, "0x" + value.hex());
      }
    }
  }

  private static String name(Cursor in) throws MalformedException {
    in.skip(1, "what is reserved");
    return in.ascii(in.left(), "name");
  }

  private static void bindingSid(Cursor in, ObjectNode json) throws MalformedException {
    in.skip(2, "flags");
    switch (in.left()) {
      case 0 -> json.putNull("binding-sid");
      case 4 -> json.put("binding-sid", in.u32("label") >> 12);
      default -> json.put("binding-sid", Text.address(in.address(in.left(), "binding SID")));
    }
  }

  private static void segments(Cursor in, ObjectNode json) throws MalformedException {
    in.skip(1, "what is reserved");
    ArrayNode segments = json.putArray("segments");
    while (in.hasMore()) {
      int type = in.u8("segment type");
      Cursor value = in.slice(in.u8("segment length"), "segment " + type);
      value.skip(2, "flags");
      switch (type) {
        case 1 -> segments.addObject().put("type", "A").put("sid", value.u32("label") >> 12);
        case 9 -> json.put("weight", value.u32("weight"));
        case 13 -> {
          ObjectNode segment = segments.addObject().put("type", "B");
          segment.put("sid", Text.address(value.v6("SID")));
          if (value.hasMore()) {
            behavior(value, segment.putObject("endpoint-behavior"));
          }
        }
        default -> segments.addObject().put("type", type).put("raw", "0x" + value.hex());
      }
    }
  }

  private static void behavior(Cursor in, ObjectNode json) throws MalformedException {
    json.put("behavior", in.u16("behaviour"));
    in.skip(2, "what is reserved");
    json.put("lb-length", in.u8("length"));
    json.put("ln-length", in.u8("length"));
    json.put("fun-length", in.u8("length"));
    json.put("arg-length", in.u8("length"));
  }
}
