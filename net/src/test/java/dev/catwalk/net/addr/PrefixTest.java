package dev.catwalk.net.addr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrefixTest {

  @ParameterizedTest(name = "{0} in {1}: {2}")
  @CsvSource({
    "10.42.7.9, 10.42.7.0/24, true",
    "10.42.8.0, 10.42.7.0/24, false",
    "255.1.2.3, 0.0.0.0/0, true",
    "::1, 0.0.0.0/0, false",
    "2001:db8::1, 2001:db8::/32, true",
    "2001:db9::1, 2001:db8::/32, false",
    "1::8000:0:0:1, 1::8000:0:0:0/65, true",
    "1::7000:0:0:1, 1::8000:0:0:0/65, false",
    "10.0.0.1, 10.0.0.1/32, true"
  })
  void contains(String address, String prefix, boolean expected) {
    assertEquals(expected, Prefix.parse(prefix).contains(IpAddress.parse(address)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.1/24",
        "::/129",
        "::1/64",
        "/8",
        "10.0.0.0/8/8",
        "10.0.0.0/ 8"
      })
  void refusesWhatIsNoPrefix(String text) {
    assertThrows(IllegalArgumentException.class, () -> Prefix.parse(text));
  }

  @ParameterizedTest(name = "last of {0}")
  @CsvSource({
    "10.42.7.0/24, 10.42.7.255",
    "10.42.7.1/32, 10.42.7.1",
    "0.0.0.0/0, 255.255.255.255",
    "2001:db8::/32, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
    "::/0, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "1::/64, 1::ffff:ffff:ffff:ffff",
    "1::8000:0:0:0/66, 1::bfff:ffff:ffff:ffff",
    "1::1/128, 1::1"
  })
  void endsAt(String prefix, String last) {
    assertEquals(IpAddress.parse(last), Prefix.parse(prefix).last());
  }

  @Test
  void clearsBitsOnlyWhenAskedTo() {
    assertEquals("10.42.0.0/16", Prefix.of(IpAddress.parse("10.42.7.9"), 16).toString());
    assertEquals("::/0", Prefix.of(IpAddress.parse("ffff::1"), 0).toString());
    assertThrows(
        IllegalArgumentException.class, () -> new Prefix(IpAddress.parse("10.42.7.9"), 16));
  }

  @Test
  void coveringPrefixComesFirst() {
    TreeSet<Prefix> sorted = new TreeSet<>();
    for (String text : new String[] {"10.0.1.0/24", "10.0.0.0/24", "10.0.0.0/8", "::/0"}) {
      sorted.add(Prefix.parse(text));
    }
    assertEquals("[10.0.0.0/8, 10.0.0.0/24, 10.0.1.0/24, ::/0]", sorted.toString());
  }

  @Test
  void overlapsBothWays() {
    Prefix wide = Prefix.parse("10.0.0.0/8");
    Prefix narrow = Prefix.parse("10.9.0.0/16");
    assertTrue(wide.overlaps(narrow) && narrow.overlaps(wide) && wide.contains(narrow));
    assertFalse(narrow.contains(wide) || narrow.overlaps(Prefix.parse("10.8.0.0/16")));
    assertEquals(65536, narrow.size());
    assertEquals(Long.MAX_VALUE, Prefix.parse("::/1").size());
    assertEquals("10.9.1.0", narrow.at(256).toString());
  }
}
