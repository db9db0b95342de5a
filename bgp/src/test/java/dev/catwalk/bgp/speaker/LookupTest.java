package dev.catwalk.bgp.speaker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LookupTest {
  @ParameterizedTest(name = "{0} goes by {1}")
  @CsvSource({
    "10.42.7.9, 10.42.7.0/24",
    "10.42.8.9, 10.42.0.0/16",
    "10.42.7.1, 10.42.7.1/32",
    "11.0.0.1, 0.0.0.0/0",
    "fd42::7, fd42::/64",
    "fd43::7,",
  })
  void anAddressGoesByItsLongestPrefix(String address, String prefix) {
    Speaker speaker = new Speaker(
        new SpeakerConfig(65000, IpAddress.v4(1), List.of(), Multipath.OFF, List.of(), List.of()),
        false);
    TreeMap<Prefix, Origination> routes = new TreeMap<>();
    for (String one :
        List.of("0.0.0.0/0", "10.42.0.0/16", "10.42.7.0/24", "10.42.7.1/32", "fd42::/64")) {
      routes.put(Prefix.parse(one), Origination.PLAIN);
    }
    speaker.step(0, new Happening.Originate(routes));
    while (speaker.hasWork()) {
      speaker.work();
    }
    assertEquals(
        prefix, speaker.lookup(IpAddress.parse(address)).map(RouteView::prefix).orElse(null));
  }
}
