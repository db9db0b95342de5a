package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.GracefulRestart;
import dev.catwalk.bgp.speaker.PasswordFile;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretTest {
  private static final String PLACE = "agent.yaml:7:9: bgp.peers[0].passwordFile";

  @TempDir
  Path dir;

  private PasswordFile file(String name, String text, String mode) throws IOException {
    Path path = Files.writeString(dir.resolve(name), text);
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    return new PasswordFile(path.toString(), PLACE);
  }

  @Test
  void aLineBreakAtTheEndDoesNotCountAndNothingIsPrinted() throws IOException {
    Secret one = Secret.read(file("one", "p q", "rw-------"));
    Secret other = Secret.read(file("other", "p q\r\n", "r--r-----"));
    assertTrue(one.isSame(other));
    assertFalse(one.isSame(Secret.read(file("third", "p", "rw-------"))));
    ByteBuffer out = ByteBuffer.allocate(3);
    one.write(out);
    assertEquals("p q", new String(out.array(), java.nio.charset.StandardCharsets.UTF_8));
    assertEquals("secret", one.toString());
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource(delimiter = '|', textBlock = """
      abc | rw-r--r-- | FILE can be read or written by others: chmod 600 FILE
      abc | rw--w---- | FILE can be read or written by others: chmod 600 FILE
      '' | rw------- | FILE holds 0 octets, a password has 1 to 80
      """)
  void whatCannotBeUsedIsAnErrorWithItsPlace(String text, String mode, String what)
      throws IOException {
    PasswordFile file = file("key", text, mode);
    IOException refused = assertThrows(IOException.class, () -> Secret.read(file));
    assertEquals(PLACE + ": " + what.replace("FILE", file.path()), refused.getMessage());
  }

  @Test
  void tooLongAndMissingFiles() throws IOException {
    Secret.read(file("key", "x".repeat(80), "rw-------"));
    PasswordFile tooLong = file("key", "x".repeat(81), "rw-------");
    assertThrows(IOException.class, () -> Secret.read(tooLong));
    PasswordFile missing = new PasswordFile(dir.resolve("none").toString(), PLACE);
    IOException refused = assertThrows(IOException.class, () -> Secret.read(missing));
    assertTrue(refused.getMessage().startsWith(PLACE + ": there is no file " + missing.path()));
  }

  @Test
  void theLongestPrefixHasThePassword() throws IOException {
    PasswordFile range = file("range", "range", "rw-------");
    PasswordFile host = file("host", "host", "rw-------");
    SpeakerConfig config = new SpeakerConfig(
        1,
        IpAddress.parse("10.0.0.1"),
        List.of(),
        SpeakerConfig.Multipath.OFF,
        List.of(new PeerConfig("p", IpAddress.parse("10.0.0.2"), 179, 2, session(host))),
        List.of(new DynamicPeers(Prefix.parse("10.0.0.0/24"), 2, session(range))));
    Passwords passwords = Passwords.read(config);
    assertTrue(passwords.of(IpAddress.parse("10.0.0.2")).isSame(Secret.read(host)));
    assertTrue(passwords.of(IpAddress.parse("10.0.0.3")).isSame(Secret.read(range)));
    assertEquals(null, passwords.of(IpAddress.parse("10.0.1.3")));
    assertEquals(List.of(), passwords.refresh());
    file("host", "another", "rw-------");
    assertEquals(List.of(Prefix.parse("10.0.0.2/32")), passwords.refresh());
    assertTrue(passwords.of(IpAddress.parse("10.0.0.2")).isSame(Secret.read(host)));
    Secret before = passwords.of(IpAddress.parse("10.0.0.2"));
    file("host", "unreadable now", "rw-r--r--");
    assertEquals(List.of(), passwords.refresh());
    assertTrue(passwords.of(IpAddress.parse("10.0.0.2")).isSame(before), "the old one stays");
  }

  private static SessionConfig session(PasswordFile password) {
    return new SessionConfig(
        90, 0, false, false, List.of(Family.IPV4), GracefulRestart.OFF, Optional.of(password));
  }
}
