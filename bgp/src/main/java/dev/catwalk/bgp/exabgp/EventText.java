package dev.catwalk.bgp.exabgp;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Messages as ExaBGP's text encoder writes them, from their JSON of version 4. */
final class EventText {
  private final String prefix;

  EventText(String peer, String direction) {
    prefix = "neighbor " + peer + " " + direction + " ";
  }

  /** @param raw what follows of the message's octets; or empty */
  String message(int type, JsonNode json, String raw) {
    JsonNode who = json.path("neighbor");
    return switch (type) {
      case MessageJson.OPEN -> {
        JsonNode open = who.path("open");
        yield prefix + "open version " + open.path("version").asText() + " asn "
            + open.path("asn").asText() + " hold_time " + open.path("hold_time").asText()
            + " router_id " + open.path("router_id").asText() + " capabilities ["
            + open.path("capabilities") + "]" + raw;
      }
      case MessageJson.NOTIFICATION -> {
        JsonNode notification = who.path("notification");
        yield prefix + "notification code " + notification.path("code").asText() + " subcode "
            + notification.path("subcode").asText() + " data "
            + notification.path("data").asText() + raw;
      }
      case MessageJson.KEEPALIVE -> prefix + "keepalive" + raw;
      case MessageJson.ROUTE_REFRESH -> {
        JsonNode refresh = who.path("route-refresh");
        yield prefix + "route-refresh afi " + refresh.path("afi").asText() + " safi "
            + refresh.path("safi").asText() + " " + refresh.path("subtype").asText() + raw;
      }
      default -> update(who.path("message"), raw);
    };
  }

  private String update(JsonNode message, String raw) {
    List<String> lines = new ArrayList<>();
    lines.add(prefix + "update start");
    if (message.has("eor")) {
      JsonNode end = message.path("eor");
      lines.add(prefix + "update route eor " + end.path("afi").asText() + "/"
          + end.path("safi").asText());
    }
    ReceivedRoutes.Change change = ReceivedRoutes.read(message.path("update"));
    for (ReceivedRoutes.Entry entry : change.announced()) {
      lines.add(prefix + "update announced " + entry.extensive());
    }
    for (ReceivedRoutes.Entry entry : change.withdrawn()) {
      lines.add(prefix + "update withdrawn " + entry.nlri());
    }
    if (!raw.isEmpty()) {
      lines.add(raw);
    }
    lines.add(prefix + "update end");
    return String.join("\n", lines);
  }
}
