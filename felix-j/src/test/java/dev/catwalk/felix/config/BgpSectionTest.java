package dev.catwalk.felix.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.GracefulRestart;
import dev.catwalk.bgp.speaker.PasswordFile;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BgpSectionTest {
  private static final String FULL = """
      bgp:
        as: 64601
        routerId: 192.0.2.11
        listen: ["192.0.2.11:179", "[2001:db8::b]:1179"]
        multipath: {maximum: 16, relaxAsPath: true}
        mesh: true
        peers:
          - {name: tor1, address: 192.0.2.1, as: 65001, holdTime: 9, keepalive: 3, passive: true,
             families: [ipv6-unicast]}
          - {address: "2001:db8::1", as: 64601, reflectorClient: true}
        dynamic: [{prefix: 10.1.0.0/16, as: any, reflectorClient: false}]
      """;

  @Test
  void readsEveryKeyOfTheContract() throws ConfigException {
    BgpSection section = BgpSection.parseFile("agent.yaml", FULL);
    SpeakerConfig speaker = section.speaker();
    assertTrue(section.mesh());
    assertEquals(64601, speaker.as());
    assertEquals(
        List.of("192.0.2.11:179", "[2001:db8::b]:1179"),
        speaker.listen().stream().map(Object::toString).toList());
    assertEquals(new SpeakerConfig.Multipath(16, true), speaker.multipath());
    PeerConfig tor = speaker.peers().get(0);
    assertEquals("tor1", tor.name());
    assertEquals(9, tor.session().holdTime());
    assertEquals(3, tor.session().keepalive());
    assertTrue(tor.session().passive());
    assertEquals(List.of(Family.IPV6), tor.session().families());
    PeerConfig client = speaker.peers().get(1);
    assertEquals("2001:db8::1", client.name());
    assertEquals(179, client.port());
    assertTrue(client.session().reflectorClient());
    assertFalse(client.session().passive());
    assertEquals(DynamicPeers.ANY_AS, speaker.dynamic().get(0).as());
    assertTrue(speaker.dynamic().get(0).session().passive());
  }

  @Test
  void keysAtTheTopAndARouterIdFromWhereItListens() throws ConfigException {
    BgpSection section = BgpSection.parseFile("b.yaml", "as: 65000\nlisten: ['10.0.0.1:179']\n");
    assertEquals(IpAddress.parse("10.0.0.1"), section.speaker().routerId());
    assertEquals(List.of(), section.speaker().peers());
    assertTrue(section.speaker().transit());
    assertFalse(BgpSection.parseFile("b.yaml", "{as: 1, routerId: 1.1.1.1, transit: false}")
        .speaker()
        .transit());
  }

  @Test
  void gracefulRestartIsOnAndPeersInheritIt() throws ConfigException {
    BgpSection section = BgpSection.parseFile("b.yaml", """
        {as: 1, routerId: 1.1.1.1, gracefulRestart: {restartTime: 60, deferralTime: 20},
         peers: [{address: 1.2.3.4, as: 2}, {address: 1.2.3.5, as: 2,
                  gracefulRestart: {enabled: false, staleTime: 10}}],
         dynamic: [{prefix: 10.0.0.0/8, as: 3}]}
        """);
    GracefulRestart common = new GracefulRestart(true, 60, 360);
    assertEquals(common, section.gracefulRestart());
    assertEquals(20, section.speaker().deferralTime());
    assertEquals(
        List.of(common, new GracefulRestart(false, 60, 10)),
        section.speaker().peers().stream()
            .map(p -> p.session().gracefulRestart())
            .toList());
    assertEquals(common, section.speaker().dynamic().getFirst().session().gracefulRestart());
    BgpSection silent = BgpSection.parseFile("b.yaml", "{as: 1, routerId: 1.1.1.1}");
    assertEquals(GracefulRestart.STANDARD, silent.gracefulRestart());
    assertEquals(30, silent.speaker().deferralTime());
  }

  @Test
  void aPasswordIsNamedByItsFileAndItsPlace() throws ConfigException {
    PasswordFile file = BgpSection.parseFile(
            "b.yaml",
            "{as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 2, passwordFile: /k}]}")
        .speaker()
        .peers()
        .getFirst()
        .session()
        .password()
        .orElseThrow();
    assertEquals("/k", file.path());
    assertEquals("b.yaml:1:76: peers[0].passwordFile", file.where());
    assertEquals(new PasswordFile("/k", "elsewhere"), file, "a line that moved is no change");
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(delimiter = '|', textBlock = """
          as: 0 | b.yaml:1:5: as: '0' is not a number from 1 to 4294967295
          as: 23456 | b.yaml:1:5: as: 23456 stands for other AS numbers (RFC 6793) and belongs to nobody
          {} | b.yaml:1:1: the key 'as' is missing
          {as: 1, routerId: '::1'} | b.yaml:1:19: routerId: a router id looks like an IPv4 address other than 0.0.0.0
          {as: 1} | b.yaml:1:1: the key 'routerId' is missing (want an IPv4 address of this host)
          {as: 1, routerId: 1.1.1.1, peer: []} | b.yaml:1:28: peer: unknown key; known here: as, bgp, dynamic, gracefulRestart, listen, mesh, multipath, peers, routerId, transit
          {as: 1, as: 2} | b.yaml:1:9: as: the key is here twice
          {as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3, as: 1}]} | b.yaml:1:46: peers[0].address: '1.2.3' is not an IP address (want 192.0.2.1 or 2001:db8::1)
          {as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 1, holdTime: 2}]} | b.yaml:1:72: peers[0].holdTime: a hold time is 0 (none) or 3 to 65535 seconds
          {as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 2, reflectorClient: true}]} | b.yaml:1:79: peers[0].reflectorClient: a reflector client must be in our own AS
          {as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 2}, {address: 1.2.3.4, as: 2}]} | b.yaml:1:63: peers[1]: there is a peer with the address 1.2.3.4 already
          {as: 1, listen: ['1.2.3.4']} | b.yaml:1:18: listen[0]: '1.2.3.4' is not an address with a port (want 192.0.2.1:179 or [2001:db8::1]:179)
          {as: 1, routerId: 1.1.1.1, gracefulRestart: {restartTime: 4096}} | b.yaml:1:59: gracefulRestart.restartTime: '4096' is not a number from 1 to 4095
          {as: 1, routerId: 1.1.1.1, gracefulRestart: {on: true}} | b.yaml:1:46: gracefulRestart.on: unknown key; known here: deferralTime, enabled, restartTime, staleTime
          {as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 2, gracefulRestart: {deferralTime: 9}}]} | b.yaml:1:80: peers[0].gracefulRestart.deferralTime: unknown key; known here: enabled, restartTime, staleTime
          {as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 2, passwordFile: key}]} | b.yaml:1:76: peers[0].passwordFile: 'key' is not the full path of a file
          {as: 1, routerId: 1.1.1.1, peers: [{name: p, address: 10.2.3.4, as: 2}], dynamic: [{prefix: 10.0.0.0/8, as: 3, passwordFile: /k}]} | b.yaml:1:1: peer p is in the range 10.0.0.0/8, which has a passwordFile: give the peer one too
          {as: 1, listen: 7} | b.yaml:1:17: listen: want a list
          {as: 1, mesh: yes, routerId: 1.1.1.1} | b.yaml:1:15: mesh: 'yes' is neither true nor false
          """)
  void anErrorNamesItsPlace(String text, String message) {
    ConfigException refused =
        assertThrows(ConfigException.class, () -> BgpSection.parseFile("b.yaml", text));
    assertEquals(message, refused.getMessage());
  }

  @Test
  void textThatIsNoYamlIsLocated() {
    ConfigException refused = assertThrows(
        ConfigException.class, () -> BgpSection.parseFile("b.yaml", "as: 1\npeers: [\n"));
    assertEquals(3, refused.line());
    assertTrue(refused.getMessage().startsWith("b.yaml:3:1: this is not YAML: "));
  }
}
