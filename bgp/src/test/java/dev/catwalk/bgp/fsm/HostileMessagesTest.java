package dev.catwalk.bgp.fsm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Attribute;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every hostile message against decoder and session together, without a network. */
class HostileMessagesTest {

  /** Decided by who knows more than one session: own addresses, own identifiers, other peers. */
  private static final List<String> OF_THE_SPEAKER = List.of(
      "aspath-loop",
      "nexthop-own-address",
      "nexthop-third-party-unreachable",
      "community-no-advertise",
      "originator-ibgp-own",
      "cluster-ibgp-own");

  /** Extended messages (RFC 8654) are not offered, so that these are too long. */
  private static final List<String> TOO_LONG =
      List.of("size-4097-ext", "size-20000-ext", "size-65535-ext");

  private static final Pattern RUN = Pattern.compile("\\(([0-9a-f]{2})\\*(\\d+)\\)");

  record Case(
      String id,
      String peer,
      int family,
      String capabilities,
      String demand,
      List<String> codes,
      List<String> also,
      int attribute,
      String kind,
      List<String> messages) {
    @Override
    public String toString() {
      return id + " " + demand;
    }
  }

  static Stream<Case> cases() throws IOException {
    List<Case> cases = new ArrayList<>();
    try (BufferedReader in = new BufferedReader(new InputStreamReader(
        HostileMessagesTest.class.getResourceAsStream("hostile.txt"), StandardCharsets.UTF_8))) {
      for (String line : in.lines().filter(l -> !l.startsWith("#")).toList()) {
        String[] f = line.split(" \\| ", -1);
        cases.add(new Case(
            f[0],
            f[2],
            Integer.parseInt(f[3]),
            f[4],
            f[5],
            List.of(f[6].split(",")),
            List.of(f[7].split(",")),
            f[8].isEmpty() ? -1 : Integer.parseInt(f[8]),
            f[9],
            List.of(f[10].split(" "))));
      }
    }
    return cases.stream();
  }

  @Test
  void theTableIsWhole() throws IOException {
    assertEquals(241, cases().count());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void meetsTheDemand(Case c) {
    Attack attack = new Attack(c);
    String reaction = c.kind.equals("open") ? attack.beforeEstablished() : attack.established();
    if (OF_THE_SPEAKER.contains(c.id)) {
      assertEquals("accept", reaction, "the wire has nothing against it: " + attack.notes);
      return;
    }
    if (c.id.startsWith("sess-hold-timer")) {
      assertEquals("stale", reaction, "waits for the rest of the message");
      return;
    }
    boolean tooLong = TOO_LONG.contains(c.id);
    boolean met = matches(c.demand, reaction)
        || c.demand.equals("survive")
        || tooLong && reaction.equals("reset");
    assertTrue(met, "want " + c.demand + ", got " + reaction + ": " + attack.notes);
    if (reaction.equals("reset") && !c.codes.getFirst().isEmpty()) {
      assertTrue(c.codes.contains(attack.notification), attack.notification + " " + attack.notes);
    }
  }

  private static boolean matches(String demand, String reaction) {
    return demand.equals(reaction)
        || demand.equals("accept") && List.of("propagate", "discard").contains(reaction);
  }

  /** The attacker's side of one session, as the player of the hostile messages has it. */
  private static final class Attack {
    private final Case c;
    private final ByteBuf in = Unpooled.buffer();
    private final Map<Prefix, PathAttributes> routes = new TreeMap<>();
    private final List<String> notes = new ArrayList<>();
    private Peering peering;
    private DecodeContext context = DecodeContext.beforeOpen();
    private final ConnectionId connection = ConnectionId.accepted(1);
    private boolean closed;
    private boolean kept;
    private String notification = "";

    Attack(Case c) {
      this.c = c;
      long as = c.peer.equals("ebgp") ? 65001 : 65000;
      peering = Peering.of(new Settings(
          65000,
          0x01010101,
          as,
          true,
          90,
          0,
          5,
          List.of(AfiSafi.IPV4_UNICAST, AfiSafi.IPV6_UNICAST)));
      post(new Event.Start());
      post(new Event.Accepted(connection));
    }

    private String beforeEstablished() {
      for (String message : c.messages) {
        receive(bytes(message));
      }
      if (!closed && kept && c.messages.size() == 1) {
        receive(keepalive());
      }
      String end = end();
      return end != null ? end : peering.state() == State.ESTABLISHED ? "accept" : "hang";
    }

    private String established() {
      receive(open());
      receive(keepalive());
      assertEquals(State.ESTABLISHED, peering.state(), notes.toString());
      Prefix key = Prefix.parse(c.family == 6 ? "2001:db8:1000::/48" : "100.64.0.0/24");
      receive(good(64501));
      PathAttributes before = routes.get(key);
      assertTrue(before != null, "baseline: " + notes);
      for (String message : c.messages) {
        receive(bytes(message));
      }
      String end = end();
      if (end != null) {
        return end;
      }
      PathAttributes after = routes.get(key);
      if (after == null) {
        return "withdraw";
      }
      if (after.equals(before)) {
        return c.kind.equals("same") ? "accept" : "stale";
      }
      if (c.attribute < 0) {
        return "accept";
      }
      return after.list().stream().map(Attribute::type).anyMatch(t -> t == c.attribute)
          ? "propagate"
          : "discard";
    }

    private String end() {
      return !notification.isEmpty() ? "reset" : closed ? "closed" : null;
    }

    private void receive(byte[] bytes) {
      in.writeBytes(bytes);
      while (!closed && in.readableBytes() >= Wire.HEADER_LENGTH) {
        try {
          int length = Wire.frameLength(in, context.messageLimit());
          if (in.readableBytes() < length) {
            return;
          }
          Message message = Wire.decode(in.readSlice(length), context);
          if (message instanceof Open theirs) {
            context = DecodeContext.between(ours(), theirs);
          }
          post(new Event.Received(connection, message));
        } catch (WireException e) {
          post(new Event.Malformed(connection, e.notification(), e.getMessage()));
          return;
        }
      }
    }

    private Open ours() {
      Settings s = peering.settings();
      return Open.of(s.localAs(), s.holdTime(), s.localId(), s.families());
    }

    private void post(Event event) {
      Peering.Step step = Peering.step(peering, event);
      peering = step.next();
      for (Action action : step.actions()) {
        switch (action) {
          case Action.Send(ConnectionId to, Message message) -> {
            if (message instanceof Notification n) {
              notification = n.code() + "/" + n.subcode();
            }
            kept |= message instanceof dev.catwalk.bgp.wire.Keepalive;
          }
          case Action.Close a -> closed = true;
          case Action.Deliver(Update update) -> deliver(update);
          case Action.Failed(String why) -> notes.add(why);
          case Action.Down(ConnectionId of, String why, boolean retain) -> notes.add(why);
          case Action.Dial a -> throw new AssertionError("passive");
          case Action.Arm a -> {}
          case Action.Disarm a -> {}
          case Action.Up a -> {}
          case Action.Refresh a -> {}
        }
      }
    }

    private void deliver(Update update) {
      update.problems().forEach(p -> notes.add(p.toString()));
      for (Nlri gone : update.withdrawn()) {
        gone.forEach(routes::remove);
      }
      for (Update.Reach reach : update.announced()) {
        reach.prefixes().forEach(prefix -> routes.put(prefix, reach.attributes()));
      }
    }

    private byte[] open() {
      String caps = "0104000100010104000200010200"
          + (c.capabilities.equals("as2") ? "" : "4104{PAS}")
          + (c.capabilities.equals("ext") ? "0600" : "");
      int size = bytes(caps).length;
      return frame(1, String.format("04{PAS2}005a{OID}%02x02%02x%s", size + 2, size, caps));
    }

    private byte[] keepalive() {
      return frame(4, "");
    }

    private byte[] good(int mark) {
      boolean four = !c.capabilities.equals("as2");
      String hop = four ? "%08x" : "%04x";
      List<Integer> path = c.peer.equals("ebgp") ? List.of(65001, mark) : List.of(mark);
      StringBuilder numbers = new StringBuilder(String.format("02%02x", path.size()));
      path.forEach(as -> numbers.append(String.format(hop, as)));
      String attributes = (c.family == 6 ? "800e1c00020110{NH6}0030{P6}" : "")
          + String.format("400101004002%02x%s", numbers.length() / 2, numbers)
          + (c.family == 4 ? "400304{NH}" : "")
          + (c.peer.equals("ibgp") ? "40050400000064" : "");
      return frame(
          2,
          String.format("0000%04x", bytes(attributes).length)
              + attributes
              + (c.family == 4 ? "18{P}" : ""));
    }

    private byte[] frame(int type, String body) {
      int length = Wire.HEADER_LENGTH + bytes(body).length;
      return bytes("ff".repeat(16) + String.format("%04x%02x", length, type) + body);
    }

    private byte[] bytes(String template) {
      if (template.equals("-")) {
        return new byte[0];
      }
      String pas = c.peer.equals("ebgp") ? "0000fde9" : "0000fde8";
      String text = template
          .replace("{PAS}", pas)
          .replace("{PAS2}", pas.substring(4))
          .replace("{LAS}", "0000fde8")
          .replace("{P}", "644000")
          .replace("{Q}", "646400")
          .replace("{P6}", "20010db81000")
          .replace("{NH}", "0a630101")
          .replace("{NH6}", "20010db8009900000000000000000003")
          .replace("{TA}", "0a63000b")
          .replace("{TID}", "01010101")
          .replace("{OID}", "0b630101");
      Matcher run = RUN.matcher(text);
      String flat = run.replaceAll(r -> r.group(1).repeat(Integer.parseInt(r.group(2))));
      return ByteBufUtil.decodeHexDump(flat);
    }
  }
}
