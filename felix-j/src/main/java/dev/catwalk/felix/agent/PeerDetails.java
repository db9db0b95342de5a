package dev.catwalk.felix.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.catwalk.bgp.speaker.PeerView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Everything about BGP peers: as members for scripts, and one of them as a page for people. */
final class PeerDetails {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private PeerDetails() {}

  static ArrayNode json(List<PeerView> peers) {
    ArrayNode json = JSON.arrayNode();
    peers.forEach(peer -> json.add(json(peer)));
    return json;
  }

  private static ObjectNode json(PeerView peer) {
    ObjectNode one = JSON.objectNode();
    one.put("name", peer.name());
    one.put("address", peer.address());
    one.put("as", peer.as());
    one.put("localAddress", peer.localAddress());
    one.put("routerId", peer.routerId());
    one.put("state", peer.state());
    one.put("since", peer.since().toString());
    one.put("prefixesReceived", peer.prefixesReceived());
    one.put("prefixesAccepted", peer.prefixesAccepted());
    one.put("prefixesSent", peer.prefixesSent());
    one.set("lastNotification", last(peer.lastNotification()));
    ObjectNode notifications = one.putObject("notifications");
    notifications.set("sent", said(peer.notifications().sent()));
    notifications.set("received", said(peer.notifications().received()));
    one.put("lastError", peer.lastError());
    one.put(
        "lastErrorAt", peer.lastErrorAt() == null ? null : peer.lastErrorAt().toString());
    one.put("hint", peer.hint());
    ObjectNode capabilities = one.putObject("capabilities");
    texts(capabilities, "ours", peer.capabilities().ours());
    texts(capabilities, "theirs", peer.capabilities().theirs());
    one.put("holdTime", peer.holdTime());
    one.put("keepalive", peer.keepalive());
    one.putObject("configured")
        .put("holdTime", peer.configured().holdTime())
        .put("keepalive", peer.configured().keepalive());
    ObjectNode timers = one.putObject("timers");
    peer.timers().forEach(timers::put);
    ObjectNode messages = one.putObject("messages");
    ObjectNode sent = messages.putObject("sent");
    peer.messages().sent().forEach(sent::put);
    ObjectNode received = messages.putObject("received");
    peer.messages().received().forEach(received::put);
    one.set("gracefulRestart", restarts(peer.gracefulRestart()));
    one.set("bfd", bfd(peer.bfd()));
    one.put("dynamic", peer.dynamic());
    return one.put("password", peer.password());
  }

  private static JsonNode last(PeerView.@Nullable LastNotification last) {
    return last == null
        ? JSON.nullNode()
        : JSON.objectNode()
            .put("sent", last.sent())
            .put("received", last.received())
            .put("code", last.code())
            .put("subcode", last.subcode())
            .put("text", last.text());
  }

  private static JsonNode said(PeerView.@Nullable Said said) {
    return said == null
        ? JSON.nullNode()
        : JSON.objectNode()
            .put("code", said.code())
            .put("subcode", said.subcode())
            .put("text", said.text())
            .put("at", said.at().toString());
  }

  private static ObjectNode restarts(PeerView.Restarts restarts) {
    ObjectNode json = JSON.objectNode();
    json.put("state", restarts.state());
    json.set("ours", side(restarts.ours()));
    json.set("theirs", side(restarts.theirs()));
    json.put("notification", restarts.notification());
    json.put("stalePrefixes", restarts.stalePrefixes());
    texts(json, "endOfRib", restarts.endOfRib());
    return json;
  }

  private static JsonNode side(PeerView.@Nullable Side side) {
    if (side == null) {
      return JSON.nullNode();
    }
    ObjectNode json = JSON.objectNode();
    json.put("restarting", side.restarting());
    json.put("restartTime", side.restartTime());
    texts(json, "families", side.families());
    texts(json, "forwarding", side.forwarding());
    return json;
  }

  private static JsonNode bfd(PeerView.@Nullable Bfd bfd) {
    return bfd == null
        ? JSON.nullNode()
        : JSON.objectNode()
            .put("state", bfd.state())
            .put("remoteState", bfd.remoteState())
            .put("why", bfd.why())
            .put("intervalMs", bfd.intervalMs())
            .put("detectionMs", bfd.detectionMs())
            .put("controlPlaneIndependent", bfd.controlPlaneIndependent());
  }

  private static void texts(ObjectNode json, String member, List<String> texts) {
    ArrayNode array = json.putArray(member);
    texts.forEach(array::add);
  }

  /** One peer as a page; {@code now} is what ages are counted to. */
  static String page(PeerView peer, Instant now) {
    List<String> lines = new ArrayList<>();
    lines.add(peer.name() + "  " + peer.address() + "  AS " + (peer.as() == 0 ? "any" : peer.as())
        + (peer.dynamic() ? "  (came by a range)" : ""));
    line(lines, "state", peer.state() + " for " + age(peer.since(), now));
    line(lines, "session", session(peer));
    line(
        lines,
        "hold time",
        peer.holdTime() + " s (" + peer.configured().holdTime() + " s configured), keepalive "
            + (peer.keepalive() == 0 ? "a third of it" : peer.keepalive() + " s"));
    line(lines, "timers", pairs(peer.timers(), " s"));
    line(lines, "messages sent", pairs(peer.messages().sent(), ""));
    line(lines, "messages received", pairs(peer.messages().received(), ""));
    line(
        lines,
        "prefixes",
        peer.prefixesReceived() + " received, " + peer.prefixesAccepted() + " accepted, "
            + peer.prefixesSent() + " sent");
    line(lines, "our capabilities", String.join(", ", peer.capabilities().ours()));
    line(lines, "its capabilities", String.join(", ", peer.capabilities().theirs()));
    line(lines, "graceful restart", words(peer.gracefulRestart()));
    line(lines, "  we", words(peer.gracefulRestart().ours()));
    line(lines, "  it", words(peer.gracefulRestart().theirs()));
    line(lines, "BFD", words(peer.bfd()));
    line(
        lines,
        "last NOTIFICATION to it",
        last(peer.notifications().sent(), peer.messages().sent(), now));
    line(
        lines,
        "last NOTIFICATION from it",
        last(peer.notifications().received(), peer.messages().received(), now));
    line(lines, "last error", error(peer, now));
    line(lines, "hint", peer.hint());
    return String.join("\n", lines) + "\n";
  }

  private static void line(List<String> lines, String title, String what) {
    if (!what.isEmpty()) {
      lines.add("  " + title + " ".repeat(27 - title.length()) + what);
    }
  }

  private static String session(PeerView peer) {
    String signed = peer.password() ? "signed by TCP MD5" : "not signed";
    return peer.localAddress().isEmpty()
        ? signed
        : peer.localAddress() + " to " + peer.address() + ", router id " + peer.routerId() + ", "
            + signed;
  }

  private static String pairs(SortedMap<String, Long> values, String unit) {
    List<String> texts = new ArrayList<>();
    values.forEach((name, value) -> texts.add(name + " " + value + unit));
    return String.join(", ", texts);
  }

  private static String words(PeerView.Restarts restarts) {
    String state = switch (restarts.state()) {
      case "off" -> "off";
      case "offered" -> "offered, no session yet";
      case "notOfPeer" -> "the peer has none";
      case "helping" ->
        "helping: " + restarts.stalePrefixes() + " of its prefixes are kept until it names them"
            + " again";
      default -> "negotiated";
    };
    return state
        + (restarts.notification() ? ", outlives NOTIFICATIONs" : "")
        + (restarts.endOfRib().isEmpty()
            ? ""
            : ", End-of-RIB of " + String.join(" and ", restarts.endOfRib()));
  }

  private static String words(PeerView.@Nullable Bfd bfd) {
    if (bfd == null) {
      return "";
    }
    return bfd.state()
        + (bfd.why().isEmpty() ? "" : " (" + bfd.why() + ")")
        + ", the peer says " + bfd.remoteState() + ", every " + bfd.intervalMs() + " ms"
        + (bfd.detectionMs() == 0 ? "" : ", silence may last " + bfd.detectionMs() + " ms")
        + (bfd.controlPlaneIndependent()
            ? ", apart from its control plane: a failure takes its routes"
            : "");
  }

  private static String words(PeerView.@Nullable Side side) {
    if (side == null) {
      return "";
    }
    return (side.families().isEmpty()
            ? "routes are not kept over a restart"
            : "come back within " + side.restartTime() + " s, "
                + String.join(", ", side.families()))
        + (side.forwarding().isEmpty()
            ? ""
            : ", forwarding preserved: " + String.join(", ", side.forwarding()))
        + (side.restarting() ? ", restarting now" : "");
  }

  private static String last(
      PeerView.@Nullable Said said, SortedMap<String, Long> messages, Instant now) {
    if (said != null) {
      return said.text() + ", " + age(said.at(), now) + " ago";
    }
    return messages.getOrDefault("notification", 0L) == 0
        ? ""
        : "none but to close one of two connections made at once (RFC 4271 §6.8)";
  }

  private static String error(PeerView peer, Instant now) {
    if (peer.lastErrorAt() == null) {
      return peer.lastError();
    }
    return peer.lastError() + ", " + age(peer.lastErrorAt(), now) + " ago"
        + (peer.state().equals(PeerView.ESTABLISHED) ? ", before this session" : "");
  }

  private static String age(Instant since, Instant now) {
    Duration age = Duration.between(since, now);
    if (age.isNegative()) {
      return "0 s";
    }
    long seconds = age.toSeconds();
    return seconds < 120
        ? seconds + " s"
        : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
  }
}
