package dev.catwalk.bgp.exabgp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** A TCP MD5 password (RFC 2385) as a file had it: to be put on a socket, never printed. */
public final class Md5Password {
  private static final int MOST = 80;

  private final byte[] key;

  private Md5Password(byte[] key) {
    this.key = key;
  }

  static Md5Password of(String text, boolean base64) throws MalformedException {
    byte[] key;
    try {
      key = base64 ? Base64.getDecoder().decode(text) : text.getBytes(StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("the md5-password is not in base64, as md5-base64 says");
    }
    if (key.length == 0 || key.length > MOST) {
      throw new MalformedException("an md5-password has 1 to " + MOST + " octets");
    }
    return new Md5Password(key);
  }

  public int length() {
    return key.length;
  }

  /** Only for the kernel's eyes. */
  public void write(ByteBuffer out) {
    out.put(key);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Md5Password password && Arrays.equals(key, password.key);
  }

  @Override
  public int hashCode() {
    return 0; // says nothing
  }

  /** Says nothing. */
  @Override
  public String toString() {
    return "password";
  }
}
