package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.catwalk.bgp.fsm.ConnectionId;
import dev.catwalk.bgp.fsm.Event;
import dev.catwalk.bgp.fsm.Timer;
import dev.catwalk.bgp.speaker.Deed;
import dev.catwalk.bgp.speaker.Happening;
import dev.catwalk.bgp.speaker.Locals;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.PeerView;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.Speaker;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.net.addr.IpAddress;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code catwalk peers} makes of a speaker whose one peer is played by hand. */
class PeerDetailsTest {
  private static final IpAddress TOR = IpAddress.parse("192.0.2.1");
  private static final Locals LOCALS = new Locals(IpAddress.parse("192.0.2.10"), null);
  private static final long NOW = 1_700_000_000_000L;

  private final Speaker speaker = new Speaker(
      new SpeakerConfig(
          64601,
          IpAddress.parse("192.0.2.11"),
          List.of(),
          SpeakerConfig.Multipath.OFF,
          List.of(new PeerConfig("tor1", TOR, 179, 65001, SessionConfig.DEFAULT)),
          List.of()),
      true);
  private Deed.Target target;
  private Deed.Arm retry;

  private void happen(long seconds, Happening happening) {
    for (Deed deed : speaker.step(NOW + seconds * 1000, happening)) {
      if (deed instanceof Deed.Dial dial) {
        target = dial.target();
      } else if (deed instanceof Deed.Adopt adopt) {
        target = adopt.target();
      } else if (deed instanceof Deed.Arm arm && arm.timer() == Timer.CONNECT_RETRY) {
        retry = arm;
      }
    }
  }

  private void hear(long seconds, Message message) {
    happen(
        seconds,
        new Happening.OfPeer(target.peer(), new Event.Received(target.connection(), message)));
  }

  private void comeUp() {
    happen(0, new Happening.Start());
    happen(1, new Happening.Connected(target.peer(), target.connection(), LOCALS));
    establish(1);
  }

  private void establish(long seconds) {
    var restart = new Capability.GracefulRestart(
        true, true, 60, List.of(new Capability.Restarted(AfiSafi.IPV4_UNICAST, true)));
    hear(seconds, Open.of(65001, 9, 7, List.of(AfiSafi.IPV4_UNICAST), restart));
    hear(seconds, new Keepalive());
    hear(seconds + 1, Update.endOfRib(AfiSafi.IPV4_UNICAST));
  }

  private PeerView view(long seconds) {
    return speaker.peers(NOW + seconds * 1000).getFirst();
  }

  private String page(long seconds) {
    return PeerDetails.page(view(seconds), Instant.ofEpochMilli(NOW + seconds * 1000));
  }

  @Test
  void aSessionThatIsUp() {
    comeUp();
    JsonNode json = PeerDetails.json(List.of(view(5))).get(0);
    assertEquals("192.0.2.10", json.path("localAddress").asText());
    assertEquals("0.0.0.7", json.path("routerId").asText());
    assertEquals(9, json.path("holdTime").asInt());
    assertEquals(90, json.path("configured").path("holdTime").asInt());
    assertEquals(6, json.path("timers").path("hold").asInt());
    assertEquals(
        2,
        json.path("messages").path("received").path("open").asInt()
            + json.path("messages").path("received").path("update").asInt());
    assertEquals(1, json.path("messages").path("sent").path("keepalive").asInt());
    JsonNode restart = json.path("gracefulRestart");
    assertEquals("negotiated", restart.path("state").asText());
    assertTrue(restart.path("notification").asBoolean());
    assertTrue(restart.path("theirs").path("restarting").asBoolean());
    assertEquals(60, restart.path("theirs").path("restartTime").asInt());
    assertEquals(120, restart.path("ours").path("restartTime").asInt());
    assertEquals("ipv4-unicast", restart.path("endOfRib").get(0).asText());
    assertTrue(json.path("bfd").isNull());
    assertFalse(json.path("password").asBoolean());
    String page = page(5);
    assertTrue(page.startsWith("tor1  192.0.2.1  AS 65001\n"), page);
    assertTrue(page.contains("established for 4 s"), page);
    assertTrue(page.contains("come back within 60 s, ipv4-unicast, forwarding preserved"), page);
    assertFalse(page.contains("hint"), page);
  }

  @Test
  void aSessionThatThePeerEnded() {
    comeUp();
    hear(3, Notification.shutdown(Fault.ADMINISTRATIVE_SHUTDOWN, "maintenance").asHardReset());
    JsonNode json = PeerDetails.json(List.of(view(4))).get(0);
    JsonNode received = json.path("notifications").path("received");
    String text = "6/9 hard reset: 6/2 administrative shutdown: maintenance";
    assertEquals(text, received.path("text").asText());
    assertEquals(text, json.path("lastNotification").path("text").asText());
    assertTrue(json.path("notifications").path("sent").isNull());
    assertEquals("offered", json.path("gracefulRestart").path("state").asText());
    String page = page(4);
    assertTrue(page.contains("last NOTIFICATION from it"), page);
    assertTrue(page.contains(text + ", 1 s ago"), page);
  }

  /** What was wrong before is past, and no reason to look for anything. */
  @Test
  void aSessionThatCameUpAgain() {
    comeUp();
    hear(3, Notification.of(Fault.CONNECTION_REJECTED));
    assertTrue(page(4).contains("  hint"), page(4));
    assertTrue(page(4).contains("connection rejected, 1 s ago\n"), page(4));
    happen(4, new Happening.Incoming(7, TOR, LOCALS));
    establish(4);
    JsonNode json = PeerDetails.json(List.of(view(5))).get(0);
    assertEquals("established", json.path("state").asText());
    assertEquals("", json.path("hint").asText());
    assertEquals(
        Instant.ofEpochMilli(NOW + 3_000).toString(), json.path("lastErrorAt").asText());
    String page = page(5);
    assertFalse(page.contains("  hint"), page);
    assertTrue(page.contains("connection rejected, 2 s ago, before this session\n"), page);
  }

  /** What it said when it was switched off tells nothing once it was on again. */
  @Test
  void aPeerThatRefuses() {
    comeUp();
    hear(3, Notification.of(Fault.ADMINISTRATIVE_SHUTDOWN));
    refuse(4);
    assertTrue(view(5).hint().contains("switched it off"), view(5).hint());
    happen(6, new Happening.Incoming(7, TOR, LOCALS));
    establish(6);
    happen(8, closed("closed by peer"));
    refuse(9);
    assertTrue(
        view(10).hint().contains("nothing listens on its port 179"), view(10).hint());
  }

  /** We dial, and nobody is there. */
  private void refuse(long seconds) {
    happen(
        seconds,
        new Happening.OfPeer(
            retry.peer(), new Event.Expired(retry.timer(), retry.owner(), retry.generation())));
    happen(seconds, closed("cannot connect: Connection refused"));
  }

  private Happening closed(String why) {
    return new Happening.OfPeer(target.peer(), new Event.Closed(target.connection(), why));
  }

  @Test
  void aPeerThatDoesNotAnswer() {
    happen(0, new Happening.Start());
    happen(
        1,
        new Happening.OfPeer(
            target.peer(),
            new Event.Closed(
                new ConnectionId(ConnectionId.Side.DIALLED, 1),
                "cannot connect: Connection refused: /192.0.2.1:179")));
    JsonNode json = PeerDetails.json(List.of(view(2))).get(0);
    assertTrue(json.path("hint").asText().contains("nothing listens on its port 179"));
    assertEquals("active", json.path("state").asText());
    assertTrue(page(2).contains("  hint"), page(2));
  }
}
