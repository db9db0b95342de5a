package dev.catwalk.bgp.hostile;

import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the RFCs demand of one UPDATE, written from their texts and without the speaker's codecs: RFC
 * 4271 §6.3, RFC 7606, and what each attribute's own RFC says. Only what is decided before policy.
 */
final class UpdateRules {
  private static final List<String> LIST = List.of("3/1");
  private static final List<String> NETWORK = List.of("3/10", "3/1");
  private static final List<String> REACH = List.of("3/9", "3/1", "3/5", "3/8", "3/10");

  /**
   * @param internal the peer is in our AS
   * @param four both ends have the four-octet capability (RFC 6793)
   * @param paths prefixes come with path identifiers (RFC 7911)
   */
  record Session(boolean internal, boolean four, boolean paths) {}

  /** What is to be done: the session ends, or these routes change. */
  sealed interface Verdict {}

  /** @param codes the NOTIFICATIONs that fit */
  record Reset(List<String> codes) implements Verdict {}

  /**
   * @param routes by prefix the attributes that count; null: the route goes. Nothing of others
   */
  record Routes(TreeMap<Prefix, @Nullable Route> routes) implements Verdict {}

  /**
   * @param values by type, as they came
   * @param path all AS numbers, first first
   */
  record Route(TreeMap<Integer, Told.Attr> values, List<Long> path) {}

  /** Which attributes have a specification that we follow, and its flags. */
  private static final TreeMap<Integer, Integer> FLAGS = new TreeMap<>();

  static {
    for (int wellKnown : new int[] {1, 2, 3, 5, 6}) { // RFC 4271 §5.1
      FLAGS.put(wellKnown, 0x40);
    }
    for (int nonTransitive : new int[] {4, 9, 10, 14, 15}) { // RFC 4271, 4456, 4760
      FLAGS.put(nonTransitive, 0x80);
    }
    // RFC 4271, 1997, 4360, 6793, 6514, 9012, 5701, 8092, 9234, 8669
    for (int transitive : new int[] {7, 8, 16, 17, 18, 22, 23, 25, 32, 35, 40}) {
      FLAGS.put(transitive, 0xc0);
    }
  }

  private final Session session;
  private final byte[] in;
  private final TreeMap<Integer, Told.Attr> kept = new TreeMap<>();
  private final TreeSet<Prefix> withdrawn = new TreeSet<>();
  private final TreeSet<Prefix> classic = new TreeSet<>();
  private final TreeSet<Prefix> reached = new TreeSet<>();
  private List<Long> path = List.of();
  private List<Long> as4Path = List.of();
  private boolean hasClassic;
  private boolean hasReached;
  private boolean foreignReach;
  private byte[] mpHop = {};
  private boolean withdraw;
  private final List<String> codes = new ArrayList<>();
  private @Nullable Reset reset;

  private UpdateRules(Session session, byte[] body) {
    this.session = session;
    this.in = body;
  }

  /** Of the octets behind the header, four at least. */
  static Verdict judge(Session session, byte[] body) {
    return new UpdateRules(session, body).judge();
  }

  private Verdict judge() {
    int attributesAt = 4 + two(0);
    if (attributesAt > in.length) { // RFC 7606 §3 b
      return new Reset(LIST);
    }
    int prefixesAt = attributesAt + two(attributesAt - 2);
    if (prefixesAt > in.length) {
      return new Reset(LIST);
    }
    if (!prefixes(2, attributesAt - 2, 4, withdrawn) // RFC 7606 §3 i and j
        || !prefixes(prefixesAt, in.length, 4, classic)) {
      return new Reset(NETWORK);
    }
    hasClassic = prefixesAt < in.length;
    attributes(attributesAt, prefixesAt);
    if (reset != null) {
      return reset;
    }
    if (hasClassic || hasReached) {
      present();
    }
    if (withdraw && !hasClassic && !hasReached) { // RFC 7606 §5.2
      return foreignReach ? new Routes(routes(null)) : new Reset(codes);
    }
    return new Routes(routes(withdraw ? null : Boolean.TRUE));
  }

  private int two(int at) {
    return (in[at] & 0xff) << 8 | in[at + 1] & 0xff;
  }

  private void withdraw(String... fitting) {
    withdraw = true;
    codes.addAll(List.of(fitting));
  }

  /** RFC 4271 §4.3, RFC 7911 §3; whether each is whole and no longer than its family has it. */
  private boolean prefixes(int from, int to, int width, Set<Prefix> into) {
    for (int at = from; at < to; ) {
      at += session.paths ? 4 : 0;
      if (at >= to || (in[at] & 0xff) > 8 * width || at + 1 + Told.octets(in, at) > to) {
        return false;
      }
      Prefix prefix = Told.prefix(in, at, width);
      if (isDestination(prefix)) { // RFC 4271 §6.3: another is logged and ignored
        into.add(prefix);
      }
      at += 1 + Told.octets(in, at);
    }
    return true;
  }

  private static boolean isDestination(Prefix prefix) {
    if (prefix.length() == 0) {
      return true;
    }
    byte[] a = prefix.address().toBytes();
    int first = a[0] & 0xff;
    if (a.length == 4) {
      return first < 224 && first != 127 && (first != 0 || prefix.length() < 8);
    }
    boolean linkLocal = prefix.length() >= 10 && first == 0xfe && (a[1] & 0xc0) == 0x80;
    boolean none = prefix.length() == 128 && isZeroBut(a, 15) && (a[15] & 0xfe) == 0;
    return first != 0xff && !linkLocal && !none;
  }

  private static boolean isZeroBut(byte[] a, int last) {
    for (int i = 0; i < last; i++) {
      if (a[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private void attributes(int from, int to) {
    Set<Integer> seen = new TreeSet<>();
    for (int at = from; at < to && reset == null; ) {
      int header = (in[at] & 0x10) != 0 ? 4 : 3;
      int length = at + header > to ? to : header == 4 ? two(at + 2) : in[at + 2] & 0xff;
      int type = at + 1 < to ? in[at + 1] & 0xff : 0;
      if (at + header + length > to) { // RFC 7606 §4
        if (type == 14 || type == 15) { // §5.3: nobody knows what it was about
          reset = new Reset(REACH);
        }
        withdraw("3/1");
        return;
      }
      byte[] value = Arrays.copyOfRange(in, at + header, at + header + length);
      boolean again = !seen.add(type);
      if (again && (type == 14 || type == 15)) { // RFC 7606 §3 g
        reset = new Reset(LIST);
      } else if (!again) {
        attribute(in[at] & 0xff, type, at + header, value);
      }
      at += header + length;
    }
  }

  private void attribute(int flags, int type, int at, byte[] value) {
    Integer wanted = FLAGS.get(type);
    if (isNotForUs(type)) {
      return;
    }
    if (wanted == null && (flags & 0x80) == 0) { // RFC 4271 §6.3
      reset = new Reset(List.of("3/2"));
    } else if (wanted == null) { // RFC 4271 §5: passed on where it is transitive
      if ((flags & 0x40) != 0) {
        kept.put(type, new Told.Attr(flags & 0xe0, value));
      }
    } else {
      if (type == 14) {
        reach(at, value);
      } else if (type == 15) {
        unreach(at, value);
      }
      if ((flags & 0xc0) != wanted) { // RFC 7606 §3 c
        withdraw("3/4");
      } else if (type != 14 && type != 15) {
        known(flags, type, value);
      }
    }
  }

  /** Discarded whatever it says. */
  private boolean isNotForUs(int type) {
    return switch (type) {
      case 5, 9, 10 -> !session.internal; // RFC 7606 §7.5, §7.9, §7.10
      case 17, 18 -> session.four; // RFC 6793 §4.1
      case 26 -> true; // RFC 7311 §3.1: not enabled
      case 40 -> !session.internal; // RFC 8669 §5
      default -> false;
    };
  }

  private void known(int flags, int type, byte[] value) {
    int n = value.length;
    String[] length = {"3/5", "3/9", "3/1"};
    switch (type) {
      case 1 -> check(n == 1 && (value[0] & 0xff) <= 2, flags, type, value, "3/5", "3/6");
      case 2 -> {
        path = path(value, session.four ? 4 : 2, false);
        check(path != null && !(path.isEmpty() && !session.internal), flags, type, value, "3/11");
      }
      case 3 -> { // RFC 4760 §3: without classic prefixes it is ignored
        check(n == 4 && isHost(value) || !hasClassic, flags, type, value, "3/5", "3/8");
      }
      case 4, 5, 9 -> check(n == 4, flags, type, value, length);
      case 6 -> keep(n == 0, flags, type, value); // RFC 7606 §7.6
      case 7 -> { // RFC 7606 §7.7, RFC 7607 §2
        int width = session.four ? 4 : 2;
        keep(n == 4 + width && !isZeroBut(value, width), flags, type, value);
      }
      case 8, 10 -> check(n > 0 && n % 4 == 0, flags, type, value, length);
      case 16 -> check(n > 0 && n % 8 == 0, flags, type, value, length);
      case 17 -> { // RFC 6793 §6; RFC 9774 §3
        as4Path = path(value, 4, true);
        if (hasSet(value)) {
          withdraw("3/11");
        }
      }
      case 18 -> keep(n == 8 && !isZeroBut(value, 4), flags, type, value); // RFC 6793 §6
      case 22 -> check(isPmsi(value), flags, type, value, length);
      case 23 -> check(isTunnel(value), flags, type, value, length);
      case 25 -> check(n > 0 && n % 20 == 0, flags, type, value, length);
      case 32 -> check(n > 0 && n % 12 == 0, flags, type, value, length);
      case 35 -> check(n == 4, flags, type, value, length);
      case 40 -> keep(true, flags, type, value); // passed on unread inside
      default -> throw new AssertionError(type);
    }
  }

  private void check(boolean good, int flags, int type, byte[] value, String... fitting) {
    if (good) {
      kept.put(type, new Told.Attr(flags & 0xe0, value));
    } else {
      withdraw(fitting);
    }
  }

  /** Attribute discard where it is not good. */
  private void keep(boolean good, int flags, int type, byte[] value) {
    if (good) {
      kept.put(type, new Told.Attr(flags & 0xe0, value));
    }
  }

  /**
   * RFC 7606 §7.2, RFC 7607, RFC 9774 §3; null where it is malformed or has segments other than
   * sequences. Of an AS4_PATH an empty list where it is to be discarded, and without its
   * confederation's segments (RFC 6793 §3).
   */
  private static @Nullable List<Long> path(byte[] value, int width, boolean as4) {
    List<Long> numbers = new ArrayList<>();
    List<Long> bad = as4 ? List.of() : null;
    for (int at = 0; at < value.length; ) {
      if (value.length - at < 2) {
        return bad;
      }
      int type = value[at];
      int count = value[at + 1] & 0xff;
      if (type < 1 || type > 4 || count == 0 || at + 2 + count * width > value.length) {
        return bad;
      }
      if (type != 2 && !as4) {
        return null;
      }
      for (int i = 0; i < count; i++) {
        long as = 0;
        for (int k = 0; k < width; k++) {
          as = as << 8 | value[at + 2 + i * width + k] & 0xff;
        }
        if (as == 0) {
          return bad;
        }
        if (type == 2) {
          numbers.add(as);
        }
      }
      at += 2 + count * width;
    }
    return numbers;
  }

  /** Of a path that is not malformed. */
  private static boolean hasSet(byte[] value) {
    boolean set = false;
    for (int at = 0, count; at < value.length; at += 2 + 4 * count) {
      count = at + 1 < value.length ? value[at + 1] & 0xff : 0;
      if (count == 0 || value[at] < 1 || value[at] > 4 || at + 2 + 4 * count > value.length) {
        return false;
      }
      for (int i = 0; i < count; i++) {
        if (isZeroBut(Arrays.copyOfRange(value, at + 2 + 4 * i, at + 6 + 4 * i), 4)) {
          return false;
        }
      }
      set |= value[at] == 1 || value[at] == 4;
    }
    return set;
  }

  /** RFC 4271 §6.3: a valid host's. */
  private static boolean isHost(byte[] hop) {
    int first = hop[0] & 0xff;
    if (hop.length == 4) {
      return first != 0 && first != 127 && first < 224;
    }
    return first != 0xff && !(isZeroBut(hop, 15) && (hop[15] & 0xfe) == 0);
  }

  private static boolean isOurs(byte[] hop) {
    return Arrays.equals(hop, HostilePeers.SELF.toBytes())
        || Arrays.equals(hop, HostilePeers.SELF6.toBytes());
  }

  /** RFC 6514 §5: flags, type, label, and an identifier of the length that its type has. */
  private static boolean isPmsi(byte[] value) {
    int identifier = value.length - 5;
    return identifier >= 0
        && (value[1] != 6 || identifier == 4 || identifier == 16); // ingress replication
  }

  /** RFC 9012 §2, §3: TLVs with a length of two octets, in them sub-TLVs with one or two. */
  private static boolean isTunnel(byte[] value) {
    int at = 0;
    while (at < value.length) {
      if (value.length - at < 4) {
        return false;
      }
      int end = at + 4 + ((value[at + 2] & 0xff) << 8 | value[at + 3] & 0xff);
      at += 4;
      if (end > value.length) {
        return false;
      }
      while (at < end) {
        int header = value[at] >= 0 ? 2 : 3;
        if (at + header > end) {
          return false;
        }
        int length =
            header == 2 ? value[at + 1] & 0xff : (value[at + 1] & 0xff) << 8 | value[at + 2] & 0xff;
        at += header + length;
        if (at > end) {
          return false;
        }
      }
    }
    return value.length > 0;
  }

  private void reach(int at, byte[] value) {
    if (value.length < 5) { // RFC 7606 §5.3
      reset = new Reset(REACH);
      return;
    }
    int width = width(value);
    if (width == 0) {
      foreignReach = true;
      return;
    }
    int hop = value[3] & 0xff;
    boolean fits = width == 4 ? hop == 4 : hop == 16 || hop == 32; // RFC 4760 §3, RFC 2545 §3
    if (!fits
        || 5 + hop > value.length
        || !prefixes(at + 5 + hop, at + value.length, width, reached)) {
      reset = new Reset(REACH);
      return;
    }
    hasReached = 5 + hop < value.length;
    mpHop = Arrays.copyOfRange(value, 4, 4 + width);
    if (hop == 32 && isZeroBut(mpHop, 16)) {
      mpHop = Arrays.copyOfRange(value, 20, 36);
    }
    if (!isHost(mpHop)) { // RFC 4271 §6.3
      withdraw("3/8");
    }
  }

  /** Octets of the addresses of a family that was negotiated, else 0. */
  private static int width(byte[] value) {
    if (value[2] != 1 || value[0] != 0) {
      return 0;
    }
    return value[1] == 1 ? 4 : value[1] == 2 ? 16 : 0;
  }

  private void unreach(int at, byte[] value) {
    if (value.length < 3) { // RFC 7606 §5.3
      reset = new Reset(REACH);
      return;
    }
    int width = width(value);
    if (width > 0 && !prefixes(at + 3, at + value.length, width, withdrawn)) {
      reset = new Reset(REACH);
    }
  }

  /** RFC 7606 §3 d. */
  private void present() {
    if (!kept.containsKey(1) || !kept.containsKey(2) || hasClassic && !kept.containsKey(3)) {
      withdraw("3/3");
    }
  }

  private TreeMap<Prefix, @Nullable Route> routes(@Nullable Boolean good) {
    TreeMap<Prefix, @Nullable Route> routes = new TreeMap<>();
    withdrawn.forEach(p -> routes.put(p, null));
    if (good == null) {
      reached.forEach(p -> routes.put(p, null));
      classic.forEach(p -> routes.put(p, null));
      return routes;
    }
    if (hasClassic || hasReached) {
      List<Long> merged = merged();
      reached.forEach(p -> routes.put(p, route(merged, mpHop)));
      classic.forEach(p -> routes.put(p, route(merged, kept.get(3).value())));
    }
    return routes;
  }

  /** Null where it cannot be used: a loop (RFC 4271 §9.1.2, RFC 4456 §8), or back to ourselves. */
  private @Nullable Route route(List<Long> merged, byte[] hop) {
    byte[] id = HostilePeers.SELF.toBytes();
    Told.Attr originator = kept.get(9);
    Told.Attr clusters = kept.get(10);
    boolean loop = merged.contains(HostilePeers.AS)
        || originator != null && Arrays.equals(originator.value(), id)
        || clusters != null && holds(clusters.value(), id);
    return loop || isOurs(hop) ? null : new Route(kept, merged);
  }

  private static boolean holds(byte[] list, byte[] four) {
    for (int at = 0; at < list.length; at += 4) {
      if (Arrays.equals(Arrays.copyOfRange(list, at, at + 4), four)) {
        return true;
      }
    }
    return false;
  }

  /** RFC 6793 §4.2.3. */
  private List<Long> merged() {
    Told.Attr old = kept.get(7);
    Told.Attr wide = kept.remove(18);
    if (session.four) {
      return path;
    }
    boolean trans = old != null && old.value()[0] == 0x5b && old.value()[1] == (byte) 0xa0;
    if (old != null) {
      byte[] shown = new byte[8];
      System.arraycopy(old.value(), 0, shown, 2, 6);
      kept.put(7, new Told.Attr(old.flags(), shown));
    }
    if (old != null && wide != null) {
      if (!trans) {
        return path;
      }
      kept.put(7, new Told.Attr(old.flags(), wide.value()));
    }
    if (as4Path.isEmpty() || as4Path.size() > path.size()) {
      return path;
    }
    List<Long> numbers = new ArrayList<>(path.subList(0, path.size() - as4Path.size()));
    numbers.addAll(as4Path);
    return numbers;
  }
}
