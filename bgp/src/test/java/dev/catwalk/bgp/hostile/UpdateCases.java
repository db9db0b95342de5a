package dev.catwalk.bgp.hostile;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** UPDATEs with something odd about one attribute, by a seed. */
final class UpdateCases {
  private static final int[] TYPES = types();
  private static final List<HostilePeers.Kind> KINDS = List.of(HostilePeers.Kind.values());

  /** Values that are right, for four octets where that differs. */
  private static final TreeMap<Integer, List<String>> VALUES = new TreeMap<>();

  static {
    put(1, "00", "01", "02", "03", "ff");
    put(
        2,
        "0202 0000fde9 0000fbf6",
        "0201 0000fde9",
        "",
        "0202 0000fde9 0000fde8",
        "0202 0000fde9 00000000",
        "0202 0000fde9 00005ba0",
        "0202 0000fdea 0000fbf6",
        "0200",
        "0201 0000fde9 0200",
        "0202 0000fde9 0000fbf6 0101 0000fbf7",
        "0101 0000fde9",
        "0301 0000fde9",
        "0401 0000fde9",
        "0501 0000fde9",
        "0001 0000fde9",
        "ff01 0000fde9",
        "0201 0000fde9 0201 000186a0",
        "0203 0000fde9",
        "02ff 0000fde9",
        "0201 0000fde9 02");
    put(
        3,
        "0a630101",
        "0a63000b",
        "00000000",
        "0000000a",
        "7f000001",
        "e0000001",
        "f0000001",
        "ffffffff",
        "c0000201",
        "0a630003");
    put(4, "00000007", "00000000", "ffffffff");
    put(5, "00000064", "000000c8", "ffffffff");
    put(6, "");
    put(7, "0000fde9 0a000001", "00000000 0a000001", "000186a0 0a000001", "00005ba0 0a000001");
    put(8, "fde90001", "fde90001 fde90002", "ffff0001", "00000000");
    put(9, "0a000009", "0a63000b", "00000000");
    put(10, "0a000002", "0a000002 0a000003", "0a000002 0a63000b");
    put(
        14,
        "0002 01 10 " + HostilePeers.HOP6 + " 00 {ID}30 20010db81000",
        "0002 01 20 " + HostilePeers.HOP6
            + "fe800000000000000000000000000001 00 {ID}30 20010db81000",
        "0002 01 20 " + "00".repeat(16) + "fe800000000000000000000000000001 00 {ID}30 20010db81000",
        "0002 01 10 " + "00".repeat(16) + " 00 {ID}30 20010db81000",
        "0002 01 10 " + "00".repeat(15) + "01 00 {ID}30 20010db81000",
        "0002 01 10 ff02" + "00".repeat(13) + "01 00 {ID}30 20010db81000",
        "0002 01 10 20010db8009900000000000000000001 00 {ID}30 20010db81000",
        "0002 01 10 fe800000000000000000000000000009 00 {ID}30 20010db81000",
        "0002 01 10 " + HostilePeers.HOP6 + " 00",
        "0002 01 10 " + HostilePeers.HOP6 + " 00 {ID}81 20010db81000",
        "0002 01 10 " + HostilePeers.HOP6 + " 00 {ID}30 20010db8",
        "0002 01 10 " + HostilePeers.HOP6 + " 00 {ID}30 20010db81000 {ID}08ff {ID}0afe80",
        "0002 01 10 " + HostilePeers.HOP6 + " ff {ID}2f 20010db81001",
        "0002 01 00 00 {ID}30 20010db81000",
        "0002 01 04 0a630101 00 {ID}30 20010db81000",
        "0002 01 18 " + HostilePeers.HOP6 + "0000000000000000 00 {ID}30 20010db81000",
        "0001 01 04 0a630101 00 {ID}18 644000",
        "0001 01 10 " + HostilePeers.HOP6 + " 00 {ID}18 644000",
        "0001 02 04 0a630101 00 18 644000",
        "0001 85 00 00 0501180a0000",
        "0019 46 04 0a630101 00 0218",
        "0000 01 10 " + HostilePeers.HOP6 + " 00 30 20010db81000",
        "4004 47 04 0a630101 00 00010000");
    put(
        15,
        "0002 01 {ID}30 20010db81000",
        "0002 01",
        "0002 01 {ID}30 20010db81000 {ID}40 20010db810010000",
        "0002 01 {ID}81 20010db81000",
        "0002 01 {ID}30 2001",
        "0001 01 {ID}18 644000",
        "0019 46 0218",
        "0001 85");
    put(16, "0002fde900000001", "4002fde900000001", "0002fde900000001 4300000000000001");
    put(
        17,
        "0202 0000fde9 000186a0",
        "0201 000186a0",
        "0203 0000fde9 000186a0 000186a1",
        "0301 000186a0 0201 000186a0",
        "0101 000186a0",
        "0201 00000000",
        "0401 000186a0",
        "0201 000186a0 02",
        "0201 0000fde8",
        "0901 000186a0",
        "0200");
    put(18, "000186a0 0a000001", "00000000 0a000001");
    put(22, "00 06 000010 0a000001", "00 00 000000", "00 01 000010 0a00000100000001", "0006000010");
    put(
        23,
        "0008 0005 80 0002 aabb",
        "0008 0000",
        "0008 0004 06 02 aabb",
        "0008 0004 06 03 aabb",
        "0008 0005 80 0003 aabb",
        "0008 0001 06",
        "0008 0002 8000",
        "0008 0003 01 01 00 ffff 0002 02 00",
        "0008 00ff 06");
    put(25, "0002" + "20010db8" + "00".repeat(12) + "0001");
    put(26, "01000b0000000000000064", "010002", "01");
    put(32, "0000fde9 00000001 00000002", "0000fde9 00000001 00000002".repeat(2));
    put(35, "0000fde9", "00000000");
    put(40, "01000700000000000064", "0100", "030001");
  }

  private final SplittableRandom random;

  /** A case: who says it, the body behind the header, and what it is. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Case(HostilePeers.Kind kind, byte[] body, String what) {
    @Override
    public String toString() {
      return kind + " " + what + " " + HexFormat.of().formatHex(body);
    }
  }

  UpdateCases(long seed) {
    random = new SplittableRandom(seed);
  }

  private static void put(int type, String... values) {
    VALUES.put(type, List.of(values));
  }

  private static int[] types() {
    List<Integer> types = new ArrayList<>();
    for (int type = 0; type <= 42; type++) {
      types.add(type);
    }
    types.addAll(List.of(99, 127, 128, 129, 241, 255));
    return types.stream().mapToInt(t -> t).toArray();
  }

  Case next() {
    HostilePeers.Kind kind = KINDS.get(random.nextInt(KINDS.size()));
    int type = TYPES[random.nextInt(TYPES.length)];
    List<byte[]> attributes = new ArrayList<>();
    boolean classic = random.nextInt(4) > 0;
    boolean mp = type != 14 && (classic ? random.nextInt(8) == 0 : random.nextInt(8) > 0);
    String what = "type " + type;
    List<Integer> base = new ArrayList<>(classic ? List.of(1, 2, 3) : List.of(1, 2));
    if (mp) {
      base.addFirst(14);
    }
    if (kind.session().internal()) {
      base.add(5);
    }
    boolean twice = random.nextInt(6) == 0;
    if (!twice) {
      base.remove((Integer) type);
    }
    if (random.nextInt(40) == 0) {
      base.remove(random.nextInt(base.size()));
    }
    for (int good : base) {
      attributes.add(attribute(flags(good), good, value(kind, good, 0)));
    }
    byte[] odd = odd(kind, type);
    attributes.add(
        random.nextBoolean() ? attributes.size() : random.nextInt(attributes.size() + 1), odd);
    if (twice && !base.contains(type)) {
      attributes.add(random.nextInt(attributes.size() + 1), odd(kind, type));
    }
    byte[] block = join(attributes);
    if (random.nextInt(12)
        == 0) { // the last one's end is beyond the block's, or the block's is cut
      block = Arrays.copyOf(block, block.length - 1 - random.nextInt(Math.min(8, block.length)));
    }
    boolean mistaken = random.nextInt(40) == 0; // about path identifiers
    String id = kind.session().paths() != mistaken ? "00000001" : "";
    byte[] announced = HostilePeers.bytes(classic ? id + "18644000" + odds(id) : "");
    byte[] withdrawn = HostilePeers.bytes(random.nextInt(10) == 0 ? id + "18644000" : "");
    return new Case(kind, body(withdrawn, block, announced), what);
  }

  /** Prefixes beside the one that is looked at. */
  private String odds(String id) {
    return switch (random.nextInt(40)) {
      case 0 -> id + "04e0";
      case 1 -> id + "21" + "0a00000000";
      case 2 -> id + "20" + "0a0000";
      case 3 -> id;
      case 4 -> id + "18" + "644000";
      case 5 -> id + "17" + "644001";
      case 6 -> id + "00";
      case 7 -> "18";
      case 8 -> id + "08" + "7f";
      case 9 -> id + prefix(32);
      case 10 -> octets(1 + random.nextInt(6));
      default -> "";
    };
  }

  private String octets(int count) {
    byte[] some = new byte[count];
    random.nextBytes(some);
    return HexFormat.of().formatHex(some);
  }

  /** Of any length that its family has, with bits beyond it. */
  private String prefix(int longest) {
    int length = random.nextInt(longest + 1);
    return String.format("%02x", length) + octets((length + 7) / 8);
  }

  /** Next hops of any length, families of all kinds. */
  private byte[] reach(HostilePeers.Kind kind) {
    int afi = random.nextInt(8) == 0 ? random.nextInt(30) : 1 + random.nextInt(2);
    int safi = random.nextInt(8) == 0 ? random.nextInt(256) : 1;
    int hop = random.nextInt(3) == 0 ? random.nextInt(65) : afi == 1 ? 4 : 16;
    int said = random.nextInt(8) == 0 ? random.nextInt(65) : hop;
    StringBuilder value = new StringBuilder(String.format("%04x%02x%02x", afi, safi, said));
    String address = random.nextInt(4) > 0
        ? (hop == 4 ? "0a630101" : HostilePeers.HOP6 + "fe80" + "00".repeat(13) + "01").repeat(5)
        : octets(64);
    value.append(address, 0, 2 * hop).append("00");
    for (int more = random.nextInt(3); more > 0; more--) {
      value.append(kind.session().paths() ? "00000001" : "").append(prefix(afi == 1 ? 32 : 128));
    }
    return HostilePeers.bytes(value.toString());
  }

  /** Segments of any type and count, whole and cut. */
  private byte[] path(int width) {
    StringBuilder value = new StringBuilder();
    for (int more = random.nextInt(4); more > 0; more--) {
      int type = random.nextInt(6) == 0 ? random.nextInt(7) : 2;
      int count = random.nextInt(6) == 0 ? random.nextInt(256) : 1 + random.nextInt(3);
      int there = random.nextInt(10) == 0 ? random.nextInt(5) : count;
      value.append(String.format("%02x%02x", type, count));
      for (int i = 0; i < there; i++) {
        value.append(octets(width));
      }
    }
    return HostilePeers.bytes(value.toString());
  }

  private static int flags(int type) {
    return switch (type) {
      case 1, 2, 3, 5, 6 -> 0x40;
      case 4, 9, 10, 14, 15, 13, 12, 11, 24, 26, 29, 33 -> 0x80;
      default -> 0xc0;
    };
  }

  private byte[] value(HostilePeers.Kind kind, int type, int index) {
    List<String> values = VALUES.getOrDefault(type, List.of("aabbccdd"));
    String text = values.get(index);
    byte[] value =
        HostilePeers.bytes(text.replace("{ID}", kind.session().paths() ? "00000001" : ""));
    if (type == 2) {
      boolean inside = kind.session().internal() && index == 0;
      return inside ? narrow(kind, HostilePeers.bytes("02010000fbf6")) : narrow(kind, value);
    }
    return type == 7 && !kind.session().four() ? Arrays.copyOfRange(value, 2, value.length) : value;
  }

  /** A path in two octets, as far as it is one. */
  private static byte[] narrow(HostilePeers.Kind kind, byte[] path) {
    if (kind.session().four()) {
      return path;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at < path.length; ) {
      int count = at + 1 < path.length ? path[at + 1] & 0xff : 0;
      out.write(path, at, Math.min(2, path.length - at));
      at += 2;
      for (int i = 0; i < count && at + 4 <= path.length; i++, at += 4) {
        out.write(path, at + 2, 2);
      }
    }
    return out.toByteArray();
  }

  private byte[] odd(HostilePeers.Kind kind, int type) {
    List<String> values = VALUES.getOrDefault(type, List.of("aabbccdd"));
    byte[] value = value(kind, type, random.nextInt(values.size()));
    if (random.nextInt(3) == 0) {
      value = switch (type) {
        case 2 -> path(kind.session().four() ? 4 : 2);
        case 14 -> reach(kind);
        case 17 -> path(4);
        default -> value;
      };
    }
    int flags = flags(type) | (random.nextInt(4) == 0 ? random.nextInt(16) : 0);
    if (random.nextInt(4) == 0) {
      flags ^= 16 * (1 + random.nextInt(15));
    }
    int n = value.length;
    int length = switch (random.nextInt(30) + (n > 255 ? 30 : 0)) {
      case 0 -> 0;
      case 1 -> 1;
      case 2 -> Math.max(0, n - 1);
      case 3 -> n + 1;
      case 4 -> 2 * n;
      case 5 -> 3 * n;
      case 6 -> 2 * n + 1;
      case 7 -> 254;
      case 8 -> 255;
      case 9 -> 256;
      case 10 -> 240;
      case 11 -> 2 + random.nextInt(40);
      case 12 -> 300 + random.nextInt(600);
      case 13 -> random.nextInt(4) == 0 ? 3_000 + random.nextInt(20_000) : n;
      default -> n;
    };
    if (length > 255) {
      flags |= 0x10;
    }
    byte[] sized = new byte[length];
    for (int i = 0; i < length; i++) {
      sized[i] = n == 0 ? (byte) 1 : value[i % n];
    }
    return attribute(flags, type, sized);
  }

  static byte[] attribute(int flags, int type, byte... value) {
    int n = value.length;
    boolean wide = (flags & 0x10) != 0;
    byte[] attribute = new byte[n + (wide ? 4 : 3)];
    attribute[0] = (byte) flags;
    attribute[1] = (byte) type;
    if (wide) {
      attribute[2] = (byte) (n >> 8);
    }
    attribute[wide ? 3 : 2] = (byte) n;
    System.arraycopy(value, 0, attribute, wide ? 4 : 3, n);
    return attribute;
  }

  static byte[] join(List<byte[]> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }

  static byte[] body(byte[] withdrawn, byte[] attributes, byte[] announced) {
    return join(List.of(length(withdrawn), withdrawn, length(attributes), attributes, announced));
  }

  private static byte[] length(byte[] part) {
    return new byte[] {(byte) (part.length >> 8), (byte) part.length};
  }
}
