package dev.catwalk.bgp.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Odd UPDATEs by a seed against a whole speaker: {@link UpdateRules} says what is to become of each,
 * and two peers that look on must be told just that. {@code -Dcatwalk.bgp.odd=N} plays N of them in
 * place of 4,000, {@code -Dcatwalk.bgp.oddSeed=S} others than those of seed 1.
 */
class UpdateRulesTest {
  private static final int COUNT = Integer.getInteger("catwalk.bgp.odd", 4_000);
  private static final long SEED = Long.getLong("catwalk.bgp.oddSeed", 1);
  private static final int SHOWN = 10;

  private final HostilePeers peers = new HostilePeers();
  private final EnumMap<HostilePeers.Kind, HostilePeers.Far> sessions =
      new EnumMap<>(HostilePeers.Kind.class);
  private final TreeMap<String, Integer> seen = new TreeMap<>();

  @Test
  void isTreatedAsItsRfcSays() {
    UpdateCases cases = new UpdateCases(SEED);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < COUNT && wrong.size() < SHOWN; i++) {
      UpdateCases.Case c = cases.next();
      String problem = play(c);
      if (problem != null) {
        wrong.add(problem + ": " + c);
      }
    }
    assertEquals(List.of(), wrong, () -> String.join("\n", wrong));
    for (String verdict : List.of("reset", "withdraw", "announce", "nothing")) {
      assertTrue(seen.getOrDefault(verdict, 0) > COUNT / 100, seen::toString);
    }
  }

  /** What is wrong with what becomes of it; null: nothing. */
  private @Nullable String play(UpdateCases.Case c) {
    HostilePeers.Far far = sessions.get(c.kind());
    if (far == null) {
      far = peers.up(c.kind());
      sessions.put(c.kind(), far);
    }
    far.say(HostilePeers.good(c.kind(), 64501));
    peers.look();
    TreeMap<Prefix, TreeMap<Integer, Told.Attr>> before = new TreeMap<>(peers.inside.told.table);
    UpdateRules.Verdict verdict = UpdateRules.judge(c.kind().session(), c.body());
    far.say(HostilePeers.message(2, c.body()));
    peers.look();
    String problem = switch (verdict) {
      case UpdateRules.Reset(List<String> codes) -> reset(far, codes);
      case UpdateRules.Routes(var routes) -> routes(c.kind(), far, routes, before);
    };
    TreeSet<Prefix> more = new TreeSet<>(peers.inside.told.table.keySet());
    more.addAll(peers.outside.told.table.keySet());
    more.removeAll(List.of(HostilePeers.P4, HostilePeers.P6));
    if (far.caller.isClosed() || problem != null || !more.isEmpty()) {
      end(c.kind(), far);
    } else {
      withdraw(c.kind(), far);
    }
    return problem;
  }

  /** Ends the session; what it told must be gone. */
  private void end(HostilePeers.Kind kind, HostilePeers.Far far) {
    far.caller.hangUp();
    sessions.remove(kind);
    peers.pardon();
    peers.look();
    assertEquals(List.of(), List.copyOf(peers.inside.told.table.keySet()), "stale");
    assertEquals(List.of(), List.copyOf(peers.outside.told.table.keySet()), "stale");
  }

  private void withdraw(HostilePeers.Kind kind, HostilePeers.Far far) {
    String id = kind.session().paths() ? "00000001" : "";
    String four = id + "18644000";
    String six = "000201" + id + "3020010db81000";
    far.say(HostilePeers.message(2, String.format("%04x", four.length() / 2) + four + "0000"));
    far.say(HostilePeers.message(
        2, String.format("0000%04x800f%02x", six.length() / 2 + 3, six.length() / 2) + six));
  }

  private @Nullable String reset(HostilePeers.Far far, List<String> codes) {
    count("reset");
    if (!far.caller.isClosed()) {
      return "no reset " + codes;
    }
    if (!peers.inside.told.table.isEmpty() || !peers.outside.told.table.isEmpty()) {
      return "stale after its reset";
    }
    return codes.contains(far.told.notification)
        ? null
        : "says " + far.told.notification + " and not " + codes;
  }

  private @Nullable String routes(
      HostilePeers.Kind kind,
      HostilePeers.Far far,
      Map<Prefix, UpdateRules.@Nullable Route> routes,
      TreeMap<Prefix, TreeMap<Integer, Told.Attr>> before) {
    if (far.caller.isClosed()) {
      return "needless reset " + far.told.notification;
    }
    count(routes.isEmpty() ? "nothing" : routes.containsValue(null) ? "withdraw" : "announce");
    TreeSet<Prefix> all = new TreeSet<>(before.keySet());
    all.addAll(routes.keySet());
    for (Prefix prefix : all) {
      TreeMap<Integer, Told.Attr> in = peers.inside.told.table.get(prefix);
      TreeMap<Integer, Told.Attr> out = peers.outside.told.table.get(prefix);
      UpdateRules.Route route = routes.get(prefix);
      if (!routes.containsKey(prefix)) {
        if (in == null || !in.toString().equals(before.get(prefix).toString())) {
          return prefix + " changed though nothing was said of it";
        }
      } else if (route == null) {
        if (in != null || out != null) {
          return prefix + " is stale";
        }
      } else if (in == null || out == null) {
        return prefix + " is not passed on";
      } else {
        String problem = compare(kind, route, in, out);
        if (problem != null) {
          return prefix + " " + problem;
        }
      }
    }
    return null;
  }

  private void count(String verdict) {
    seen.merge(verdict, 1, Integer::sum);
  }

  /** What the two are told of a route. */
  private static @Nullable String compare(
      HostilePeers.Kind kind,
      UpdateRules.Route route,
      TreeMap<Integer, Told.Attr> in,
      TreeMap<Integer, Told.Attr> out) {
    List<Long> path = new ArrayList<>(route.path());
    if (!path.equals(path(in.get(2).value()))) {
      return "has the path " + path(in.get(2).value()) + " and not " + path;
    }
    path.addFirst(HostilePeers.AS);
    if (!path.equals(path(out.get(2).value()))) {
      return "has the path " + path(out.get(2).value()) + " outside and not " + path;
    }
    TreeMap<Integer, String> wanted = inside(kind, route);
    TreeMap<Integer, String> shown = shown(in);
    if (!wanted.equals(shown)) {
      return "is told inside with " + shown + " and not " + wanted;
    }
    for (int own : new int[] {4, 5, 9, 10}) {
      wanted.remove(own);
    }
    extended(wanted);
    shown = shown(out);
    return wanted.equals(shown) ? null : "is told outside with " + shown + " and not " + wanted;
  }

  /** RFC 4360 §6: the others stay in the AS. */
  private static void extended(TreeMap<Integer, String> wanted) {
    String all = wanted.remove(16);
    if (all != null) {
      StringBuilder kept = new StringBuilder();
      byte[] value = HexFormat.of().parseHex(all.substring(3));
      for (int at = 0; at < value.length; at += 8) {
        if ((value[at] & 0x40) == 0) {
          kept.append(HexFormat.of().formatHex(value, at, at + 8));
        }
      }
      if (!kept.isEmpty()) {
        wanted.put(16, all.substring(0, 3) + kept);
      }
    }
  }

  private static TreeMap<Integer, String> shown(TreeMap<Integer, Told.Attr> told) {
    TreeMap<Integer, String> shown = new TreeMap<>();
    told.forEach((type, attr) -> {
      if (type != 2 && type != 3 && type != 14) {
        shown.put(type, attr.toString());
      }
    });
    return shown;
  }

  private static TreeMap<Integer, String> inside(HostilePeers.Kind kind, UpdateRules.Route route) {
    TreeMap<Integer, Told.Attr> kept = new TreeMap<>(route.values());
    kept.putIfAbsent(5, new Told.Attr(0x40, HostilePeers.bytes("00000064")));
    if (kept.containsKey(32)) { // RFC 8092 §5
      kept.put(32, distinct(kept.get(32)));
    }
    if (kind.session().internal()) { // RFC 4456 §8
      kept.putIfAbsent(9, new Told.Attr(0x80, HostilePeers.bytes(HostilePeers.id(kind))));
      byte[] before = kept.containsKey(10) ? kept.get(10).value() : new byte[0];
      kept.put(
          10, new Told.Attr(0x80, UpdateCases.join(List.of(HostilePeers.SELF.toBytes(), before))));
    }
    TreeMap<Integer, String> wanted = new TreeMap<>();
    kept.forEach((type, attr) -> {
      if (type != 2 && type != 3) {
        boolean understood = List.of(1, 4, 5, 6, 7, 8, 9, 10, 16, 32, 35).contains(type);
        boolean wellKnownOrStaying = (attr.flags() & 0xc0) != 0xc0;
        int flags = wellKnownOrStaying
            ? attr.flags() & 0xc0 // RFC 4271 §4.3: there it MUST be 0
            : understood ? attr.flags() : attr.flags() | 0x20;
        wanted.put(type, new Told.Attr(flags, attr.value()).toString());
      }
    });
    return wanted;
  }

  private static Told.Attr distinct(Told.Attr large) {
    TreeSet<String> seen = new TreeSet<>();
    List<byte[]> parts = new ArrayList<>();
    for (int at = 0; at < large.value().length; at += 12) {
      byte[] part = Arrays.copyOfRange(large.value(), at, at + 12);
      if (seen.add(HexFormat.of().formatHex(part))) {
        parts.add(part);
      }
    }
    return new Told.Attr(large.flags(), UpdateCases.join(parts));
  }

  private static List<Long> path(byte[] value) {
    List<Long> numbers = new ArrayList<>();
    for (int at = 0; at < value.length; ) {
      int count = value[at + 1] & 0xff;
      at += 2;
      for (int i = 0; i < count; i++, at += 4) {
        long as = 0;
        for (int k = 0; k < 4; k++) {
          as = as << 8 | value[at + k] & 0xff;
        }
        numbers.add(as);
      }
    }
    return numbers;
  }
}
