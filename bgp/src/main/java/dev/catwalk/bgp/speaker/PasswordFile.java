package dev.catwalk.bgp.speaker;

import org.jspecify.annotations.Nullable;

/**
 * Where the TCP MD5 password (RFC 2385) shared with a peer is written. Only the file is named
 * anywhere; what is in it stays in the shell that puts it on sockets.
 *
 * @param path absolute
 * @param where the place in the configuration, for errors; two that differ in nothing else are equal
 */
public record PasswordFile(String path, String where) {

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PasswordFile file && path.equals(file.path);
  }

  @Override
  public int hashCode() {
    return path.hashCode();
  }

  @Override
  public String toString() {
    return path;
  }
}
