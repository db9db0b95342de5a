package dev.catwalk.raftstore.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;

/**
 * A cluster's certificate authority in a directory: {@code ca.pem} and {@code ca.key}, beside them
 * {@code NODE.pem} and {@code NODE.key} of every node. Keys are on P-256, signatures ECDSA with
 * SHA-256; files of keys are readable by their owner alone.
 */
public final class ClusterPki {
  private static final byte[] ECDSA_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
  private static final Duration CLOCK_SKEW = Duration.ofDays(1);
  private static final Base64.Encoder PEM =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private final Path directory;
  private final X509Certificate authority;
  private final PrivateKey key;
  private final SecureRandom random = new SecureRandom();

  private ClusterPki(Path directory, X509Certificate authority, PrivateKey key) {
    this.directory = directory;
    this.authority = authority;
    this.key = key;
  }

  /** Whether the directory has an authority. */
  public static boolean exists(Path directory) {
    return Files.exists(directory.resolve("ca.key"));
  }

  /**
   * Makes an authority.
   *
   * @throws IOException if the directory has one, or cannot be written
   */
  public static ClusterPki create(Path directory, Duration validity) throws IOException {
    try {
      Files.createDirectories(directory);
      KeyPair keys = newKeys();
      byte[] name = name("Catwalk cluster CA");
      byte[] id = keyId(keys.getPublic());
      byte[] extensions = Der.sequence(
          extension("2.5.29.19", true, Der.sequence(Der.yes(), Der.integer(BigInteger.ZERO))),
          extension("2.5.29.15", true, Der.bits(1, new byte[] {0x06})), // keyCertSign, cRLSign
          extension("2.5.29.14", false, Der.octets(id)));
      X509Certificate certificate = sign(
          name,
          name,
          keys.getPublic(),
          extensions,
          validity,
          keys.getPrivate(),
          serial(new SecureRandom()));
      writeKey(directory.resolve("ca.key"), keys.getPrivate(), false);
      Files.writeString(directory.resolve("ca.pem"), pem(certificate));
      return new ClusterPki(directory, certificate, keys.getPrivate());
    } catch (GeneralSecurityException e) {
      throw new IOException("this JDK makes no certificate: " + e.getMessage(), e);
    }
  }

  /**
   * Reads an authority.
   *
   * @throws IOException naming the file that is missing or damaged
   */
  public static ClusterPki load(Path directory) throws IOException {
    PrivateKey key = readKey(directory.resolve("ca.key"));
    return new ClusterPki(directory, read(directory.resolve("ca.pem")), key);
  }

  /**
   * Reads a key on an elliptic curve, PKCS #8.
   *
   * @throws IOException naming the file
   */
  public static PrivateKey readKey(Path pem) throws IOException {
    try {
      String text = Files.readString(pem).replaceAll("-----[A-Z ]+-----|\\s", "");
      return KeyFactory.getInstance("EC")
          .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(pem + " is no private key of ours: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a certificate.
   *
   * @throws IOException naming the file
   */
  public static X509Certificate read(Path pem) throws IOException {
    try {
      return certificate(Files.readAllBytes(pem));
    } catch (GeneralSecurityException e) {
      throw new IOException(pem + " holds no certificate: " + e.getMessage(), e);
    }
  }

  private static X509Certificate certificate(byte[] pemOrDer) throws GeneralSecurityException {
    return (X509Certificate) CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(pemOrDer));
  }

  /** Whether a node has its certificate here. */
  public boolean has(String node) {
    return Files.exists(directory.resolve(node + ".pem"));
  }

  /** Makes key and certificate of a node, in place of those that are there. */
  public void issue(Identity identity, Duration validity) throws IOException {
    issue(identity, validity, directory);
  }

  /** The same, written to another directory. */
  public void issue(Identity identity, Duration validity, Path target) throws IOException {
    try {
      KeyPair keys = newKeys();
      byte[] uri = identity.uri().getBytes(StandardCharsets.US_ASCII);
      byte[] extensions = Der.sequence(
          extension("2.5.29.19", true, Der.sequence()),
          extension("2.5.29.15", true, Der.bits(7, new byte[] {(byte) 0x80})), // digitalSignature
          extension(
              "2.5.29.37",
              false,
              Der.sequence(Der.oid("1.3.6.1.5.5.7.3.1"), Der.oid("1.3.6.1.5.5.7.3.2"))),
          extension("2.5.29.17", false, Der.sequence(Der.value(0x86, uri))),
          extension(
              "2.5.29.35", false, Der.sequence(Der.value(0x80, keyId(authority.getPublicKey())))));
      X509Certificate certificate = sign(
          authority.getSubjectX500Principal().getEncoded(),
          name(identity.node()),
          keys.getPublic(),
          extensions,
          validity,
          key,
          serial(random));
      Files.createDirectories(target);
      writeKey(target.resolve(identity.node() + ".key"), keys.getPrivate(), true);
      Files.writeString(target.resolve(identity.node() + ".pem"), pem(certificate));
    } catch (GeneralSecurityException e) {
      throw new IOException("this JDK makes no certificate: " + e.getMessage(), e);
    }
  }

  private static BigInteger serial(SecureRandom random) {
    return new BigInteger(120, random).setBit(119);
  }

  private static KeyPair newKeys() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  private static byte[] name(String commonName) {
    return Der.sequence(Der.value(0x31, Der.sequence(Der.oid("2.5.4.3"), Der.text(commonName))));
  }

  private static byte[] keyId(PublicKey key) throws GeneralSecurityException {
    return MessageDigest.getInstance("SHA-1").digest(key.getEncoded());
  }

  private static byte[] extension(String oid, boolean critical, byte[] content) {
    return critical
        ? Der.sequence(Der.oid(oid), Der.yes(), Der.octets(content))
        : Der.sequence(Der.oid(oid), Der.octets(content));
  }

  /** RFC 5280 §4.1: the certificate, and the signature over it. */
  private static X509Certificate sign(
      byte[] issuer,
      byte[] subject,
      PublicKey publicKey,
      byte[] extensions,
      Duration validity,
      PrivateKey signer,
      BigInteger serial)
      throws GeneralSecurityException {
    Instant now = Instant.now();
    byte[] content = Der.sequence(
        Der.value(0xa0, Der.integer(BigInteger.TWO)), // version 3
        Der.integer(serial),
        ECDSA_SHA256,
        issuer,
        Der.sequence(Der.time(now.minus(CLOCK_SKEW)), Der.time(now.plus(validity))),
        subject,
        publicKey.getEncoded(),
        Der.value(0xa3, extensions));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(signer);
    signature.update(content);
    return certificate(Der.sequence(content, ECDSA_SHA256, Der.bits(0, signature.sign())));
  }

  private static String pem(X509Certificate certificate) throws GeneralSecurityException {
    return pem("CERTIFICATE", certificate.getEncoded());
  }

  private static String pem(String what, byte[] der) {
    return "-----BEGIN " + what + "-----\n" + PEM.encodeToString(der) + "\n-----END " + what
        + "-----\n";
  }

  private static void writeKey(Path file, PrivateKey key, boolean replace) throws IOException {
    if (replace) {
      Files.deleteIfExists(file);
    }
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        file, pem("PRIVATE KEY", key.getEncoded()), StandardOpenOption.TRUNCATE_EXISTING);
  }
}
