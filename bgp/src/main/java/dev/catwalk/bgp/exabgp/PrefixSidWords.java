package dev.catwalk.bgp.exabgp;

import dev.catwalk.net.addr.IpAddress;
import java.util.List;

/** The Prefix-SID attribute in ExaBGP's words: RFC 8669 §3, RFC 9252 §2. */
final class PrefixSidWords {
  private static final int L3_SERVICE = 5;
  private static final int L2_SERVICE = 6;
  private static final int STRUCTURE_FIELDS = 6;

  private PrefixSidWords() {}

  /** {@code [ INDEX ]}, or {@code [ INDEX, [ ( BASE, RANGE ), ... ] ]}. */
  static byte[] label(Words words) throws MalformedException {
    words.expect("[", "bgp-prefix-sid");
    Output out = new Output().u8(1).u16(7).u24(0).u32(words.number(0xffffffffL, "label index"));
    if (words.take("[")) {
      Output ranges = new Output().u16(0);
      while (words.take("(")) {
        ranges.u24(words.number(0xffffff, "base")).u24(words.number(0xffffff, "range"));
        words.expect(")", "bgp-prefix-sid");
      }
      words.expect("]", "bgp-prefix-sid");
      out.u8(3).u16(ranges.size()).add(ranges);
    }
    words.expect("]", "bgp-prefix-sid");
    return out.toBytes();
  }

  /** {@code ( l3-service SID BEHAVIOUR [ six lengths ] )}; behaviour and lengths may be missing. */
  static byte[] service(Words words) throws MalformedException {
    words.expect("(", "bgp-prefix-sid-srv6");
    String kind = words.next("l3-service or l2-service");
    if (List.of("ipv6", "vpn", "l3vpn").contains(kind)) {
      return early(kind, words);
    }
    int type = switch (kind) {
      case "l3-service" -> L3_SERVICE;
      case "l2-service" -> L2_SERVICE;
      default ->
        throw new MalformedException("'" + kind + "' is neither l3-service nor l2-service");
    };
    IpAddress sid = words.address("a SID");
    long behaviour = words.peek().equals("[") || words.peek().equals(")")
        ? 0xffff
        : words.number(0xffff, "behaviour");
    Output information = new Output().u8(0).address(sid).u8(0).u16(behaviour).u8(0);
    if (words.take("[")) {
      information.u8(1).u16(STRUCTURE_FIELDS);
      for (int i = 0; i < STRUCTURE_FIELDS; i++) {
        information.u8(words.number(255, "length"));
      }
      words.expect("]", "bgp-prefix-sid-srv6");
    }
    words.expect(")", "bgp-prefix-sid-srv6");
    Output service = new Output().u8(0).u8(1).u16(information.size()).add(information);
    return new Output().u8(type).u16(service.size()).add(service).toBytes();
  }

  /** As drafts before RFC 9252 had it, which files written for ExaBGP 4 use. */
  private static byte[] early(String kind, Words words) throws MalformedException {
    IpAddress sid = words.address("a SID");
    words.expect(")", "bgp-prefix-sid-srv6");
    return switch (kind) {
      case "ipv6" -> new Output().u8(2).u16(19).u24(0).address(sid).toBytes();
      case "vpn" -> new Output().u8(4).u16(19).u24(0).address(sid).toBytes();
      default ->
        new Output()
            .u8(L3_SERVICE)
            .u16(21)
            .u8(0)
            .address(sid)
            .u8(0)
            .u16(0xffff)
            .u8(0)
            .toBytes();
    };
  }
}
