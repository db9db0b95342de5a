package dev.catwalk.bgp.hostile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * OPENs with something odd about them, by a seed, and what RFC 4271 §6.2, RFC 5492, RFC 6286, RFC
 * 6793, RFC 7607 and RFC 9072 demand of each, written without the speaker's codec.
 */
final class OpenRules {
  private final HostilePeers.Kind kind;
  private final byte[] in;
  private final Set<String> faults = new TreeSet<>();
  private final Set<Long> numbers = new TreeSet<>();
  private boolean families;
  private boolean common;

  private OpenRules(HostilePeers.Kind kind, byte[] body) {
    this.kind = kind;
    this.in = body;
  }

  /** The NOTIFICATIONs that fit, one for each error; none: the OPEN is good. */
  static Set<String> judge(HostilePeers.Kind kind, byte[] body) {
    OpenRules rules = new OpenRules(kind, body);
    rules.judge();
    return rules.faults;
  }

  private int two(int at) {
    return (in[at] & 0xff) << 8 | in[at + 1] & 0xff;
  }

  private void judge() {
    fault(in[0] != 4, "2/1");
    fault(two(1) == 0, "2/2"); // RFC 7607
    fault(two(3) == 1 || two(3) == 2, "2/6");
    byte[] id = Arrays.copyOfRange(in, 5, 9);
    fault(Arrays.equals(id, new byte[4]), "2/3"); // RFC 6286 §2.1
    fault(kind.session().internal() && Arrays.equals(id, HostilePeers.SELF.toBytes()), "2/3");
    boolean extended = in[9] != 0 && in.length > 10 && in[10] == -1; // RFC 9072 §2
    if (extended && in.length < 13) {
      faults.add("2/0");
      return;
    }
    int from = extended ? 13 : 10;
    int length = extended ? two(11) : in[9] & 0xff;
    if (from + length != in.length) {
      faults.add("2/0");
      return;
    }
    parameters(from, extended ? 3 : 2);
    if (!faults.contains("2/0") && !faults.contains("2/4")) {
      boolean other = numbers.isEmpty() ? two(1) != kind.as : !numbers.equals(Set.of(kind.as));
      fault(other, "2/2");
      fault(families && !common, "2/7");
    }
  }

  private void fault(boolean is, String code) {
    if (is) {
      faults.add(code);
    }
  }

  private void parameters(int from, int header) {
    for (int at = from; at < in.length; ) {
      if (at + header > in.length) {
        faults.add("2/0");
        return;
      }
      int size = header == 3 ? two(at + 1) : in[at + 1] & 0xff;
      if (in[at] != 2) {
        faults.add("2/4");
        return;
      }
      if (at + header + size > in.length) {
        faults.add("2/0");
        return;
      }
      capabilities(at + header, at + header + size);
      at += header + size;
    }
  }

  private void capabilities(int from, int to) {
    for (int at = from; at < to; ) {
      if (at + 2 > to || at + 2 + (in[at + 1] & 0xff) > to) { // RFC 5492 §4
        faults.add("2/0");
        return;
      }
      int length = in[at + 1] & 0xff;
      if (in[at] == 1) { // RFC 4760 §8
        fault(length != 4, "2/0");
        if (length == 4) {
          families = true;
          common |= (two(at + 2) == 1 || two(at + 2) == 2) && in[at + 5] == 1;
        }
      } else if (in[at] == 65) { // RFC 6793 §3
        fault(length != 4, "2/0");
        if (length == 4) {
          long as = (long) two(at + 2) << 16 | two(at + 4);
          numbers.add(as);
          fault(as == 0, "2/2");
        }
      }
      at += 2 + length;
    }
  }

  /** Bodies of OPENs by a seed. */
  static final class Cases {
    private static final List<String> CAPABILITIES = List.of(
        "010400010001",
        "010400020001",
        "010400190046",
        "0104000100ff",
        "0103000100",
        "0100",
        "01050001000100",
        "0200",
        "020100",
        "4600",
        "46020000",
        "0600",
        "060100",
        "4002" + "0078",
        "40060078" + "00010180",
        "400100",
        "4003007800",
        "4000",
        "45040001" + "0103",
        "4504000101" + "00",
        "45040001" + "0104",
        "450300" + "0101",
        "4500",
        "0506000100010002",
        "050500010001" + "00",
        "05060001ff010002",
        "0900",
        "090103",
        "09020303",
        "090103090104",
        "47070001018000" + "0e10",
        "4706000101800000",
        "4904" + "03616263",
        "49ff",
        "4b0461626364",
        "ff00",
        "0000",
        "80" + "02aabb",
        "7f0100",
        "03070001" + "0001018003",
        "030100",
        "41040000fde9",
        "41040000fde8",
        "410400000000",
        "410400005ba0",
        "410200fd",
        "4100",
        "41050000fde900",
        "4104ffffffff");
    private final SplittableRandom random;

    Cases(long seed) {
      random = new SplittableRandom(seed);
    }

    private boolean rarely() {
      return random.nextInt(12) == 0;
    }

    private boolean seldom() {
      return random.nextInt(144) == 0;
    }

    private String any(String... some) {
      return some[random.nextInt(some.length)];
    }

    byte[] next(HostilePeers.Kind kind) {
      String version = rarely() ? any("00", "01", "03", "05", "ff") : "04";
      String own = String.format("%04x", kind.as);
      String as = rarely() ? any("0000", "5ba0", "ffff", "0001", "fde8") : own;
      String hold = any("0000", "0003", "005a", "ffff");
      hold = rarely() ? any("0001", "0002") : hold;
      String id = rarely() ? any("00000000", "ffffffff", "0a63000b") : "0b630909";
      boolean extended = random.nextInt(4) == 0;
      StringBuilder all = new StringBuilder();
      for (List<String> group : groups(kind)) {
        String joined = String.join("", group);
        int size = joined.length() / 2 + (seldom() ? any("a", "b").charAt(0) - 98 : 0);
        String type = seldom() ? any("00", "01", "03", "63", "ff") : "02";
        all.append(type).append(String.format(extended ? "%04x" : "%02x", size & 0xffff));
        all.append(joined);
      }
      if (seldom()) {
        all.append(any("02", "0202", "ff", "00"));
      }
      int size = all.length() / 2;
      size += seldom() ? random.nextInt(5) - 2 : 0;
      String length = extended
          ? any("ff", "ff", "01", "0a") + "ff" + String.format("%04x", size & 0xffff)
          : String.format("%02x", Math.min(255, size & 0xff));
      byte[] body = HexFormat.of().parseHex(version + as + hold + id + length + all);
      return seldom()
          ? Arrays.copyOf(body, Math.max(10, body.length - 1 - random.nextInt(6)))
          : body;
    }

    /** Capabilities, in one parameter or in several. */
    private List<List<String>> groups(HostilePeers.Kind kind) {
      List<String> all = new ArrayList<>();
      if (!rarely()) {
        all.add("010400010001");
      }
      if (!rarely()) {
        all.add(String.format("4104%08x", kind.as));
      }
      for (int more = random.nextInt(5); more > 0; more--) {
        all.add(
            random.nextInt(all.size() + 1),
            CAPABILITIES.get(random.nextInt(rarely() ? CAPABILITIES.size() : 4)));
        if (random.nextBoolean()) {
          all.add(CAPABILITIES.get(7 + random.nextInt(34)));
        }
      }
      List<List<String>> groups = new ArrayList<>();
      if (random.nextBoolean()) {
        groups.add(all);
      } else {
        all.forEach(one -> groups.add(List.of(one)));
      }
      if (rarely()) {
        groups.add(List.of());
      }
      return groups;
    }
  }
}
