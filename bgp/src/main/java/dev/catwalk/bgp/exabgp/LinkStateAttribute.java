package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** The BGP-LS attribute: RFC 9552 §5.3, 9085, 9514, 8571. */
final class LinkStateAttribute {
  private static final List<String> NODE_FLAGS = List.of("O", "T", "E", "B", "R", "V");
  private static final List<String> IGP_FLAGS = List.of("D", "N", "L", "P");
  private static final List<String> MPLS = List.of("LDP", "RSVP-TE");
  private static final List<String> PROTECTION =
      List.of("ExtraTrafic", "Unprotected", "Shared", "Dedicated 1:1", "Dedicated 1+1", "Enhanced");
  private static final List<String> CAPABILITY = List.of("I", "V");
  private static final List<String> ADJACENCY = List.of("F", "B", "V", "L", "S", "P");
  private static final List<String> PREFIX_SID = List.of("R", "N", "P", "E", "V", "L");
  private static final List<String> PREFIX_FLAGS = List.of("X", "R", "N");
  private static final List<String> END_X = List.of("B", "S", "P");
  private static final List<String> LOCATOR = List.of("D");
  private static final int SID_STRUCTURE = 1252;
  private static final int SID_LABEL = 1161;

  private LinkStateAttribute() {}

  static ObjectNode read(Cursor in) throws MalformedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    while (in.hasMore()) {
      int type = in.u16("link-state type");
      Cursor value = in.slice(in.u16("link-state length"), "link-state " + type);
      if (!ofNode(type, value, json)
          && !ofLink(type, value, json)
          && !ofPrefix(type, value, json)) {
        json.withArray("/generic-lsid-" + type).add("0x" + value.hex());
      }
    }
    return json;
  }

  private static boolean ofNode(int type, Cursor in, ObjectNode json) throws MalformedException {
    switch (type) {
      case 1024 -> json.set("node-flags", flags(in, NODE_FLAGS));
      case 1026 -> json.put("node-name", in.ascii(in.left(), "node name"));
      case 1027 -> json.put("area-id", Long.toString(in.unsigned(Math.min(in.left(), 7), "area")));
      case 1028, 1029 -> json.withArray("/local-te-router-ids").add(address(in));
      case 1034 -> {
        json.set("sr-capability-flags", flags(in, CAPABILITY));
        in.skip(1, "what is reserved");
        ranges(in, json.putArray("sids"));
      }
      case 1035 -> {
        ArrayNode algorithms = json.putArray("sr-algorithms");
        while (in.hasMore()) {
          algorithms.add(in.u8("algorithm"));
        }
      }
      case 1038 ->
        json.putObject("srv6-capabilities").putObject("flags").put("O", in.u16("flags") & 1 << 6);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void ranges(Cursor in, ArrayNode to) throws MalformedException {
    while (in.hasMore()) {
      ArrayNode range = to.addArray().add(in.u24("range"));
      int type = in.u16("type of a label");
      if (type != SID_LABEL) {
        throw new MalformedException("sub-TLV " + type + " where a label must stand");
      }
      range.add(in.unsigned(Math.min(in.u16("length of a label"), 4), "label"));
    }
  }

  private static boolean ofLink(int type, Cursor in, ObjectNode json) throws MalformedException {
    switch (type) {
      case 1030, 1031 -> json.put("remote-te-router-id", address(in));
      case 1088 -> json.put("admin-group-mask", in.u32("mask"));
      case 1089 -> json.put("maximum-link-bandwidth", (double) in.f32("bandwidth"));
      case 1090 -> json.put("maximum-reservable-link-bandwidth", (double) in.f32("bandwidth"));
      case 1091 -> {
        ArrayNode bandwidths = json.putArray("unreserved-bandwidth");
        while (in.hasMore()) {
          bandwidths.add((double) in.f32("bandwidth"));
        }
      }
      case 1092 -> json.put("te-metric", in.u32("metric"));
      case 1093 -> json.set("link-protection-flags", flags(in, PROTECTION));
      case 1094 -> json.set("mpls-mask", flags(in, MPLS));
      case 1095 -> json.put("igp-metric", in.unsigned(Math.min(in.left(), 4), "metric"));
      case 1096 -> numbers(in, 4, json.putArray("shared-risk-link-groups"));
      case 1098 -> json.put("link-name", in.ascii(in.left(), "link name"));
      case 1099 -> json.set("sr-adj", adjacency(in));
      case 1100 -> json.withArray("/sr-adj-lan-sids").add(lanAdjacency(in));
      case 1106 -> json.withArray("/srv6-endx").add(endX(in, 0));
      case 1107 -> json.withArray("/srv6-lan-endx-isis").add(endX(in, 6));
      case 1108 -> json.withArray("/srv6-lan-endx-ospf").add(endX(in, 4));
      case 1250 -> {
        ObjectNode behavior = json.putObject("srv6-endpoint-behavior");
        behavior.put("endpoint-behavior", in.u16("behaviour"));
        in.skip(1, "flags");
        behavior.putArray("flags");
        behavior.put("algorithm", in.u8("algorithm"));
      }
      case SID_STRUCTURE -> json.set("srv6-sid-structure", structure(in));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean ofPrefix(int type, Cursor in, ObjectNode json) throws MalformedException {
    switch (type) {
      case 1152 -> json.set("igp-flags", flags(in, IGP_FLAGS));
      case 1153 -> numbers(in, 4, json.putArray("igp-route-tags"));
      case 1154 -> numbers(in, 8, json.putArray("igp-extended-route-tags"));
      case 1155 -> json.put("prefix-metric", in.u32("metric"));
      case 1156 -> json.put("ospf-forwarding-address", address(in));
      case 1158 -> {
        int bits = in.peek(0);
        json.set("sr-prefix-flags", flags(in, PREFIX_SID));
        json.put("sr-algorithm", in.u8("algorithm"));
        in.skip(2, "what is reserved");
        sids(in, (bits & 0x08) != 0, (bits & 0x04) != 0, json);
      }
      case 1162 -> {
        ObjectNode locator = json.putObject("srv6-locator");
        locator.set("flags", flags(in, LOCATOR));
        locator.put("algorithm", in.u8("algorithm"));
        in.skip(2, "what is reserved");
        locator.put("metric", in.u32("metric"));
      }
      case 1170 -> json.set("sr-prefix-attribute-flags", flags(in, PREFIX_FLAGS));
      case 1171 -> json.put("sr-source-router-id", address(in));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static String address(Cursor in) throws MalformedException {
    return Text.address(in.address(in.left(), "address"));
  }

  private static void numbers(Cursor in, int octets, ArrayNode to) throws MalformedException {
    while (in.hasMore()) {
      to.add(in.unsigned(octets, "number"));
    }
  }

  /** An octet of flags, the first name its highest bit; {@code RSV} stands for those without a name. */
  private static ObjectNode flags(Cursor in, List<String> names) throws MalformedException {
    int bits = in.u8("flags");
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < names.size(); i++) {
      json.put(names.get(i), bits >> 7 - i & 1);
    }
    return json.put("RSV", (bits & (1 << 8 - names.size()) - 1) == 0 ? 0 : 1);
  }

  private static ObjectNode adjacency(Cursor in) throws MalformedException {
    int bits = in.peek(0);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("flags", flags(in, ADJACENCY));
    json.put("weight", in.u8("weight"));
    in.skip(2, "what is reserved");
    sids(in, (bits & 0x20) != 0, (bits & 0x10) != 0, json);
    return json;
  }

  /** Labels of three octets if both bits are set, indices of four if none is, else what it is in digits. */
  private static void sids(Cursor in, boolean value, boolean local, ObjectNode json)
      throws MalformedException {
    ArrayNode sids = json.putArray("sids");
    ArrayNode undecoded = json.putArray("undecoded-sids");
    if (value != local) {
      if (in.hasMore()) {
        undecoded.add("0x" + in.hex());
      }
      return;
    }
    while (in.hasMore()) {
      sids.add(in.unsigned(value ? 3 : 4, "SID"));
    }
  }

  private static ObjectNode lanAdjacency(Cursor in) throws MalformedException {
    int bits = in.peek(0);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.set("flags", flags(in, ADJACENCY));
    json.put("weight", in.u8("weight"));
    in.skip(2, "what is reserved");
    json.put("system-id", hex(in, 6));
    ObjectNode sids = JsonNodeFactory.instance.objectNode();
    sids(in, (bits & 0x20) != 0, (bits & 0x10) != 0, sids);
    if (!sids.get("sids").isEmpty()) {
      json.set("sid", sids.get("sids").get(0));
    }
    json.set("undecoded", sids.get("undecoded-sids"));
    return json;
  }

  private static String hex(Cursor in, int octets) throws MalformedException {
    return Cursor.hex(in.take(octets, "identifier")).toLowerCase(Locale.ROOT);
  }

  /** @param neighbor octets of the neighbour's identifier, 0 without one */
  private static ObjectNode endX(Cursor in, int neighbor) throws MalformedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("behavior", in.u16("behaviour"));
    json.set("flags", flags(in, END_X));
    json.put("algorithm", in.u8("algorithm"));
    json.put("weight", in.u8("weight"));
    in.skip(1, "what is reserved");
    if (neighbor > 0) {
      json.put("neighbor-id", neighbor == 4 ? in.v4("neighbour").toString() : hex(in, neighbor));
    }
    json.put("sid", Text.address(in.v6("SID")));
    while (in.hasMore()) {
      int type = in.u16("sub-TLV type");
      Cursor value = in.slice(in.u16("sub-TLV length"), "sub-TLV " + type);
      if (type == SID_STRUCTURE) {
        json.set("srv6-sid-structure", structure(value));
      } else {
        json.put(type + "-undecoded", "0x" + value.hex());
      }
    }
    return json;
  }

  private static ObjectNode structure(Cursor in) throws MalformedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("loc_block_len", in.u8("locator block length"));
    json.put("loc_node_len", in.u8("locator node length"));
    json.put("func_len", in.u8("function length"));
    return json.put("arg_len", in.u8("argument length"));
  }
}
