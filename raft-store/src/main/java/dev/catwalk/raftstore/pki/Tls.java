package dev.catwalk.raftstore.pki;

import java.nio.file.Path;

/**
 * What a member proves itself with, and the others are checked against: PEM files.
 *
 * @param authority certificate of the cluster's authority
 * @param certificate of this member, with its {@link Identity}
 * @param key of this member, PKCS #8, which nobody else may read
 */
public record Tls(Path authority, Path certificate, Path key) {

  /** As {@code catwalk pki init} writes them for a node. */
  public static Tls in(Path directory, String node) {
    return new Tls(
        directory.resolve("ca.pem"),
        directory.resolve(node + ".pem"),
        directory.resolve(node + ".key"));
  }
}
