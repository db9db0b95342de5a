package dev.catwalk.raftstore.pki;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whom a certificate is of: {@code catwalk://CLUSTER/NODE} as its subject alternative name of type
 * URI.
 *
 * @param cluster 1 to 63 letters, digits, dots and hyphens
 * @param node the same
 */
public record Identity(String cluster, String node) {
  private static final String SCHEME = "catwalk://";
  private static final String NAME = "[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}";
  private static final int TYPE_URI = 6;

  public Identity {
    if (!cluster.matches(NAME) || !node.matches(NAME)) {
      throw new IllegalArgumentException("\"" + (cluster.matches(NAME) ? node : cluster)
          + "\" is no name of a node or cluster: want letters, digits, '.', '_', '-', at most 63");
    }
  }

  String uri() {
    return SCHEME + cluster + "/" + node;
  }

  /** The identity in a certificate; null if it has none or several. */
  public static @Nullable Identity of(X509Certificate certificate) {
    Identity found = null;
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names == null) {
        return null;
      }
      for (List<?> name : names) {
        if (Integer.valueOf(TYPE_URI).equals(name.get(0))) {
          if (found != null) {
            return null;
          }
          found = parse(String.valueOf(name.get(1)));
        }
      }
      return found;
    } catch (CertificateParsingException | IllegalArgumentException e) {
      return null;
    }
  }

  private static @Nullable Identity parse(String uri) {
    int slash = uri.indexOf('/', SCHEME.length());
    return uri.startsWith(SCHEME) && slash > 0
        ? new Identity(uri.substring(SCHEME.length(), slash), uri.substring(slash + 1))
        : null;
  }

  @Override
  public String toString() {
    return node + " of cluster " + cluster;
  }
}
