package dev.catwalk.bgp.speaker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.Fault;
import dev.catwalk.bgp.wire.Notification;
import dev.catwalk.bgp.wire.Octets;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HintTest {
  private static final SpeakerConfig OWN = new SpeakerConfig(
      64601,
      IpAddress.parse("192.0.2.11"),
      List.of(),
      SpeakerConfig.Multipath.OFF,
      List.of(),
      List.of());

  private static PeerConfig peer(boolean password) {
    Optional<PasswordFile> file =
        password ? Optional.of(new PasswordFile("/k", "a.yaml:1:1")) : Optional.empty();
    return new PeerConfig(
        "tor1",
        IpAddress.parse("192.0.2.1"),
        179,
        65001,
        new SessionConfig(90, 0, false, false, List.of(Family.IPV4), GracefulRestart.OFF, file));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      no answer to the TCP connection | false | it may want an MD5 password
      no answer to the TCP connection | true | the MD5 password may differ there
      cannot connect: Connection refused: /192.0.2.1:179 | false | nothing listens on its port 179
      cannot connect: No route to host | false | ip route get 192.0.2.1
      cannot connect: Network is unreachable | false | ip route get 192.0.2.1
      peer says AS 65009, configured is 65001 | false | give this peer its real AS
      closed by peer | false | and AS 64601
      send hold timer expired: the peer takes nothing of what is sent | false | hung or stopped
      cannot connect: Cannot assign requested address | false | is no address of this machine
      nothing heard for the hold time of 9 s | false | silent
      no answer to the TCP connection | false | it may want TTL security
      BFD: nothing heard for 900 ms | false | bfd of both ends
      peer in our AS has our own BGP Identifier: give one of both another router id | false | 192.0.2.1 another
      no address family in common: we offer [ipv4], the peer [ipv6] | false | compare families
      no OPEN within 240 s | false | says nothing
      """)
  void errors(String error, boolean password, String hint) {
    String said = Hint.of(error, null, peer(password), OWN);
    assertTrue(said.contains(hint), said);
  }

  @ParameterizedTest(name = "{0}/{1}")
  @CsvSource(delimiter = '|', textBlock = """
      2 | 2 | expects another AS of us than 64601
      2 | 3 | our router id 192.0.2.11
      2 | 7 | compare families
      6 | 5 | knows no neighbour at our address
      6 | 2 | switched it off at 192.0.2.1
      6 | 3 | switched it off at 192.0.2.1
      6 | 4 | comes back by itself
      6 | 1 | more prefixes than it allows us
      6 | 8 | no room for us
      6 | 10 | bfd of both ends
      2 | 0 | extendedParameters
      2 | 4 | extendedParameters
      2 | 6 | our hold time of 90 s
      2 | 11 | the roles of both sides
      3 | 5 | a filter of ours
      3 | 99 | a filter of ours
      4 | 0 | the peer heard nothing of us
      """)
  void refusals(int code, int subcode, String hint) {
    Notification last = new Notification(code, subcode, Octets.EMPTY);
    String error = "peer sent NOTIFICATION " + last.text();
    String said = Hint.of(error, last, peer(false), OWN);
    assertTrue(said.contains(hint), said);
    assertEquals("", Hint.of("", last, peer(false), OWN), "nothing where nothing is wrong");
  }

  /** RFC 8538 §3.1: what the Hard Reset carries is what it is about. */
  @Test
  void aHardResetIsReadByWhatItCarries() {
    Notification last = Notification.of(Fault.ADMINISTRATIVE_SHUTDOWN).asHardReset();
    String said = Hint.of("peer sent NOTIFICATION " + last.text(), last, peer(false), OWN);
    assertTrue(said.contains("switched it off at 192.0.2.1"), said);
  }

  /** FRR goes on listening, and hangs up. */
  @Test
  void whoWasSwitchedOffHangsUp() {
    Notification last = Notification.of(Fault.PEER_DECONFIGURED);
    String said = Hint.of("closed by peer", last, peer(false), OWN);
    assertTrue(said.contains("switched it off at 192.0.2.1"), said);
  }

  @Test
  void hopsAreNamedAsTheyAreConfigured() {
    assertTrue(unanswered(1, 0).contains("within 1 hop;"));
    assertTrue(unanswered(3, 0).contains("within 3 hops;"));
    assertTrue(unanswered(0, 2).contains("go 2 hops"));
  }

  private static String unanswered(int ttlSecurity, int multihop) {
    SessionConfig session = new SessionConfig(
        90,
        0,
        false,
        false,
        List.of(Family.IPV4),
        GracefulRestart.OFF,
        Optional.empty(),
        Extensions.STANDARD,
        new TcpOptions(Optional.empty(), ttlSecurity, multihop, 5, 0),
        dev.catwalk.bgp.policy.RouteRules.STANDARD);
    PeerConfig peer = new PeerConfig("tor1", IpAddress.parse("192.0.2.1"), 179, 65001, session);
    return Hint.of("no answer to the TCP connection", null, peer, OWN);
  }

  /** BIRD then closes its port, too. */
  @Test
  void whoWasSwitchedOffRefuses() {
    Notification last = Notification.of(Fault.ADMINISTRATIVE_SHUTDOWN);
    String said = Hint.of("cannot connect: Connection refused", last, peer(false), OWN);
    assertTrue(said.contains("switched it off at 192.0.2.1"), said);
  }
}
