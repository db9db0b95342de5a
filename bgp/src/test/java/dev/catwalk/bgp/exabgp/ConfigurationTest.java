package dev.catwalk.bgp.exabgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AfiSafi;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ExaBGP's configuration files: what they say, and what is said of those that say nothing. */
class ConfigurationTest {
  private static final String ENDS =
      "router-id 10.0.0.2; local-address 127.0.0.1; local-as 65001; peer-as 65002;";

  private static NeighborConfig neighbor(String inside) throws ConfigurationException {
    return Configuration.parse("f", "neighbor 127.0.0.1 {\n" + ENDS + "\n" + inside + "\n}")
        .neighbors()
        .getFirst();
  }

  @Test
  void aNeighbourIsReadWithAllItsSettings() throws ConfigurationException {
    NeighborConfig read = neighbor("hold-time 30; passive; listen 1790; connect 1791;"
        + " outgoing-ttl 255; incoming-ttl 254; md5-password 'no secret'; group-updates false;"
        + " adj-rib-out disable; manual-eor true; host-name h; domain-name d.org; local-link-local"
        + " fe80::7; description \"a; b\"; family { ipv4 unicast; ipv6 flow; } capability {"
        + " graceful-restart 120; route-refresh enable; add-path send/receive; asn4 disable;"
        + " extended-message disable; software-version enable; }");
    assertEquals(30, read.ends().holdTime());
    assertEquals("fe80::7", String.valueOf(read.ends().linkLocal()));
    assertEquals("a; b", read.description());
    assertEquals(1790, read.transport().listen());
    assertEquals(1791, read.transport().connect());
    assertEquals(255, read.transport().outgoingTtl());
    assertEquals(254, read.transport().incomingTtl());
    assertTrue(read.transport().passive());
    assertFalse(
        read.transport().toString().contains("secret"), () -> read.transport().toString());
    assertEquals(120, read.capabilities().restartTime());
    assertEquals(
        List.of(AfiSafi.IPV4_UNICAST, new AfiSafi(2, 133)), read.capabilities().families());
    assertEquals(List.of(AfiSafi.IPV4_UNICAST), List.copyOf(read.capabilities().addPathFamilies()));
    assertFalse(read.capabilities().asn4());
    assertFalse(read.telling().grouped());
    assertFalse(read.telling().remembered());
    assertTrue(read.telling().manualEndOfRib());
  }

  @Test
  void templatesGroupsAndTheirRoutesAreInherited() throws ConfigurationException {
    Configuration read = Configuration.parse("f", """
        template {
          neighbor base { peer-as 1; static { route 10.0.0.0/24 next-hop self; } }
          neighbor more { inherit base; hold-time 9; }
        }
        group of-two {
          local-as 2; router-id 10.0.0.2;
          neighbor 127.0.0.1 { inherit [ more ]; local-address auto; }
          neighbor 127.0.0.2 { inherit more; local-address auto; hold-time 12; }
        }
        """);
    assertEquals(2, read.neighbors().size());
    assertEquals(9, read.neighbors().get(0).ends().holdTime());
    assertEquals(12, read.neighbors().get(1).ends().holdTime());
    assertEquals(2, read.routes());
  }

  @Test
  void routesOfEveryFamilyAreRead() throws ConfigurationException {
    NeighborConfig read = neighbor("""
        l2vpn {
          vpls site { rd 1:2; endpoint 4; base 262145; offset 1; size 8; next-hop 192.0.2.1; }
        }
        static {
          route 10.0.0.0/24 next-hop 192.0.2.1 med 5;
          route 10.1.0.0/22 { next-hop 192.0.2.1; split /24; }
          attributes next-hop 192.0.2.1 community [ 1:2 ] nlri 10.2.0.0/24 10.3.0.0/24;
        }
        announce {
          ipv4 { mpls-vpn 10.4.0.0/24 next-hop 192.0.2.1 rd 1:2 label 100; }
          l2vpn { vpls endpoint 3 base 262145 offset 1 size 8 rd 1:2 next-hop 192.0.2.1; }
        }
        flow {
          route one {
            match { source 10.0.0.0/24; destination-port [ =80 >1000&<2000 ]; protocol tcp; }
            then { rate-limit 9600; }
          }
          route { match { destination 2001:db8::/32; } then { discard; } }
          route { rd 1:2; match { destination 10.0.0.1/32; } then { redirect 65000:1; } }
        }
        """);
    assertEquals(
        List.of(
            "ipv4 mpls-vpn",
            "l2vpn vpls",
            "ipv4 unicast",
            "ipv4 unicast",
            "ipv4 unicast",
            "ipv4 unicast",
            "ipv4 unicast",
            "ipv4 unicast",
            "ipv4 unicast",
            "l2vpn vpls",
            "ipv4 flow",
            "ipv6 flow",
            "ipv4 flow-vpn"),
        read.routes().stream().map(Route::familyName).toList());
    assertEquals("10.1.2.0/24", read.routes().stream().toList().get(5).name());
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8,        24, 65536, 10.0.0.0/24,       10.0.1.0/24,            10.255.255.0/24",
    "255.255.0.0/16,    32, 65536, 255.255.0.0/32,    255.255.0.1/32,         255.255.255.255/32",
    "2001:db8::/32,     48, 65536, 2001:db8::/48,     2001:db8:1::/48,        2001:db8:ffff::/48",
    "2001:db8::/60,     72, 4096,  2001:db8::/72,     2001:db8:0:0:100::/72,  2001:db8:0:f:ff00::/72",
    "2001:db8::ff00/120,128, 256,  2001:db8::ff00/128,2001:db8::ff01/128,     2001:db8::ffff/128",
    "0.0.0.0/0,         1, 2,      0.0.0.0/1,         128.0.0.0/1,            128.0.0.0/1",
  })
  void aPrefixIsSplitIntoItsParts(
      String whole, int length, int count, String first, String second, String last)
      throws ConfigurationException {
    List<Route> parts = neighbor(
            "static { route " + whole + " next-hop 192.0.2.1 split /" + length + "; }")
        .routes()
        .stream()
        .toList();
    assertEquals(count, parts.size());
    assertEquals(count, parts.stream().map(Route::key).distinct().count());
    assertEquals(first, parts.getFirst().name());
    assertEquals(second, parts.get(1).name());
    assertEquals(last, parts.getLast().name());
  }

  @Test
  void processesAndWhatTheyAreToldAreRead() throws ConfigurationException {
    Configuration read = Configuration.parse("f", """
        process watch { run /bin/sh -c "echo 'a b'; sleep 1"; encoder json; respawn false; }
        neighbor 127.0.0.1 {
          router-id 10.0.0.2; local-address 127.0.0.1; local-as 1; peer-as 1;
          api { processes [ watch ]; neighbor-changes; receive { parsed; update; } }
        }
        """);
    ProcessConfig process = read.processes().get("watch");
    assertEquals(List.of("/bin/sh", "-c", "echo 'a b'; sleep 1"), process.run());
    assertTrue(process.json());
    assertFalse(process.respawn());
    NeighborConfig.Api api = read.neighbors().getFirst().api().getFirst();
    assertTrue(api.changes());
    assertEquals(List.of("parsed", "update"), List.copyOf(api.receive()));
  }

  @Test
  void processesAreFoundByTheBeginningsOfTheirNames() throws ConfigurationException {
    Configuration read = Configuration.parse("f", """
        process other { run /bin/true; encoder json; }
        process watch { run /bin/true; encoder json; }
        process watch2 { run /bin/true; encoder json; }
        process night-watch { run /bin/true; encoder json; }
        neighbor 127.0.0.1 {
          router-id 10.0.0.2; local-address 127.0.0.1; local-as 1; peer-as 1;
          api by-name { processes-match [ "w[a-z]+" watch nobody ]; }
        }
        """);
    assertEquals(
        List.of("watch", "watch2"), read.neighbors().getFirst().api().getFirst().processes());
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(delimiter = '|', textBlock = """
      hold-tim 3;                                 | f:3: 'hold-tim' is no setting of a neighbor
      hold-time 2;                                | f:3: a hold-time is 0 or at least 3 seconds
      hold-time 3                                 | f:3: 'hold-time 3' must end with ';'
      description "a;                             | f:3: the quote is not closed on its line
      family { ipv4 unicorn; }                    | f:3: there is no family ipv4 unicorn
      static { route 10.0.0.0/33 next-hop self; } | f:3: '33' is no prefix length
      static { route 10.0.0.0/24; }               | f:3: the route 10.0.0.0/24 has no next-hop
      static { route 10.0.0.0/8 next-hop self split /32; } | f:3: 10.0.0.0/8 cannot be split
      static { route 10.0.0.0/24 next-hop self split /33; } | f:3: 10.0.0.0/24 cannot be split
      family { ipv6 unicast; } flow { route { match { source 10.0.0.0/8; } then { discard; } } } | f:1: it is announced
      api { processes [ nobody ]; }               | f:1: its api names the process nobody, which is not there
      inherit nothing;                            | f:3: there is no template nothing before this line
      local-as auto;                              | f:1: local-as must be a number here
      capability { asn5 enable; }                 | f:3: 'asn5' is no capability
      md5-password x; md5-base64 yes;             | f:1: the md5-password is not in base64
      }                                           | f:4: '}' closes nothing
      """)
  void aMistakeIsLocatedAndTheRemedyNamed(String inside, String said) {
    ConfigurationException wrong =
        assertThrows(ConfigurationException.class, () -> neighbor(inside));
    assertTrue(String.valueOf(wrong.getMessage()).startsWith(said), wrong::getMessage);
  }

  @Test
  void whatHasNoMeaningHereIsAWarning() throws ConfigurationException {
    Configuration read = Configuration.parse(
        "f", "neighbor 127.0.0.1 { " + ENDS + " md5-ip 127.0.0.1; auto-flush false; }");
    assertEquals(2, read.warnings().size(), () -> read.warnings().toString());
    assertTrue(read.warnings().getFirst().startsWith("f:1: md5-ip"));
  }

  @Test
  void aSectionThatIsNotClosedIsClosedAtTheEnd() throws ConfigurationException {
    Configuration read = Configuration.parse(
        "f", "neighbor 127.0.0.1 { " + ENDS + "\n static { route 10.0.0.0/8 next-hop self;");
    assertEquals(1, read.routes());
    assertEquals(2, read.warnings().size(), () -> read.warnings().toString());
    assertTrue(read.warnings().getFirst().startsWith("f:2: the section static is not closed"));
  }

  @Test
  void theEnvironmentIsReadInItsThreeSpellings() throws MalformedException {
    TreeMap<String, String> variables = new TreeMap<>();
    variables.put("exabgp.tcp.port", "1790");
    variables.put("exabgp_tcp_bind", "'127.0.0.1 ::1'");
    variables.put("EXABGP_API_ACK", "false");
    Environment read = Environment.of(variables);
    assertEquals(new Environment(1790, List.of("127.0.0.1", "::1"), "", false, true), read);
  }

  /** Seeded damage, word by word: read, or refused with a place. */
  @Test
  void damagedFilesAreReadOrRefused() {
    String text = """
        process watch { run /bin/true a b ; encoder json ; respawn false ; }
        template { neighbor base { inherit [ ] ; family { ipv4 unicast ; ipv4 mpls-vpn ; } } }
        neighbor 127.0.0.1 {
          inherit base ; router-id 10.0.0.2 ; local-address 127.0.0.1 ; local-as 1 ; peer-as 1.5 ;
          hold-time 9 ; md5-password x ; outgoing-ttl 3 ; rate-limit 7 ; description "a b" ;
          capability { add-path send/receive ; graceful-restart 5 ; nexthop ; asn4 disable ; }
          nexthop { ipv4 unicast ipv6 ; } add-path { ipv4 unicast ; }
          api { processes [ watch ] ; neighbor-changes ; receive { parsed ; update ; } }
          static {
            route 10.0.0.0/24 next-hop self med 5 as-path [ 1 2 [ 3 4 ] ] community [ 1:2 ] split /26 ;
            route 10.1.0.0/24 { next-hop 1.2.3.4 ; rd 1:2 ; label [ 3 4 ] ; aggregator ( 1:1.2.3.4 ) ;
              bgp-prefix-sid [ 3, [ ( 1, 2 ) ] ] ; extended-community [ target:1:2 l2info:1:2:3:4 ] ; }
            attributes next-hop 1.2.3.4 nlri 10.2.0.0/24 10.3.0.0/24 ;
          }
          flow { route r { match { source 10.0.0.0/8 ; port [ =80 >1&<9 ] ; tcp-flags [ syn+ack ] ; }
            then { redirect 1:2 ; mark 3 ; action sample ; copy 1.2.3.4 ; } } }
          l2vpn { vpls v { rd 1:2 ; endpoint 1 ; base 2 ; offset 3 ; size 4 ; next-hop 1.2.3.4 ; } }
        }
        """;
    String[] words = text.split("(?<=\\s)", -1);
    Random random = new Random(11);
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      String[] damaged = words.clone();
      for (int i = 0; i <= round % 3; i++) {
        damaged[random.nextInt(damaged.length)] =
            random.nextBoolean() ? "" : words[random.nextInt(words.length)];
      }
      try {
        assertFalse(
            Configuration.parse("f", String.join("", damaged)).neighbors().size() > 2);
      } catch (ConfigurationException e) {
        assertTrue(String.valueOf(e.getMessage()).matches("(?s)f:\\d+: .+"), e::getMessage);
        refused++;
      }
    }
    assertTrue(refused > 10_000 && refused < 20_000, refused + " of 20000 refused");
  }
}
