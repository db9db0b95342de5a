package dev.catwalk.bgp.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Headers, OPENs and the order of messages against a whole speaker: who is odd is told why, loses its
 * own session and all that it told, and nobody else does.
 */
class SessionRulesTest {
  private static final int OPENS = Integer.getInteger("catwalk.bgp.odd", 2_000);
  private static final long SEED = Long.getLong("catwalk.bgp.oddSeed", 1);
  private static final HostilePeers.Kind KIND = HostilePeers.Kind.OUTSIDE;
  private static final byte[] REFRESH = HostilePeers.message(5, "00010001");
  private static final byte[] CEASE = HostilePeers.message(3, "0604");

  private final HostilePeers peers = new HostilePeers();

  /** How far a session is. */
  private enum Stage {
    OPEN_SENT,
    OPEN_CONFIRM,
    ESTABLISHED
  }

  private HostilePeers.Far at(Stage stage) {
    HostilePeers.Far far = peers.new Far(KIND.address());
    if (stage != Stage.OPEN_SENT) {
      far.say(HostilePeers.open(KIND));
    }
    if (stage == Stage.ESTABLISHED) {
      far.say(HostilePeers.KEEPALIVE);
      far.say(HostilePeers.good(KIND, 64501));
      peers.look();
      assertEquals(2, peers.inside.told.table.size());
    }
    return far;
  }

  /** Nothing of it is left, and it may come again after a while. */
  private void end(HostilePeers.Far far) {
    far.caller.hangUp();
    peers.look();
    assertTrue(peers.inside.told.table.isEmpty() && peers.outside.told.table.isEmpty(), "stale");
    peers.pardon();
  }

  /** RFC 4271 §6.1, RFC 8654 §4. */
  @ParameterizedTest
  @EnumSource(Stage.class)
  void headers(Stage stage) {
    List<String> wrong = new ArrayList<>();
    for (int type : new int[] {0, 1, 2, 3, 4, 5, 6, 7, 128, 255}) {
      for (int length :
          new int[] {0, 1, 18, 19, 20, 21, 22, 23, 24, 28, 29, 30, 4095, 4096, 4097, 40_000, 65_535
          }) {
        for (int marker : new int[] {-1, 0, 15}) {
          Set<String> fitting = fitting(stage, type, length, marker);
          if (fitting != null && (marker < 0 || length == 19 || length == 4097)) {
            HostilePeers.Far far = at(stage);
            far.say(header(type, length, marker));
            peers.look();
            boolean silent = fitting.isEmpty() && far.told.notification.isEmpty();
            if (!far.caller.isClosed() || !silent && !fitting.contains(far.told.notification)) {
              wrong.add(type + " of " + length + ", marker " + marker + ": says "
                  + far.told.notification + " and not " + fitting);
            }
            end(far);
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
  }

  /** The NOTIFICATIONs that fit; none: it closes without one. Null: the header is good. */
  private static Set<String> fitting(Stage stage, int type, int length, int marker) {
    if (marker >= 0) {
      return Set.of("1/1");
    }
    boolean known = type >= 1 && type <= 5;
    if (length < 19) {
      return known ? Set.of("1/2") : Set.of("1/2", "1/3");
    }
    if (type == 3 && length <= 4096) {
      return Set.of(); // RFC 4271 §6.4: however short it is
    }
    boolean bad = switch (type) {
      case 1 -> length < 29 || length > 4096;
      case 2, 5 -> length < 23;
      case 4 -> length != 19;
      default -> false;
    };
    if (!known) {
      return length > 4096 ? Set.of("1/2", "1/3") : Set.of("1/3");
    }
    boolean tooLong = length > 4096 && stage != Stage.ESTABLISHED;
    return bad || tooLong ? Set.of("1/2") : null;
  }

  private static byte[] header(int type, int length, int marker) {
    byte[] message = new byte[Math.max(19, length)];
    Arrays.fill(message, 0, 16, (byte) -1);
    if (marker >= 0) {
      message[marker] = 0x7f;
    }
    message[16] = (byte) (length >> 8);
    message[17] = (byte) length;
    message[18] = (byte) type;
    return message;
  }

  @ParameterizedTest
  @EnumSource(
      value = HostilePeers.Kind.class,
      names = {"OUTSIDE", "CLIENT"})
  void opens(HostilePeers.Kind kind) {
    OpenRules.Cases cases = new OpenRules.Cases(SEED);
    TreeMap<String, Integer> seen = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < OPENS / 2 && wrong.size() < 10; i++) {
      byte[] body = cases.next(kind);
      Set<String> faults = OpenRules.judge(kind, body);
      HostilePeers.Far far = peers.new Far(kind.address());
      far.say(HostilePeers.message(1, body));
      far.say(HostilePeers.KEEPALIVE);
      boolean fits = faults.isEmpty()
          ? !far.caller.isClosed() && far.told.keepalives > 0
          : far.caller.isClosed() && faults.contains(far.told.notification);
      if (!fits) {
        wrong.add("says " + far.told.notification + " and not " + faults + ": "
            + java.util.HexFormat.of().formatHex(body));
      }
      seen.merge(faults.isEmpty() ? "good" : far.told.notification, 1, Integer::sum);
      peers.look();
      end(far);
    }
    assertEquals(List.of(), wrong, () -> String.join("\n", wrong));
    for (String code : List.of("good", "2/0", "2/1", "2/2", "2/3", "2/4", "2/6", "2/7")) {
      assertTrue(seen.getOrDefault(code, 0) > 0, seen::toString);
    }
  }

  /** RFC 4271 §8.2.2, RFC 6608: three messages in every order, each by itself and all at once. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void orders(boolean atOnce) {
    byte[][] messages = {
      HostilePeers.open(KIND),
      HostilePeers.KEEPALIVE,
      HostilePeers.good(KIND, 64501),
      REFRESH,
      CEASE
    };
    for (int order = 0; order < 125; order++) {
      int[] said = {order / 25, order / 5 % 5, order % 5};
      HostilePeers.Far far = peers.new Far(KIND.address());
      if (atOnce) {
        far.say(UpdateCases.join(List.of(messages[said[0]], messages[said[1]], messages[said[2]])));
      } else {
        for (int one : said) {
          far.say(messages[one]);
        }
      }
      String expected = expected(said);
      String name = Arrays.toString(said);
      assertEquals(!expected.equals("open"), far.caller.isClosed(), name);
      assertEquals(expected.contains("/") ? expected : "", far.told.notification, name);
      peers.look();
      boolean told = said[0] == 0 && said[1] == 1 && said[2] == 2;
      assertEquals(told ? 2 : 0, peers.inside.told.table.size(), name);
      end(far);
    }
  }

  /** A NOTIFICATION, {@code closed} or {@code open}. */
  private static String expected(int... said) {
    Stage stage = Stage.OPEN_SENT;
    for (int one : said) {
      if (one == 4) {
        return "closed";
      }
      switch (stage) {
        case OPEN_SENT -> {
          if (one != 0) {
            return "5/1";
          }
          stage = Stage.OPEN_CONFIRM;
        }
        case OPEN_CONFIRM -> {
          if (one != 1) {
            return "5/2";
          }
          stage = Stage.ESTABLISHED;
        }
        case ESTABLISHED -> {
          if (one == 0) {
            return "5/3";
          }
        }
      }
    }
    return "open";
  }

  /** RFC 6608 §4. */
  @Test
  void whatWasNotExpectedIsNamed() {
    HostilePeers.Far far = peers.new Far(KIND.address());
    far.caller.say(REFRESH);
    List<byte[]> heard = far.caller.hear();
    assertEquals(
        List.of(3, 5, 1, 5),
        List.of(
            (int) heard.getLast()[18], (int) heard.getLast()[19], (int) heard.getLast()[20], (int)
                heard.getLast()[21]));
  }

  /** Every way to cut a conversation in two is the same conversation; if it ends there, it is over. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void cutAnywhere(boolean over) {
    byte[] all = UpdateCases.join(
        List.of(HostilePeers.open(KIND), HostilePeers.KEEPALIVE, HostilePeers.good(KIND, 64501)));
    for (int cut = 0; cut <= all.length; cut++) {
      HostilePeers.Far far = peers.new Far(KIND.address());
      far.say(Arrays.copyOf(all, cut));
      if (!over) {
        far.say(Arrays.copyOfRange(all, cut, all.length));
        assertFalse(far.caller.isClosed());
        peers.look();
        assertEquals(2, peers.inside.told.table.size());
        assertEquals(2, peers.outside.told.table.size());
      }
      end(far);
    }
    HostilePeers.Far far = peers.new Far(KIND.address());
    for (byte octet : all) {
      far.say(octet);
    }
    peers.look();
    assertEquals(2, peers.inside.told.table.size());
    end(far);
  }

  /** RFC 2918 §4, RFC 7313 §5, RFC 5291 §5. */
  @Test
  void refreshes() {
    for (String family : List.of("0001%s01", "0002%s01", "0001%s02", "0000%s00", "4004%s47")) {
      for (int subtype : new int[] {0, 1, 2, 3, 4, 127, 255}) {
        for (int more : new int[] {0, 1, 3, 4, 5, 40}) {
          boolean wrong = subtype == 0 ? more >= 4 : subtype <= 2 && more > 0;
          HostilePeers.Far far = at(Stage.ESTABLISHED);
          String body = String.format(family, String.format("%02x", subtype)) + "01".repeat(more);
          far.say(HostilePeers.message(5, body));
          assertEquals(wrong ? "7/1" : "", far.told.notification, body);
          assertEquals(wrong, far.caller.isClosed(), body);
          peers.look();
          assertEquals(wrong ? 0 : 2, peers.inside.told.table.size(), body);
          end(far);
        }
      }
    }
  }

  /** RFC 4271 §6.4: nothing answers a NOTIFICATION. */
  @ParameterizedTest
  @EnumSource(Stage.class)
  void notifications(Stage stage) {
    for (String body : List.of(
        "",
        "06",
        "0000",
        "0602",
        "0602ff41",
        "060203ffffff",
        "0609",
        "06090602",
        "060906090609",
        "ffff" + "00".repeat(4000),
        "0206",
        "030b",
        "0400",
        "0501")) {
      HostilePeers.Far far = at(stage);
      far.say(HostilePeers.message(3, body));
      assertTrue(far.caller.isClosed(), body);
      assertEquals("", far.told.notification, body);
      end(far);
    }
  }
}
