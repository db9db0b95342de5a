package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.wire.AfiSafi;
import java.math.BigDecimal;
import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** What processes are told of one neighbour: as JSON, or as ExaBGP's text. */
public final class Events {

  /** Where events come from, as they say it. */
  public record Origin(String host, long pid, long parent) {}

  /** What two OPENs agreed on, as events say it. */
  public record Agreed(
      int messageLimit,
      int holdTime,
      boolean asn4,
      String refresh,
      List<AfiSafi> families,
      List<NeighborConfig.NextHopFamily> nextHops,
      SortedSet<AfiSafi> sent,
      SortedSet<AfiSafi> received) {}

  private final Origin origin;
  private final JsonVersion version;
  private final Neighbor neighbor;
  private long counter;

  /** @param neighbor who it is, and how its messages are read */
  public Events(Origin origin, JsonVersion version, Neighbor neighbor) {
    this.origin = origin;
    this.version = version;
    this.neighbor = neighbor;
  }

  /** The same, going on counting, where the session has agreed on something else. */
  public Events with(Neighbor changed) {
    Events next = new Events(origin, version, changed);
    next.counter = counter;
    return next;
  }

  private ObjectNode envelope(long micros, String type) {
    ObjectNode json = header(origin, version, micros);
    json.put("counter", ++counter).put("type", type);
    return json;
  }

  private static ObjectNode header(Origin origin, JsonVersion version, long micros) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("exabgp", version.number()).put("time", BigDecimal.valueOf(micros, 6));
    return json.put("host", origin.host).put("pid", origin.pid).put("ppid", origin.parent);
  }

  private ObjectNode who(ObjectNode json) {
    ObjectNode who = json.putObject("neighbor");
    who.putObject("address")
        .put("local", neighbor.localAddress())
        .put("peer", neighbor.peerAddress());
    who.putObject("asn").put("local", neighbor.localAs()).put("peer", neighbor.peerAs());
    if (version != JsonVersion.V4) {
      who.put("router-id", neighbor.routerId());
    }
    return who;
  }

  /** The program ends. */
  public static String shutdown(Origin origin, JsonVersion version, boolean json, long micros) {
    return json
        ? header(origin, version, micros)
            .put("type", "notification")
            .put("notification", "shutdown")
            .toString()
        : "shutdown " + origin.pid + " " + origin.parent;
  }

  /**
   * A session's state: connected, up or down.
   *
   * @param reason of {@code down}; else empty
   */
  public String state(boolean json, long micros, String state, String reason) {
    if (!json) {
      return "neighbor " + neighbor.peerAddress() + " " + state
          + (reason.isEmpty() ? "" : " - " + reason);
    }
    ObjectNode all = envelope(micros, "state");
    ObjectNode who = who(all).put("state", state);
    if (!reason.isEmpty()) {
      who.put("reason", reason);
    }
    return all.toString();
  }

  /** A step of the state machine: {@code IDLE} and so on. Text has no such event. */
  public String fsm(long micros, String state) {
    ObjectNode all = envelope(micros, "fsm");
    who(all).put("state", state);
    return all.toString();
  }

  /** What was agreed on. Text has no such event. */
  public String negotiated(long micros, Agreed agreed) {
    ObjectNode all = envelope(micros, "negotiated");
    who(all).set("negotiated", json(agreed));
    return all.toString();
  }

  private ObjectNode json(Agreed agreed) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("message_size", agreed.messageLimit).put("hold_time", agreed.holdTime);
    json.put("asn4", agreed.asn4).put("multisession", false).put("operational", false);
    json.put("refresh", agreed.refresh);
    agreed.families.forEach(f -> json.withArray("/families").add(name(f)));
    json.putArray("nexthop");
    agreed.nextHops.forEach(n ->
        json.withArray("/nexthop").add(name(n.family()) + " " + FamilyName.afi(n.nextHopAfi())));
    ObjectNode paths = json.putObject("add_path");
    paths.putArray("send");
    agreed.sent.forEach(f -> paths.withArray("/send").add(name(f)));
    paths.putArray("receive");
    agreed.received.forEach(f -> paths.withArray("/receive").add(name(f)));
    return json;
  }

  private String name(AfiSafi family) {
    return FamilyName.of(family, " ", version);
  }

  /**
   * A message that was sent or received.
   *
   * @param direction {@code send} or {@code receive}
   * @param message with its header
   * @param packets whether its octets are shown
   * @param parsed whether it is shown in words
   * @param agreed goes with UPDATEs; null: nothing is agreed on yet
   * @throws MalformedException if it cannot be shown
   */
  public String message(
      boolean json,
      long micros,
      String direction,
      byte[] message,
      boolean packets,
      boolean parsed,
      @Nullable Agreed agreed)
      throws MalformedException {
    Cursor in = new Cursor(message);
    String header = Cursor.hex(in.take(19, "header"));
    int type = message[18] & 0xff;
    byte[] body = in.take(in.left(), "message");
    String raw = Cursor.hex(body);
    ObjectNode read = new MessageJson(neighbor, json ? version : JsonVersion.V4).body(type, body);
    if (!json) {
      return new EventText(neighbor.peerAddress(), direction)
          .message(type, read, packets ? " header " + header + " body " + raw : "");
    }
    ObjectNode all = envelope(micros, read.path("type").asText());
    if (packets && parsed) {
      all.put("header", header).put("body", raw);
    }
    ObjectNode who = who(all).put("direction", direction);
    if (!parsed) {
      who.putObject("message").put("category", type).put("header", header).put("body", raw);
      return all.toString();
    }
    JsonNode content = read.path("neighbor");
    content.properties().forEach(member -> {
      if (!List.of("address", "asn", "router-id", "direction").contains(member.getKey())) {
        who.set(member.getKey(), member.getValue());
      }
    });
    if (agreed != null && type == MessageJson.UPDATE) {
      who.set("negotiated", json(agreed));
    }
    return all.toString();
  }

  /** The routes of an UPDATE, for {@code show adj-rib in}. */
  public ReceivedRoutes.Change routes(byte[] message) throws MalformedException {
    return ReceivedRoutes.read(
        new MessageJson(neighbor, JsonVersion.V4).message(message).at("/neighbor/message/update"));
  }
}
