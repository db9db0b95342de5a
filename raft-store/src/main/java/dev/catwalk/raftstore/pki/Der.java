package dev.catwalk.raftstore.pki;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The few forms of DER (X.690) that a certificate consists of. */
final class Der {
  private static final int FIRST_GENERALIZED_YEAR = 2050; // RFC 5280 §4.1.2.5

  private Der() {}

  /** One value: tag, length, content. */
  static byte[] value(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.size();
    if (length < 0x80) {
      out.write(length);
    } else {
      byte[] bytes = BigInteger.valueOf(length).toByteArray();
      int skip = bytes[0] == 0 ? 1 : 0;
      out.write(0x80 | bytes.length - skip);
      out.write(bytes, skip, bytes.length - skip);
    }
    out.writeBytes(content.toByteArray());
    return out.toByteArray();
  }

  static byte[] sequence(byte[]... parts) {
    return value(0x30, parts);
  }

  static byte[] integer(BigInteger number) {
    return value(0x02, number.toByteArray());
  }

  static byte[] octets(byte[] content) {
    return value(0x04, content);
  }

  static byte[] yes() {
    return value(0x01, new byte[] {(byte) 0xff});
  }

  /**
   * A bit string.
   *
   * @param unused bits at the end of the last byte that do not count, 0 to 7
   */
  static byte[] bits(int unused, byte[] content) {
    return value(0x03, new byte[] {(byte) unused}, content);
  }

  static byte[] text(String text) {
    return value(0x0c, text.getBytes(StandardCharsets.UTF_8));
  }

  /** An object identifier, in dots; every part is below 2^28. */
  static byte[] oid(String dotted) {
    String[] words = dotted.split("\\.");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(40 * Integer.parseInt(words[0]) + Integer.parseInt(words[1]));
    for (int i = 2; i < words.length; i++) {
      int part = Integer.parseInt(words[i]);
      for (int shift = 21; shift > 0; shift -= 7) {
        if (part >>> shift != 0) {
          out.write(0x80 | part >>> shift & 0x7f);
        }
      }
      out.write(part & 0x7f);
    }
    return value(0x06, out.toByteArray());
  }

  static byte[] time(Instant at) {
    var utc = at.atZone(ZoneOffset.UTC);
    boolean generalized = utc.getYear() >= FIRST_GENERALIZED_YEAR;
    String pattern = generalized ? "yyyyMMddHHmmss'Z'" : "yyMMddHHmmss'Z'";
    String text = DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(utc);
    return value(generalized ? 0x18 : 0x17, text.getBytes(StandardCharsets.US_ASCII));
  }
}
