package dev.catwalk.bgp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HashKeyTest {
  private static final long KNOWN = 0x9e37_79b9_7f4a_7c15L;
  private static final int PLACES = 0xffff;

  private static int place(long value, long key) {
    return HashKey.fold(HashKey.mix(0, value, key)) & PLACES;
  }

  /** Prefixes of IPv4 that who knows the key has chosen for one place of a table. */
  @Test
  void whatMeetsByOneKeyIsScatteredByAnother() {
    List<Long> met = LongStream.range(0, 1L << 24)
        .map(address -> address << 8 | 32)
        .filter(value -> place(value, KNOWN) == 0)
        .boxed()
        .toList();
    assertTrue(met.size() > 200, () -> met.size() + " were found");
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 100; i++) {
      long key = random.nextLong();
      TreeSet<Integer> places = new TreeSet<>();
      met.forEach(value -> places.add(place(value, key)));
      assertTrue(places.size() > met.size() * 9 / 10, () -> places.size() + " by " + key);
    }
  }

  /** Or eight octets could take back what the eight before them have changed, whatever the key is. */
  @Test
  void noChangeOfAValueIsTheSameChangeOfTheHash() {
    SplittableRandom random = new SplittableRandom(2);
    for (long change : new long[] {1, 1L << 63, 1L << 32, -1, 3L << 62}) {
      TreeSet<Long> changes = new TreeSet<>();
      for (int i = 0; i < 1000; i++) {
        long key = random.nextLong();
        changes.add(HashKey.mix(0, 42, key) ^ HashKey.mix(0, 42 ^ change, key));
      }
      assertEquals(1000, changes.size(), () -> Long.toHexString(change));
    }
  }
}
