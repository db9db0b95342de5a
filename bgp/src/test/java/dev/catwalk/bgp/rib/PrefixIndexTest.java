package dev.catwalk.bgp.rib;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixIndexTest {

  @ParameterizedTest
  @CsvSource({"IPV4,1", "IPV4,2", "IPV6,1", "IPV6,2"})
  void behavesAsAMapAndUsesNumbersAgain(Family family, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    PrefixIndex index = new PrefixIndex(family);
    TreeMap<Prefix, Integer> model = new TreeMap<>();
    int most = 0;
    for (int i = 0; i < 20_000; i++) {
      Prefix prefix = prefix(family, random);
      long high = prefix.address().high();
      long low = prefix.address().low();
      Integer known = model.get(prefix);
      assertEquals(
          known == null ? PrefixIndex.NONE : known, index.find(high, low, prefix.length()));
      if (known != null && random.nextInt(3) == 0) {
        index.release(known);
        model.remove(prefix);
      } else {
        int number = index.add(high, low, prefix.length());
        model.merge(prefix, number, (before, now) -> {
          assertEquals(before, now);
          return now;
        });
      }
      most = Math.max(most, model.size());
      assertEquals(model.size(), index.size());
    }
    assertEquals(most, index.limit());
    model.forEach((prefix, number) -> assertEquals(prefix, index.prefix(number)));
    assertEquals(model.size(), model.values().stream().distinct().count());
  }

  private static Prefix prefix(Family family, SplittableRandom random) {
    int bits = random.nextInt(600);
    return family == Family.IPV4
        ? Prefix.of(IpAddress.v4(bits << 8), 20 + random.nextInt(13))
        : Prefix.of(
            IpAddress.v6(0x2001_0db8_0000_0000L | bits, (long) bits << 40),
            60 + random.nextInt(69));
  }
}
