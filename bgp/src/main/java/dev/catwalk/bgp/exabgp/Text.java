package dev.catwalk.bgp.exabgp;

import dev.catwalk.net.addr.IpAddress;
import java.util.Locale;

/** Values as ExaBGP writes them. */
final class Text {
  private static final long V4_IN_V6 = 0xffffL;

  private Text() {}

  /** Like the C library's: an IPv4 address at the end of an IPv6 one is written in its own way. */
  static String address(IpAddress address) {
    if (!address.isV4() && address.high() == 0) {
      long upper = address.low() >>> 32;
      if (upper == V4_IN_V6 || upper == 0 && address.low() >>> 16 != 0) {
        return "::" + (upper == 0 ? "" : "ffff:") + IpAddress.v4((int) address.low());
      }
    }
    return address.toString();
  }

  /** RFC 4364 §4.2: by its type, or all of it in hexadecimal digits. */
  static String routeDistinguisher(Cursor in) throws MalformedException {
    byte[] octets = in.take(8, "route distinguisher");
    Cursor field = new Cursor(octets);
    return switch (field.u16("its type")) {
      case 0 -> field.u16("its AS") + ":" + field.u32("its number");
      case 1 -> field.v4("its address") + ":" + field.u16("its number");
      case 2 -> field.u32("its AS") + ":" + field.u16("its number");
      default -> "0x" + Cursor.hex(octets);
    };
  }

  static String mac(Cursor in) throws MalformedException {
    return colons(in.take(6, "MAC address")).toUpperCase(Locale.ROOT);
  }

  /** Two lower-case digits an octet, with colons between. */
  static String colons(byte... octets) {
    StringBuilder text = new StringBuilder();
    for (byte octet : octets) {
      text.append(text.isEmpty() ? "" : ":").append(String.format(Locale.ROOT, "%02x", octet));
    }
    return text.toString();
  }

  /** Dotted decimal, an octet each. */
  static String dotted(byte... octets) {
    StringBuilder text = new StringBuilder();
    for (byte octet : octets) {
      text.append(text.isEmpty() ? "" : ".").append(octet & 0xff);
    }
    return text.toString();
  }
}
