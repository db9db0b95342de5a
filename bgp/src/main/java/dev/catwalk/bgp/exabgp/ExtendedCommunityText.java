package dev.catwalk.bgp.exabgp;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** What an extended community (RFC 4360, 8955) is in ExaBGP's words. */
final class ExtendedCommunityText {
  private static final String[] DIRECTION = {"0", "input", "output", "input-output"};

  private ExtendedCommunityText() {}

  /**
   * @param octets eight of them
   * @return empty if ExaBGP has no words for its kind. The two upper bits of the type (IANA's
   *     authority, transitivity) do not matter to it.
   */
  static String of(byte... octets) throws MalformedException {
    Cursor in = new Cursor(octets);
    int type = in.u8("type") & 0x0f;
    int subtype = in.u8("subtype");
    return switch (subtype) {
      case 0x00 ->
        type == 0x06 ? macMobility(in) : type == 0x08 ? nextHop(in) : type == 0x0c ? mup(in) : "";
      case 0x02 -> type == 0x07 ? interfaceSet(in) : pair("target", type, in);
      case 0x03 -> origin(type, in);
      case 0x04 -> type == 0 ? "bandwith:" + in.u16("AS") + ":" + whole(in.f32("rate")) : "";
      case 0x06 -> type == 0 ? "rate-limit:" + rate(in) : "";
      case 0x07 -> type == 0 ? action(in) : "";
      case 0x08 -> redirect(type, in);
      case 0x09 -> type == 0 ? "mark " + lastOctet(in) : "";
      case 0x0a -> type == 0 ? l2Info(in) : "";
      case 0x0c -> type == 0x03 ? encapsulation(in) : type == 0x01 ? nextHopOfIetf(in) : "";
      case 0x13 -> pair("rtrecord", type, in);
      case 0x14 -> type == 0x03 ? "consistentHashSortOrder:" + in.u32("order") : "";
      default -> "";
    };
  }

  private static String pair(String name, int type, Cursor in) throws MalformedException {
    return switch (type) {
      case 0 -> name + ":" + in.u16("AS") + ":" + in.u32("number");
      case 1 -> name + ":" + in.v4("address") + ":" + in.u16("number");
      case 2 -> name + ":" + in.u32("AS") + "L:" + in.u16("number");
      default -> "";
    };
  }

  /** The AS stands before the address, whichever comes first on the wire. */
  private static String origin(int type, Cursor in) throws MalformedException {
    if (type == 0) {
      return "origin:" + in.u16("AS") + ":" + in.v4("address");
    }
    if (type == 1) {
      String address = in.v4("address").toString();
      return "origin:" + in.u16("AS") + ":" + address;
    }
    return pair("origin", type, in);
  }

  private static String redirect(int type, Cursor in) throws MalformedException {
    return switch (type) {
      case 0 -> "redirect:" + in.u16("AS") + ":" + in.u32("number");
      case 1 -> "redirect:" + in.v4("address") + ":" + in.u16("number");
      case 2 -> "redirect:" + in.u32("AS") + ":" + in.u16("number");
      default -> "";
    };
  }

  private static String rate(Cursor in) throws MalformedException {
    in.skip(2, "AS");
    return whole(in.f32("rate"));
  }

  private static String whole(float number) {
    return Float.isFinite(number)
        ? new BigDecimal(number).setScale(0, RoundingMode.DOWN).toPlainString()
        : Float.toString(number);
  }

  private static int lastOctet(Cursor in) throws MalformedException {
    in.skip(5, "what is reserved");
    return in.u8("last octet");
  }

  private static String action(Cursor in) throws MalformedException {
    int bits = lastOctet(in);
    boolean sample = (bits & 2) != 0;
    boolean terminal = (bits & 1) != 0;
    return "action " + (sample ? "sample" : "") + (sample && terminal ? "-" : "")
        + (terminal ? "terminal" : "");
  }

  private static String nextHop(Cursor in) throws MalformedException {
    return (lastOctet(in) & 1) != 0 ? "copy-to-nexthop" : "redirect-to-nexthop";
  }

  private static String nextHopOfIetf(Cursor in) throws MalformedException {
    String address = in.v4("address").toString();
    return (in.u16("flags") & 1) != 0
        ? "copy-to-nexthop-ietf " + address + " (with copy)"
        : "redirect-to-nexthop-ietf " + address;
  }

  private static String l2Info(Cursor in) throws MalformedException {
    return "l2info:" + in.u8("encapsulation") + ":" + in.u8("control") + ":" + in.u16("MTU") + ":"
        + in.u16("preference");
  }

  private static String encapsulation(Cursor in) throws MalformedException {
    in.skip(4, "what is reserved");
    int tunnel = in.u16("tunnel type");
    return "encap:"
        + switch (tunnel) {
          case 0 -> "Default";
          case 1 -> "L2TPv3";
          case 2 -> "GRE";
          case 7 -> "IP-in-IP";
          case 8 -> "VXLAN";
          case 9 -> "NVGRE";
          case 10 -> "MPLS";
          case 12 -> "VXLAN-GPE";
          case 13 -> "MPLS-in-UDP";
          default -> "encap:UNKNOWN-" + tunnel;
        };
  }

  private static String interfaceSet(Cursor in) throws MalformedException {
    long as = in.u32("AS");
    int target = in.u16("group");
    return "interface-set:" + DIRECTION[target >> 14] + ":" + as + ":" + (target & 0x1fff);
  }

  private static String macMobility(Cursor in) throws MalformedException {
    boolean sticky = in.u8("flags") == 1;
    in.skip(1, "what is reserved");
    return "mac-mobility:" + in.u32("sequence") + (sticky ? ":sticky" : "");
  }

  private static String mup(Cursor in) throws MalformedException {
    return "mup:" + in.u16("first half") + ":" + in.u32("second half");
  }
}
