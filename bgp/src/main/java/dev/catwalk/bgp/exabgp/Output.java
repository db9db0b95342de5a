package dev.catwalk.bgp.exabgp;

import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/** Writes big-endian fields one after the other. */
final class Output {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  Output u8(long value) {
    bytes.write((int) value);
    return this;
  }

  Output u16(long value) {
    return unsigned(value, 2);
  }

  Output u24(long value) {
    return unsigned(value, 3);
  }

  Output u32(long value) {
    return unsigned(value, 4);
  }

  /** The low {@code octets} octets of a number. */
  Output unsigned(long value, int octets) {
    for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
      bytes.write((int) (value >>> shift));
    }
    return this;
  }

  Output add(byte... octets) {
    bytes.writeBytes(octets);
    return this;
  }

  Output add(Output other) {
    return add(other.toBytes());
  }

  Output address(IpAddress address) {
    return add(address.toBytes());
  }

  /** As many octets of a prefix as its length needs. */
  Output prefix(Prefix prefix) {
    bytes.write(prefix.address().toBytes(), 0, (prefix.length() + 7) / 8);
    return this;
  }

  int size() {
    return bytes.size();
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }

  /** @throws MalformedException if these are no pairs of hexadecimal digits */
  static byte[] hex(String digits) throws MalformedException {
    try {
      return HexFormat.of().parseHex(Words.isHex(digits) ? digits.substring(2) : digits);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("'" + digits + "' is not in hexadecimal digits");
    }
  }
}
