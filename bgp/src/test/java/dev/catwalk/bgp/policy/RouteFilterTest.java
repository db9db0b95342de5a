package dev.catwalk.bgp.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.bgp.policy.FilterRule.Operator;
import dev.catwalk.bgp.policy.FilterRule.PeerType;
import dev.catwalk.bgp.policy.FilterRule.Prefixes;
import dev.catwalk.bgp.rib.Exporter;
import dev.catwalk.bgp.rib.Source;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.LargeCommunities;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules in Calico's terms, one by one and in turn. */
class RouteFilterTest {
  private static final IpAddress HOP = IpAddress.parse("10.0.0.9");
  private static final Source REMOTE = new Source(1, "p", Source.Kind.EBGP, HOP, 1, "bond0.7");
  private static final PathAttributes ROUTE = PathAttributes.builder(
          Origin.IGP, AsPath.sequence(65001, 65002, 65003), HOP)
      .med(7)
      .communities(Communities.of(65001 << 16 | 100))
      .largeCommunities(new LargeCommunities(List.of(new LargeCommunities.Large(1, 2, 3))))
      .build();

  private static int verdict(RouteFilter filter, Source from, boolean ibgpPeer, String prefix) {
    Prefix p = Prefix.parse(prefix);
    return filter.verdict(
        ROUTE, from, ibgpPeer, p.family(), p.address().high(), p.address().low(), p.length());
  }

  private static RouteFilter filter(FilterRule... rules) {
    return new RouteFilter(List.of(rules), List.of(rules));
  }

  @ParameterizedTest(name = "{0} {1} {2}..{3} and {4}")
  @CsvSource({
    "IN, 10.0.0.0/8, 0, 32, 10.1.0.0/16, true",
    "IN, 10.0.0.0/8, 0, 32, 10.0.0.0/8, true",
    "IN, 10.0.0.0/8, 0, 32, 10.0.0.0/7, false",
    "IN, 10.0.0.0/8, 0, 32, 11.0.0.0/8, false",
    "IN, 0.0.0.0/0, 0, 32, 11.0.0.0/8, true",
    "IN, 10.0.0.0/8, 24, 26, 10.1.0.0/16, false",
    "IN, 10.0.0.0/8, 24, 26, 10.1.0.0/25, true",
    "IN, 10.0.0.0/8, 24, 26, 10.1.0.0/27, false",
    "NOT_IN, 10.0.0.0/8, 0, 32, 10.1.0.0/16, false",
    "NOT_IN, 10.0.0.0/8, 0, 32, 11.0.0.0/8, true",
    "NOT_IN, 10.0.0.0/8, 24, 32, 10.1.0.0/16, true",
    "EQUAL, 10.0.0.0/8, 0, 32, 10.0.0.0/8, true",
    "EQUAL, 10.0.0.0/8, 0, 32, 10.0.0.0/9, false",
    "NOT_EQUAL, 10.0.0.0/8, 0, 32, 10.0.0.0/8, false",
    "NOT_EQUAL, 10.0.0.0/8, 0, 32, 10.0.0.0/9, true",
    "IN, 192.0.2.1/32, 0, 32, 192.0.2.1/32, true",
    "IN, 192.0.2.1/32, 0, 32, 192.0.2.0/32, false",
    "IN, fd00::/8, 0, 128, fd12::/16, true",
    "IN, fd00::/8, 0, 128, fc00::/16, false",
    "IN, 2001:db8:0:1::/64, 0, 128, 2001:db8:0:1::/64, true",
    "IN, 2001:db8:0:1::/64, 0, 128, 2001:db8:0:1::7/128, true",
    "IN, 2001:db8:0:1::/64, 0, 128, 2001:db8:0:2::/64, false",
    "IN, 2001:db8::7:0/112, 0, 128, 2001:db8::7:5/128, true",
    "IN, 2001:db8::7:0/112, 0, 128, 2001:db8::8:5/128, false",
    "IN, ::/0, 0, 128, 2001:db8::/32, true"
  })
  void prefixes(Operator operator, String cidr, int min, int max, String prefix, boolean met) {
    Prefixes prefixes = new Prefixes(operator, Prefix.parse(cidr), min, max);
    assertEquals(
        met ? Exporter.REJECTED : RouteFilter.PLAIN,
        verdict(filter(FilterRule.of(false, Optional.of(prefixes))), REMOTE, false, prefix));
  }

  private static FilterRule reject(
      boolean remote,
      String link,
      PeerType peer,
      FilterRule.Community community,
      List<Long> path,
      Long priority) {
    return new FilterRule(
        false,
        Optional.empty(),
        remote,
        Optional.ofNullable(link),
        Optional.ofNullable(peer),
        Optional.ofNullable(community),
        path,
        priority == null ? OptionalLong.empty() : OptionalLong.of(priority),
        List.of());
  }

  private static boolean rejects(FilterRule rule, Source from, boolean ibgpPeer) {
    return verdict(filter(rule), from, ibgpPeer, "10.0.0.0/8") == Exporter.REJECTED;
  }

  private static boolean rejects(FilterRule rule) {
    return rejects(rule, REMOTE, false);
  }

  @Test
  void whatElseARuleMaySay() {
    List<Long> any = List.of();
    assertEquals(true, rejects(reject(true, null, null, null, any, null)));
    assertEquals(false, rejects(reject(true, null, null, null, any, null), Source.LOCAL, false));
    assertEquals(true, rejects(reject(false, "bond*", null, null, any, null)));
    assertEquals(true, rejects(reject(false, "*0.7", null, null, any, null)));
    assertEquals(true, rejects(reject(false, "bond0.7", null, null, any, null)));
    assertEquals(false, rejects(reject(false, "bond0-7", null, null, any, null)));
    assertEquals(false, rejects(reject(false, "*.calico", null, null, any, null)));
    assertEquals(false, rejects(reject(false, "*", null, null, any, null), Source.LOCAL, false));
    assertEquals(true, rejects(reject(false, null, PeerType.EBGP, null, any, null)));
    assertEquals(false, rejects(reject(false, null, PeerType.IBGP, null, any, null)));
    assertEquals(true, rejects(reject(false, null, PeerType.IBGP, null, any, null), REMOTE, true));
    var has = new FilterRule.Standard(65001 << 16 | 100);
    assertEquals(true, rejects(reject(false, null, null, has, any, null)));
    var hasNot = new FilterRule.Standard(65001 << 16 | 101);
    assertEquals(false, rejects(reject(false, null, null, hasNot, any, null)));
    var large = new FilterRule.Large(new LargeCommunities.Large(1, 2, 3));
    assertEquals(true, rejects(reject(false, null, null, large, any, null)));
    var none = new FilterRule.Large(new LargeCommunities.Large(1, 2, 4));
    assertEquals(false, rejects(reject(false, null, null, none, any, null)));
    assertEquals(true, rejects(reject(false, null, null, null, List.of(65001L, 65002L), null)));
    assertEquals(false, rejects(reject(false, null, null, null, List.of(65002L), null)));
    List<Long> longer = List.of(65001L, 65002L, 65003L, 65004L);
    assertEquals(false, rejects(reject(false, null, null, null, longer, null)));
    assertEquals(true, rejects(reject(false, null, null, null, any, 7L)));
    assertEquals(false, rejects(reject(false, null, null, null, any, 0L)));
    assertEquals(false, rejects(reject(true, null, PeerType.IBGP, has, any, 7L)), "all of it");
  }

  /** The first that a route meets decides; none accepts. */
  @Test
  void rulesInTurn() {
    FilterRule accept = FilterRule.of(
        true, Optional.of(new Prefixes(Operator.IN, Prefix.parse("10.1.0.0/16"), 0, 32)));
    FilterRule reject = FilterRule.of(
        false, Optional.of(new Prefixes(Operator.IN, Prefix.parse("10.0.0.0/8"), 0, 32)));
    RouteFilter filter = new RouteFilter(List.of(accept), List.of())
        .then(new RouteFilter(List.of(reject), List.of()));
    assertEquals(RouteFilter.PLAIN, verdict(filter, REMOTE, false, "10.1.2.0/24"));
    assertEquals(Exporter.REJECTED, verdict(filter, REMOTE, false, "10.2.0.0/16"));
    assertEquals(RouteFilter.PLAIN, verdict(filter, REMOTE, false, "11.0.0.0/8"));
    assertEquals(RouteFilter.PLAIN, verdict(filter, REMOTE, false, "fd00::/8"));
  }

  @Test
  void operationsOfTheRuleThatAccepts() {
    FilterRule change = new FilterRule(
        true,
        Optional.empty(),
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        OptionalLong.empty(),
        List.of(
            new FilterRule.AddCommunity(new FilterRule.Standard(Communities.NO_EXPORT)),
            new FilterRule.AddCommunity(new FilterRule.Large(new LargeCommunities.Large(1, 2, 4))),
            new FilterRule.PrependAsPath(List.of(65010L, 65011L)),
            new FilterRule.SetPriority(9)));
    RouteFilter filter = filter(change);
    int verdict = verdict(filter, REMOTE, false, "10.0.0.0/8");
    assertEquals(1, verdict);
    PathAttributes changed = filter.apply(ROUTE, Family.IPV4, verdict);
    assertEquals("65010 65011 65001 65002 65003", changed.asPath().toString());
    assertEquals(9, changed.med().orElseThrow());
    assertEquals("65001:100 65535:65281", changed.communities().orElseThrow().toString());
    assertEquals("1:2:3 1:2:4", changed.largeCommunities().orElseThrow().toString());
  }
}
