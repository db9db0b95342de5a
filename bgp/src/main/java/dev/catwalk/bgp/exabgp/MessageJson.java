package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** BGP messages as the JSON that ExaBGP gives to its processes. */
public final class MessageJson {
  private static final int MARKER = 16;
  private static final int HEADER = 19;
  private static final String[] SUBTYPE = {"request", "begin", "end"};

  /** Types of messages, RFC 4271 §4.1 and RFC 2918 §3. */
  public static final int OPEN = 1;

  public static final int UPDATE = 2;
  public static final int NOTIFICATION = 3;
  public static final int KEEPALIVE = 4;
  public static final int ROUTE_REFRESH = 5;

  private final Neighbor neighbor;
  private final JsonVersion version;

  /** For what was received from that neighbour. */
  public MessageJson(Neighbor neighbor, JsonVersion version) {
    this.neighbor = neighbor;
    this.version = version;
  }

  /**
   * A message with its header.
   *
   * @throws MalformedException if it is none
   */
  public ObjectNode message(byte... octets) throws MalformedException {
    Cursor in = new Cursor(octets);
    for (byte octet : in.take(MARKER, "marker")) {
      if (octet != (byte) 0xff) {
        throw new MalformedException("the marker is not all ones");
      }
    }
    int length = in.u16("message length");
    int type = in.u8("message type");
    if (length != octets.length) {
      throw new MalformedException(
          "the header says " + length + " octets, there are " + octets.length);
    }
    return body(type, in.take(length - HEADER, "message"));
  }

  /**
   * A message without its header.
   *
   * @param type one of the constants of this class
   * @throws MalformedException if it is no such message
   */
  public ObjectNode body(int type, byte... octets) throws MalformedException {
    Cursor in = new Cursor(octets);
    return switch (type) {
      case OPEN -> envelope("open", "open", OpenJson.read(in, version));
      case UPDATE -> envelope("update", "message", UpdateJson.read(in, neighbor, version));
      case NOTIFICATION -> envelope("notification", "notification", notification(in));
      case KEEPALIVE -> envelope("keepalive", "", JsonNodeFactory.instance.objectNode());
      case ROUTE_REFRESH -> envelope("refresh", "route-refresh", refresh(in));
      default -> throw new MalformedException("there is no message type " + type);
    };
  }

  private ObjectNode envelope(String type, String member, ObjectNode content) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("exabgp", version.number()).put("type", type);
    ObjectNode who = json.putObject("neighbor");
    who.putObject("address")
        .put("local", neighbor.localAddress())
        .put("peer", neighbor.peerAddress());
    who.putObject("asn").put("local", neighbor.localAs()).put("peer", neighbor.peerAs());
    if (version != JsonVersion.V4) {
      who.put("router-id", neighbor.routerId());
    }
    who.put("direction", "in");
    if (!member.isEmpty()) {
      who.set(member, content);
    }
    return json;
  }

  private static ObjectNode notification(Cursor in) throws MalformedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("code", in.u8("code")).put("subcode", in.u8("subcode"));
    return json.put("data", in.hex());
  }

  private ObjectNode refresh(Cursor in) throws MalformedException {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("afi", FamilyName.afi(in.u16("AFI")));
    int subtype = in.u8("subtype");
    json.put("safi", FamilyName.safi(in.u8("SAFI"), version));
    return json.put(
        "subtype", subtype < SUBTYPE.length ? SUBTYPE[subtype] : Integer.toString(subtype));
  }
}
