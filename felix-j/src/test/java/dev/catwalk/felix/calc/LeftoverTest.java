package dev.catwalk.felix.calc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeftoverTest {
  private static final Prefix BLOCK = Prefix.parse("10.42.7.0/24");

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      own blocks                 | blackholes found           | preserved
      10.42.1.0/24               | 10.42.1.0/24               | IPV4
      10.42.1.0/24               | 10.42.1.0/24 10.42.9.0/24  | IPV4
      10.42.1.0/24 10.42.2.0/24  | 10.42.1.0/24               |
      10.42.1.0/24               |                            |
                                 | 10.42.1.0/24               |
      10.42.1.0/24 fd42::/120    | 10.42.1.0/24               | IPV4
      10.42.1.0/24 fd42::/120    | 10.42.1.0/24 fd42::/120    | IPV4 IPV6
      """, useHeadersInDisplayName = true)
  void aFamilyIsPreservedWhereEveryOwnBlockIsThere(String own, String found, String preserved) {
    List<String> families = preserved == null ? List.of() : List.of(preserved.split(" "));
    assertEquals(
        families.stream().map(Family::valueOf).toList(),
        new Leftover(new TreeMap<>(), prefixes(found)).preserved(prefixes(own)));
  }

  private static SortedSet<Prefix> prefixes(String text) {
    TreeSet<Prefix> prefixes = new TreeSet<>();
    if (text != null) {
      Arrays.stream(text.split(" +")).map(Prefix::parse).forEach(prefixes::add);
    }
    return prefixes;
  }

  @Test
  void whatWasThereStaysBesideWhatIsLearned() {
    Leftover leftover = new Leftover(
        routes("10.42.7.0/24", "192.0.2.1,192.0.2.2", "10.42.8.0/24", "192.0.2.1"),
        new TreeSet<>());
    assertEquals(
        routes(
            "10.42.7.0/24", "192.0.2.1,192.0.2.2",
            "10.42.8.0/24", "192.0.2.1",
            "10.42.9.0/24", "192.0.2.3"),
        leftover.with(routes("10.42.7.0/24", "192.0.2.2", "10.42.9.0/24", "192.0.2.3"), false));
    assertEquals(
        List.of(Gateway.of(IpAddress.parse("192.0.2.2"))),
        Leftover.NONE.with(routes("10.42.7.0/24", "192.0.2.2"), false).get(BLOCK));
  }

  /** A switch that is back first names its detour, which may lead by this very node. */
  @Test
  void whoCarriesForOthersUsesNothingBesideWhatWasThere() {
    Leftover leftover = new Leftover(routes("10.42.7.0/24", "192.0.2.1"), new TreeSet<>());
    assertEquals(
        routes("10.42.7.0/24", "192.0.2.1", "10.42.9.0/24", "192.0.2.3"),
        leftover.with(routes("10.42.7.0/24", "192.0.2.2", "10.42.9.0/24", "192.0.2.3"), true));
    assertEquals(
        List.of(Gateway.of(IpAddress.parse("192.0.2.2"))),
        Leftover.NONE.with(routes("10.42.7.0/24", "192.0.2.2"), true).get(BLOCK));
  }

  private static SortedMap<Prefix, List<Gateway>> routes(String... prefixAndHops) {
    TreeMap<Prefix, List<Gateway>> routes = new TreeMap<>();
    for (int i = 0; i < prefixAndHops.length; i += 2) {
      routes.put(
          Prefix.parse(prefixAndHops[i]),
          Arrays.stream(prefixAndHops[i + 1].split(","))
              .map(IpAddress::parse)
              .map(Gateway::of)
              .toList());
    }
    return routes;
  }
}
