package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.exabgp.Md5Password;
import dev.catwalk.bgp.speaker.PasswordFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Set;

/** A password that can be put on a socket and compared, and neither printed nor read. */
final class Secret {
  /** TCP_MD5SIG_MAXKEYLEN. */
  static final int MAX_LENGTH = 80;

  private final byte[] key;

  private Secret(byte[] key) {
    this.key = key;
  }

  /**
   * Reads the file; a line break at its end does not count.
   *
   * @throws IOException if it cannot be used, with the place in the configuration and the remedy
   */
  static Secret read(PasswordFile file) throws IOException {
    Path path = Path.of(file.path());
    if (!Files.isRegularFile(path)) {
      throw problem(
          file,
          "there is no file " + path + ": write the password that the peer has"
              + " into it, for its owner alone (chmod 600)");
    }
    Set<PosixFilePermission> open = Files.getPosixFilePermissions(path);
    if (open.contains(PosixFilePermission.OTHERS_READ)
        || open.contains(PosixFilePermission.OTHERS_WRITE)
        || open.contains(PosixFilePermission.GROUP_WRITE)) {
      throw problem(file, path + " can be read or written by others: chmod 600 " + path);
    }
    if (!Files.isReadable(path)) {
      throw problem(file, "this user may not read " + path);
    }
    if (Files.size(path) > MAX_LENGTH + 2) {
      throw problem(file, path + " is longer than the " + MAX_LENGTH + " octets of a password");
    }
    byte[] bytes = Files.readAllBytes(path);
    int length = bytes.length;
    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
      length--;
    }
    byte[] key = Arrays.copyOf(bytes, length);
    Arrays.fill(bytes, (byte) 0);
    if (length == 0 || length > MAX_LENGTH) {
      throw problem(file, path + " holds " + length + " octets, a password has 1 to " + MAX_LENGTH);
    }
    return new Secret(key);
  }

  /** One that a configuration file had in itself. */
  static Secret of(Md5Password password) {
    byte[] key = new byte[password.length()];
    password.write(ByteBuffer.wrap(key));
    return new Secret(key);
  }

  private static IOException problem(PasswordFile file, String what) {
    return new IOException(file.where() + ": " + what);
  }

  int length() {
    return key.length;
  }

  /** Only for the kernel's eyes. */
  void write(ByteBuffer out) {
    out.put(key);
  }

  boolean isSame(Secret other) {
    return MessageDigest.isEqual(key, other.key);
  }

  /** Says nothing. */
  @Override
  public String toString() {
    return "secret";
  }
}
