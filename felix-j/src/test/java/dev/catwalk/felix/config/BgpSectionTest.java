package dev.catwalk.felix.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.policy.FilterRule;
import dev.catwalk.bgp.policy.FilterRule.Operator;
import dev.catwalk.bgp.policy.FilterRule.Prefixes;
import dev.catwalk.bgp.policy.RouteFilter;
import dev.catwalk.bgp.policy.RouteRules;
import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.Extensions;
import dev.catwalk.bgp.speaker.GracefulRestart;
import dev.catwalk.bgp.speaker.InterfacePeer;
import dev.catwalk.bgp.speaker.PasswordFile;
import dev.catwalk.bgp.speaker.PeerConfig;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.TcpOptions;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.LargeCommunities;
import dev.catwalk.bgp.wire.Relation;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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

  private static SessionConfig session(String keys) throws ConfigException {
    return BgpSection.parseFile(
            "b.yaml",
            "{as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 2, " + keys + "}]}")
        .speaker()
        .peers()
        .getFirst()
        .session();
  }

  @Test
  void whatASessionMayHaveBeyondThePlainOne() throws ConfigException {
    assertEquals(Extensions.STANDARD, session("").extensions());
    Extensions said = session(
            "extendedMessages: false, enhancedRefresh: false, addPath: {receive: true, send: 4}")
        .extensions();
    assertFalse(said.extendedMessages() || said.enhancedRefresh());
    assertFalse(said.extendedParameters());
    assertTrue(session("extendedParameters: true").extensions().extendedParameters());
    assertEquals(new Extensions.AddPath(true, 4), said.addPath());
    TcpOptions tcp = session("connectRetry: 1, sendHoldTime: 60").tcp();
    assertEquals(1, tcp.connectRetry());
    assertEquals(60, tcp.sendHoldTime());
    assertEquals(5, session("").tcp().connectRetry());
  }

  @Test
  void rulesForRoutes() throws ConfigException {
    assertEquals(RouteRules.STANDARD, session("").rules());
    RouteRules rules = session("localAs: 7, allowOwnAs: 2, requireFilter: true, overrideAs: true,"
            + " removePrivateAs: true, nextHop: keep, prefixLimit: {maximum: 9, restart: 5}")
        .rules();
    assertEquals(7, rules.localAs());
    assertEquals(
        new RouteRules.Imports(
            2, true, Optional.of(new RouteRules.PrefixLimit(9, 90, false, 5)), RouteFilter.NONE),
        rules.imports());
    assertEquals(
        new RouteRules.Exports(RouteRules.NextHops.KEEP, true, true, true, RouteFilter.NONE),
        rules.exports());
    TcpOptions tcp = session("source: 10.0.0.9, ttlSecurity: 3").tcp();
    assertEquals(Optional.of(IpAddress.parse("10.0.0.9")), tcp.source());
    assertEquals(3, tcp.ttlSecurity());
    assertEquals(4, session("multihop: 4").tcp().multihop());
    Extensions extensions = session(
            "role: routeServerClient, strictRole: true, longLivedStaleTime: 60,"
                + " extendedNextHop: true")
        .extensions();
    assertEquals(Optional.of(Relation.ROUTE_SERVER_CLIENT), extensions.role());
    assertTrue(extensions.strictRole() && extensions.extendedNextHop());
    assertEquals(60, extensions.longLivedStaleTime());
  }

  @ParameterizedTest
  @CsvSource({"1.10, 65546", "64086.59904, 4200000000", "0.65001, 65001", "65535.65535, 4294967295"
  })
  void anAsNumberMayHaveADot(String text, long as) throws ConfigException {
    String file = "{as: " + text + ", routerId: 1.1.1.1}";
    assertEquals(as, BgpSection.parseFile("b.yaml", file).speaker().as());
  }

  @Test
  void peersByInterfaceListenForIpv6AndTakeItsNextHops() throws ConfigException {
    SpeakerConfig speaker = BgpSection.parseFile("b.yaml", """
        {as: 1, routerId: 1.1.1.1, peers: [{interface: eth1, as: external},
          {interface: eth2, name: tor2, as: internal, extendedNextHop: false, bfd: true}]}
        """).speaker();
    assertEquals(
        List.of("0.0.0.0:179", "[::]:179"),
        speaker.listen().stream().map(l -> l.toString()).toList());
    InterfacePeer first = speaker.interfaces().get(0);
    assertEquals("eth1", first.name());
    assertEquals(PeerConfig.OTHER_AS, first.as());
    assertTrue(first.session().extensions().extendedNextHop());
    InterfacePeer second = speaker.interfaces().get(1);
    assertEquals("tor2 eth2 1", second.name() + " " + second.link() + " " + second.as());
    assertFalse(second.session().extensions().extendedNextHop());
    assertTrue(second.bfd().isPresent());
  }

  @Test
  void filtersByName() throws ConfigException {
    RouteRules rules = BgpSection.parseFile("b.yaml", """
        as: 1
        routerId: 1.1.1.1
        filters:
          a:
            importV4: [{action: Reject, matchOperator: NotIn, cidr: 10.0.0.0/8,
                        prefixLength: {min: 16, max: 24}}]
          b:
            importV4: [{action: Reject}]
            exportV6:
              - action: Accept
                source: RemotePeers
                interface: "bond*"
                peerType: iBGP
                communities: {values: [no-export]}
                asPathPrefix: [3, 4]
                priority: 5
                operations: [{addCommunity: {value: "1:2:3"}}, {prependASPath: {prefix: [6]}},
                             {setPriority: {value: 7}}]
        peers: [{address: 1.2.3.4, as: 2, filters: [a, b]}]
        """)
        .speaker()
        .peers()
        .getFirst()
        .session()
        .rules();
    FilterRule notIn = FilterRule.of(
        false, Optional.of(new Prefixes(Operator.NOT_IN, Prefix.parse("10.0.0.0/8"), 16, 24)));
    assertEquals(
        new RouteFilter(List.of(notIn, FilterRule.of(false, Optional.empty())), List.of()),
        rules.imports().filter());
    FilterRule all = new FilterRule(
        true,
        Optional.empty(),
        true,
        Optional.of("bond*"),
        Optional.of(FilterRule.PeerType.IBGP),
        Optional.of(new FilterRule.Standard(Communities.NO_EXPORT)),
        List.of(3L, 4L),
        OptionalLong.of(5),
        List.of(
            new FilterRule.AddCommunity(new FilterRule.Large(new LargeCommunities.Large(1, 2, 3))),
            new FilterRule.PrependAsPath(List.of(6L)),
            new FilterRule.SetPriority(7)));
    assertEquals(new RouteFilter(List.of(), List.of(all)), rules.exports().filter());
  }

  @Test
  void aGroupSaysWhatItsPeersDoNot() throws ConfigException {
    List<PeerConfig> peers = BgpSection.parseFile("b.yaml", """
        as: 1
        routerId: 1.1.1.1
        groups: {leaves: {as: 7, holdTime: 30, prefixLimit: {maximum: 5}}}
        peers:
          - {address: 1.2.3.4, group: leaves}
          - {address: 1.2.3.5, group: leaves, holdTime: 9, as: 8}
          - {address: 1.2.3.6, as: 9}
        """).speaker().peers();
    assertEquals(List.of(7L, 8L, 9L), peers.stream().map(PeerConfig::as).toList());
    assertEquals(
        List.of(30, 9, 90), peers.stream().map(p -> p.session().holdTime()).toList());
    assertEquals(
        List.of(true, true, false),
        peers.stream()
            .map(p -> p.session().rules().imports().limit().isPresent())
            .toList());
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
          {as: 1, routerId: 1.1.1.1, peer: []} | b.yaml:1:28: peer: unknown key; known here: aggregates, as, bfd, bgp, bmp, dynamic, filters, gracefulRestart, groups, listen, mesh, mrt, multipath, peers, requireFilter, routerId, transit
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
          {as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 2, addPath: {send: 65}}]} | b.yaml:1:78: peers[0].addPath.send: '65' is not a number from 0 to 64
          {as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 1, role: peer}]} | b.yaml:1:68: peers[0].role: a role is for peers in another AS (RFC 9234)
          {as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 2, ttlSecurity: 1, multihop: 2}]} | b.yaml:1:88: peers[0].multihop: with ttlSecurity packets go 255 hops: leave this one out
          {as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 2, filters: [f]}]} | b.yaml:1:72: peers[0].filters[0]: there is no filter 'f' in bgp.filters
          {as: 1, routerId: 1.1.1.1, peers: [{address: 1.2.3.4, as: 2, group: g}]} | b.yaml:1:69: peers[0].group: there is no group 'g' in bgp.groups
          {as: 1, routerId: 1.1.1.1, groups: {g: {holdTme: 3}}} | b.yaml:1:41: groups.g.holdTme: unknown key; known here: addPath, allowOwnAs, as, bfd, connectRetry, enhancedRefresh, extendedMessages, extendedNextHop, extendedParameters, families, filters, gracefulRestart, holdTime, keepalive, localAs, longLivedStaleTime, multihop, nextHop, overrideAs, passive, passwordFile, port, prefixLimit, reflectorClient, removePrivateAs, requireFilter, role, sendHoldTime, source, strictRole, ttlSecurity
          {as: 1, routerId: 1.1.1.1, filters: {f: {importV4: [{action: Reject, operations: [{setPriority: {value: 1}}]}]}}} | b.yaml:1:83: filters.f.importV4[0].operations[0]: a route that is rejected is not changed: operations need Accept
          {as: 1, routerId: 1.1.1.1, filters: {f: {importV6: [{action: Reject, matchOperator: In, cidr: 10.0.0.0/8}]}}} | b.yaml:1:95: filters.f.importV6[0].cidr: 10.0.0.0/8 is not of the family of this list
          {as: 1, routerId: 1.1.1.1, filters: {f: {importV4: [{action: Reject, communities: {values: ['1:70000']}}]}}} | b.yaml:1:93: filters.f.importV4[0].communities.values[0]: '1:70000' is no community (want 65000:100, 65000:1:2, or a name: blackhole, graceful-shutdown, llgr-stale, no-advertise, no-export, no-export-subconfed, no-llgr)
          {as: 1, routerId: 1.1.1.1, aggregates: [{prefix: 10.0.0.0/8}, {prefix: 10.0.0.0/8}]} | b.yaml:1:63: aggregates[1]: want each prefix once, and at most 256 of them: 10.0.0.0/8
          {as: 1, routerId: 1.1.1.1, peers: [{interface: eth1, as: 2, address: fe80::1}]} | b.yaml:1:61: peers[0].address: unknown key; known here: addPath, allowOwnAs, as, bfd, connectRetry, enhancedRefresh, extendedMessages, extendedNextHop, extendedParameters, families, filters, gracefulRestart, group, holdTime, interface, keepalive, localAs, longLivedStaleTime, multihop, name, nextHop, overrideAs, passive, passwordFile, prefixLimit, reflectorClient, removePrivateAs, requireFilter, role, sendHoldTime, source, strictRole, ttlSecurity
          {as: 1, routerId: 1.1.1.1, peers: [{interface: eth1, as: 2}, {interface: eth1, as: 2}]} | b.yaml:1:62: peers[1]: there is a peer at eth1 or with the name eth1 already
          {as: 1, routerId: 1.1.1.1, peers: [{interface: 'a b', as: 2}]} | b.yaml:1:48: peers[0].interface: 'a b' is no name of an interface
          {as: 1, routerId: 1.1.1.1, mrt: {directory: here}} | b.yaml:1:45: mrt.directory: 'here' is not the full path of a directory
          {as: 1.65536, routerId: 1.1.1.1} | b.yaml:1:6: as: '1.65536' is not a number from 1 to 4294967295
          {as: 0.0, routerId: 1.1.1.1} | b.yaml:1:6: as: AS 0 is nobody's (RFC 7607)
          {as: 0.23456, routerId: 1.1.1.1} | b.yaml:1:6: as: 23456 stands for other AS numbers (RFC 6793) and belongs to nobody
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
