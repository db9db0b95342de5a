package dev.catwalk.bgp.wire;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * NOTIFICATION, RFC 4271 §4.5. Codes are kept as numbers: a peer may send any.
 *
 * @param code 0..255
 * @param subcode 0..255
 */
public record Notification(int code, int subcode, Octets data) implements Message {
  public Notification {
    assert code >= 0 && code <= 255 && subcode >= 0 && subcode <= 255 : code + "/" + subcode;
  }

  public static Notification of(Fault fault) {
    return new Notification(fault.code(), fault.subcode(), Octets.EMPTY);
  }

  /**
   * A CEASE with a shutdown communication, RFC 9003: cut at a character's border to 255 octets of
   * UTF-8.
   */
  public static Notification shutdown(Fault fault, String communication) {
    assert fault == Fault.ADMINISTRATIVE_SHUTDOWN || fault == Fault.ADMINISTRATIVE_RESET : fault;
    byte[] text = communication.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, 255);
    while (length < text.length && (text[length] & 0xc0) == 0x80) {
      length--;
    }
    byte[] data = new byte[length + 1];
    data[0] = (byte) length;
    System.arraycopy(text, 0, data, 1, length);
    return new Notification(fault.code(), fault.subcode(), Octets.of(data));
  }

  /** That one as a Hard Reset, RFC 8538 §3.1: its code and subcode lead the data. */
  public Notification asHardReset() {
    byte[] inner = data.toBytes();
    byte[] outer = new byte[inner.length + 2];
    outer[0] = (byte) code;
    outer[1] = (byte) subcode;
    System.arraycopy(inner, 0, outer, 2, inner.length);
    return new Notification(Fault.HARD_RESET.code(), Fault.HARD_RESET.subcode(), Octets.of(outer));
  }

  public boolean isHardReset() {
    return code == Fault.HARD_RESET.code() && subcode == Fault.HARD_RESET.subcode();
  }

  /** What it is about: itself, or what a Hard Reset carries. */
  public Notification reason() {
    Notification carried = hardResetReason();
    return carried == null ? this : carried;
  }

  /** What a Hard Reset carries; null where it carries nothing or is none. */
  private @Nullable Notification hardResetReason() {
    if (!isHardReset() || data.length() < 2) {
      return null;
    }
    byte[] outer = data.toBytes();
    byte[] inner = java.util.Arrays.copyOfRange(outer, 2, outer.length);
    return new Notification(data.at(0), data.at(1), Octets.of(inner));
  }

  /**
   * The shutdown communication (RFC 9003 §2) with control characters replaced, or an empty text
   * where there is none or it is malformed.
   */
  public String communication() {
    boolean mayHaveOne = code == 6 && (subcode == 2 || subcode == 4);
    if (!mayHaveOne || data.length() == 0 || data.at(0) > data.length() - 1) {
      return "";
    }
    String text = new String(data.toBytes(), 1, data.at(0), StandardCharsets.UTF_8);
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  /** {@code 6/2 administrative shutdown: maintenance}. */
  public String text() {
    String name = Fault.of(code, subcode).map(f -> " " + f.text()).orElse("");
    Notification reason = hardResetReason();
    if (reason != null && !reason.isHardReset()) {
      return code + "/" + subcode + name + ": " + reason.text();
    }
    String communication = communication();
    return code + "/" + subcode + name + (communication.isEmpty() ? "" : ": " + communication);
  }
}
