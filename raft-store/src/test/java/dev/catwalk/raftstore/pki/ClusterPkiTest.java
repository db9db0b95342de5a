package dev.catwalk.raftstore.pki;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterPkiTest {
  @TempDir
  Path directory;

  private static void validate(X509Certificate certificate, X509Certificate authority)
      throws Exception {
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
    parameters.setRevocationEnabled(false);
    CertPathValidator.getInstance("PKIX")
        .validate(
            CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)),
            parameters);
  }

  @Test
  void theJdkTrustsWhatIsIssuedAndNothingElse() throws Exception {
    ClusterPki.create(directory, Duration.ofDays(20_000));
    ClusterPki pki = ClusterPki.load(directory);
    pki.issue(new Identity("lab", "node1"), Duration.ofDays(10));
    X509Certificate authority = ClusterPki.read(directory.resolve("ca.pem"));
    X509Certificate node = ClusterPki.read(directory.resolve("node1.pem"));
    validate(node, authority);
    assertEquals(new Identity("lab", "node1"), Identity.of(node));
    assertNull(Identity.of(authority));
    assertEquals(0, authority.getBasicConstraints(), "it signs nodes and no other authority");
    assertEquals(-1, node.getBasicConstraints());
    assertTrue(authority.getKeyUsage()[5], "keyCertSign");
    assertTrue(node.getKeyUsage()[0], "digitalSignature");
    assertEquals(List.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"), node.getExtendedKeyUsage());
    assertTrue(authority.getNotAfter().toInstant().isAfter(Instant.parse("2060-01-01T00:00:00Z")));
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(directory.resolve("node1.key"))));

    Path elsewhere = directory.resolve("elsewhere");
    ClusterPki.create(elsewhere, Duration.ofDays(1));
    assertThrows(
        CertPathValidatorException.class,
        () -> validate(node, ClusterPki.read(elsewhere.resolve("ca.pem"))));
    assertThrows(IOException.class, () -> ClusterPki.create(elsewhere, Duration.ofDays(1)));
    Files.writeString(elsewhere.resolve("ca.key"), "no key");
    IOException damaged = assertThrows(IOException.class, () -> ClusterPki.load(elsewhere));
    assertTrue(damaged.getMessage().contains("ca.key"), damaged.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"a b, n", "lab, n/1", "'', n", "lab, -n", "lab, "})
  void namesThatCouldMeanSomethingElseAreRefused(String cluster, String node) {
    assertThrows(
        IllegalArgumentException.class, () -> new Identity(cluster, node == null ? "" : node));
  }

  /** X.690 §8.1.3, §8.19; RFC 5280 §4.1.2.5. */
  @Test
  void derIsAsTheStandardHasIt() {
    HexFormat hex = HexFormat.of();
    assertEquals("06082a8648ce3d040302", hex.formatHex(Der.oid("1.2.840.10045.4.3.2")));
    assertEquals("02020080", hex.formatHex(Der.integer(BigInteger.valueOf(128))));
    assertEquals("0403010203", hex.formatHex(Der.octets(new byte[] {1, 2, 3})));
    assertEquals("048180", hex.formatHex(Der.octets(new byte[128])).substring(0, 6));
    assertEquals("04820100", hex.formatHex(Der.octets(new byte[256])).substring(0, 8));
    assertArrayEquals(
        Der.value(0x17, "491231235959Z".getBytes(StandardCharsets.US_ASCII)),
        Der.time(Instant.parse("2049-12-31T23:59:59Z")));
    assertArrayEquals(
        Der.value(0x18, "20500101000000Z".getBytes(StandardCharsets.US_ASCII)),
        Der.time(Instant.parse("2050-01-01T00:00:00Z")));
  }
}
