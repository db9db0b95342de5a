package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.pki.ClusterPki;
import dev.catwalk.raftstore.pki.Identity;
import dev.catwalk.raftstore.pki.Tls;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3 between members, each side with a certificate of the cluster's authority. The name in the
 * certificate is compared with the one in the {@link Hello}: a host name says nothing here.
 */
final class TlsGate {
  private static final String VERSION = "TLSv1.3";

  /** The curve of the certificates: at a cold start every other one costs as much again. */
  private static final String[] GROUPS = {"secp256r1"};

  /**
   * ChaCha20 first: at rest members say a few words a second, in code that the JVM has not compiled
   * yet, where AES-GCM costs many times as much. Both are quick once they are compiled.
   */
  private static final String[] SUITES = {
    "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"
  };

  /** A handshake of TLS 1.3 takes three. */
  private static final int MAX_FLIGHTS = 8;

  private static final Duration RENEW_BEFORE = Duration.ofDays(30);

  private final SSLContext context;
  private final Path certificate;
  private final Instant end;

  /**
   * Reads the files once; after they have changed the member is started again.
   *
   * @throws StoreException naming the file and the remedy
   */
  TlsGate(Tls tls, Identity identity) {
    try {
      requirePrivate(tls.key());
      X509Certificate mine = ClusterPki.read(tls.certificate());
      Identity found = Identity.of(mine);
      if (!identity.equals(found)) {
        throw new IOException(tls.certificate() + " is of " + (found == null ? "nobody" : found)
            + ", this is " + identity);
      }
      context = context(ClusterPki.read(tls.authority()), mine, ClusterPki.readKey(tls.key()));
      certificate = tls.certificate();
      end = mine.getNotAfter().toInstant();
    } catch (IOException | GeneralSecurityException e) {
      throw new StoreException(
          Kind.CANNOT_OPEN,
          "TLS between members: " + e.getMessage()
              + ": make the certificates by 'catwalk pki init' and bring this node's here",
          e);
    }
  }

  /** By the JDK alone: Netty's own builder would read the public authorities first. */
  private static SSLContext context(X509Certificate authority, X509Certificate mine, PrivateKey key)
      throws GeneralSecurityException, IOException {
    char[] nothing = new char[0];
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, nothing);
    own.setKeyEntry("own", key, nothing, new Certificate[] {mine});
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(own, nothing);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, nothing);
    trusted.setCertificateEntry("authority", authority);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext made = SSLContext.getInstance(VERSION);
    made.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return made;
  }

  private static void requirePrivate(Path key) throws IOException {
    if (!Files.isReadable(key)) {
      throw new IOException(key + " is not there or cannot be read");
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(key);
    if (permissions.stream().anyMatch(p -> !p.name().startsWith("OWNER_"))) {
      throw new IOException(key + " can be read by others: chmod 600 it");
    }
  }

  /** First in the pipeline of a connection that was accepted. */
  ChannelHandler accepting() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    engine.setNeedClientAuth(true);
    return handler(engine);
  }

  /** First in the pipeline of a connection that is dialled. */
  ChannelHandler dialling() {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(true);
    return handler(engine);
  }

  private static ChannelHandler handler(SSLEngine engine) {
    engine.setEnabledProtocols(new String[] {VERSION});
    engine.setEnabledCipherSuites(SUITES);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setNamedGroups(GROUPS);
    engine.setSSLParameters(parameters);
    return new SslHandler(engine);
  }

  /**
   * Shakes hands with itself: key, certificate and authority fit.
   *
   * @throws StoreException if they do not
   */
  void tryAlone() {
    EmbeddedChannel one = new EmbeddedChannel(accepting());
    EmbeddedChannel other = new EmbeddedChannel(dialling());
    try {
      for (int i = 0; i < MAX_FLIGHTS; i++) {
        pass(other, one);
        pass(one, other);
      }
      if (!one.pipeline().get(SslHandler.class).handshakeFuture().isSuccess()) {
        throw new StoreException(
            Kind.CANNOT_OPEN, "TLS between members: a handshake with itself does not end");
      }
    } catch (DecoderException e) {
      throw new StoreException(
          Kind.CANNOT_OPEN,
          "TLS between members: key, certificate and authority do not fit: " + explain(e),
          e);
    } finally {
      one.finishAndReleaseAll();
      other.finishAndReleaseAll();
    }
  }

  private static void pass(EmbeddedChannel from, EmbeddedChannel to) {
    for (Object message = from.readOutbound(); message != null; message = from.readOutbound()) {
      to.writeInbound(message);
    }
  }

  /** What should be done about this member's own certificate, if something should. */
  @Nullable
  String warning(Instant now) {
    return now.isAfter(end.minus(RENEW_BEFORE))
        ? certificate + " ends at " + end + ": make a new one by 'catwalk pki init --force', and"
            + " start this agent again"
        : null;
  }

  /** Why the other side of a connection is not that node, if it is not; nothing in plain text. */
  static @Nullable String refusal(Channel channel, String cluster, String node) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (tls == null) {
      return null;
    }
    try {
      Certificate[] chain = tls.engine().getSession().getPeerCertificates();
      Identity found =
          chain.length > 0 && chain[0] instanceof X509Certificate x509 ? Identity.of(x509) : null;
      return found != null && found.cluster().equals(cluster) && found.node().equals(node)
          ? null
          : "its certificate is of " + (found == null ? "nobody" : found) + ", not of " + node
              + " of cluster " + cluster + ": correct store.members, or bring it the certificate"
              + " that 'catwalk pki init' made for it";
    } catch (SSLPeerUnverifiedException e) {
      return "it shows no certificate: make one by 'catwalk pki init'";
    }
  }

  /** What a handshake that failed means for whoever reads the log. */
  static String explain(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null && !(root instanceof SSLException)) {
      root = root.getCause();
    }
    String said = String.valueOf(root.getMessage());
    if (said.contains("not an SSL/TLS record")) {
      return "it speaks plain text and this member TLS: store.insecure has to be the same on all";
    }
    if (said.contains("alert") || said.contains("PKIX") || said.contains("certif")) {
      return "the two certificates are not of one cluster's authority, or one has ended (" + said
          + "): bring both the same ca.pem and certificates of it";
    }
    return said;
  }
}
