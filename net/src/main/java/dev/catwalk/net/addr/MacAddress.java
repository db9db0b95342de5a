package dev.catwalk.net.addr;

/**
 * An Ethernet (EUI-48) address.
 *
 * @param bits its 48 bits, most significant first
 */
public record MacAddress(long bits) implements Comparable<MacAddress> {

  public MacAddress {
    if (bits >>> 48 != 0) {
      throw new IllegalArgumentException("a MAC address has 48 bits");
    }
  }

  /**
   * From network byte order.
   *
   * @throws IllegalArgumentException unless there are 6 bytes
   */
  public static MacAddress of(byte... bytes) {
    if (bytes.length != 6) {
      throw new IllegalArgumentException(bytes.length + " bytes are no MAC address");
    }
    long value = 0;
    for (byte b : bytes) {
      value = value << 8 | (b & 0xff);
    }
    return new MacAddress(value);
  }

  /**
   * Reads {@code 02:00:00:00:00:01}, either case, colons only.
   *
   * @throws IllegalArgumentException with a sentence fit for a user
   */
  public static MacAddress parse(String text) {
    if (!text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a MAC address (want 02:00:00:00:00:01)");
    }
    return new MacAddress(Long.parseLong(text.replace(":", ""), 16));
  }

  /** In network byte order: a new array of 6 bytes. */
  public byte[] toBytes() {
    byte[] bytes = new byte[6];
    for (int i = 0; i < 6; i++) {
      bytes[i] = (byte) (bits >>> 8 * (5 - i));
    }
    return bytes;
  }

  @Override
  public int compareTo(MacAddress other) {
    return Long.compare(bits, other.bits);
  }

  /** Lower case with colons. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(17);
    for (byte b : toBytes()) {
      out.append(out.isEmpty() ? "" : ":");
      out.append(Character.forDigit(b >> 4 & 0xf, 16)).append(Character.forDigit(b & 0xf, 16));
    }
    return out.toString();
  }
}
