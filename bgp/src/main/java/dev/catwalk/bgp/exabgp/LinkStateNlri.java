package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.wire.AfiSafi;
import org.jspecify.annotations.Nullable;

/** Links, nodes, prefixes and SIDs of an IGP, RFC 9552 §5.2 and RFC 9514 §6. */
final class LinkStateNlri {
  private static final int NODE = 1;
  private static final int LINK = 2;
  private static final int PREFIX_V4 = 3;
  private static final int PREFIX_V6 = 4;
  private static final int SRV6_SID = 6;
  private static final String[] NAME = {
    "", "bgpls-node", "bgpls-link", "bgpls-prefix-v4", "bgpls-prefix-v6", "", "bgpls-srv6sid"
  };

  private LinkStateNlri() {}

  static ObjectNode read(Cursor in, AfiSafi family, @Nullable String nextHop)
      throws MalformedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    int type = in.peek(0) << 8 | in.peek(1);
    Cursor whole = in.slice(4 + (in.peek(2) << 8 | in.peek(3)), "link-state route");
    String raw = whole.hex();
    whole.skip(4, "type and length");
    if (type < NODE || type > SRV6_SID || NAME[type].isEmpty()) {
      return json.put("code", type).put("parsed", false).put("raw", raw);
    }
    String distinguisher = family.safi() == FamilyName.LS_VPN ? Text.routeDistinguisher(whole) : "";
    json.put("ls-nlri-type", NAME[type]);
    int protocol = whole.u8("protocol");
    json.put("l3-routing-topology", whole.unsigned(8, "identifier"));
    json.put("protocol-id", protocol);
    if (type == LINK) {
      json.putArray("interface-addresses");
      json.putArray("neighbor-addresses");
      json.putArray("multi-topology-ids");
      json.putArray("link-identifiers");
    } else if (type == SRV6_SID) {
      json.putObject("srv6-sid-descriptors").putArray("multi-topology-ids");
    }
    while (whole.hasMore()) {
      descriptor(whole, type, protocol, json);
    }
    if (type != LINK && type != SRV6_SID) {
      json.put("nexthop", nextHop == null ? "null" : nextHop);
    }
    if (!distinguisher.isEmpty()) {
      json.put("rd", distinguisher);
    }
    return json;
  }

  private static void descriptor(Cursor in, int type, int protocol, ObjectNode json)
      throws MalformedException {
    int code = in.u16("descriptor type");
    Cursor value = in.slice(in.u16("descriptor length"), "descriptor " + code);
    switch (code) {
      case 256 ->
        nodes(
            value,
            protocol,
            json.withArray(type == LINK ? "/local-node-descriptors" : "/node-descriptors"));
      case 257 -> nodes(value, protocol, json.withArray("/remote-node-descriptors"));
      case 258 ->
        json.withArray("/link-identifiers")
            .addObject()
            .put("link-local-id", value.u32("local identifier"))
            .put("link-remote-id", value.u32("remote identifier"));
      case 259, 261 -> json.withArray("/interface-addresses").add(address(value));
      case 260, 262 -> json.withArray("/neighbor-addresses").add(address(value));
      case 263 -> topologies(value, type, json);
      case 264 -> json.put("ospf-route-type", value.u8("OSPF route type"));
      case 265 -> prefix(value, type, json);
      case 518 -> ((ObjectNode) json.get("srv6-sid-descriptors")).put("srv6-sid", address(value));
      default -> {
        if (type == SRV6_SID) {
          json.withArray("/srv6-sid-descriptors/generic-tlv-" + code).add("0x" + value.hex());
        }
      }
    }
  }

  private static String address(Cursor value) throws MalformedException {
    return Text.address(value.address(value.left(), "address"));
  }

  private static void topologies(Cursor value, int type, ObjectNode json)
      throws MalformedException {
    String where =
        type == SRV6_SID ? "/srv6-sid-descriptors/multi-topology-ids" : "/multi-topology-ids";
    if (type != LINK && type != SRV6_SID) {
      return;
    }
    while (value.hasMore()) {
      json.withArray(where).add(value.u16("topology") & 0x0fff);
    }
  }

  private static void prefix(Cursor value, int type, ObjectNode json) throws MalformedException {
    if (type != PREFIX_V4 && type != PREFIX_V6) { // in another route it says nothing
      return;
    }
    int bits = value.u8("prefix length");
    String address =
        Text.address(PrefixNlri.padded(value, value.left(), type == PREFIX_V6 ? 16 : 4));
    json.put("ip-reachability-tlv", address);
    json.put("ip-reach-prefix", address + "/" + bits);
  }

  private static void nodes(Cursor in, int protocol, ArrayNode to) throws MalformedException {
    while (in.hasMore()) {
      int code = in.u16("node descriptor type");
      Cursor value = in.slice(in.u16("node descriptor length"), "node descriptor " + code);
      ObjectNode node = to.addObject();
      switch (code) {
        case 512 -> node.put("autonomous-system", value.u32("AS"));
        case 513 -> node.put("bgp-ls-identifier", Long.toString(value.u32("identifier")));
        case 514 -> node.put("ospf-area-id", address(value));
        case 515 -> router(value, protocol, node);
        default -> throw new MalformedException("node descriptor " + code + " is not known");
      }
    }
  }

  /** Its form depends on the protocol: IS-IS (1, 2), or OSPF and what has addresses as names. */
  private static void router(Cursor value, int protocol, ObjectNode node)
      throws MalformedException {
    if (protocol == 1 || protocol == 2) {
      node.put("router-id", value.hex().toLowerCase(java.util.Locale.ROOT));
      if (value.left() == 7) {
        node.put("psn", Integer.toString(value.peek(6)));
      }
      return;
    }
    node.put("router-id", value.v4("router id").toString());
    if (value.hasMore()) {
      node.put("designated-router-id", value.v4("designated router").toString());
    }
  }
}
