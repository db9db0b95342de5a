package dev.catwalk.bgp.rib;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.LargeCommunities;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Packed attribute sets, against a map that counts their uses. */
class AttributePoolTest {
  private static final Source FROM = new Source(1, "from", Source.Kind.EBGP, IpAddress.v4(1), 1);

  private final AttributePool pool = new AttributePool();

  /** Different for each number, and of very different lengths. */
  private static PathAttributes attributes(int number) {
    PathAttributes.Builder out = PathAttributes.builder(
        Origin.IGP, AsPath.sequence(number + 1), IpAddress.v4(0x0a00_0000 + number));
    int communities = number % 100 == 0 ? 15_000 : number % 90;
    if (communities > 0) {
      out.communities(
          Communities.of(new SplittableRandom(number).ints(communities).toArray()));
    }
    if (number % 999 == 0) { // larger than an array of many, and than the wire allows
      out.largeCommunities(new LargeCommunities(
          Collections.nCopies(30_000, new LargeCommunities.Large(1, 2, number))));
    }
    return out.build();
  }

  @Test
  void setsComeAndGoAndEachIsWhatItWas() {
    SplittableRandom random = new SplittableRandom(1);
    TreeMap<Integer, Integer> sets = new TreeMap<>();
    List<Integer> uses = new ArrayList<>();
    for (int round = 0; round < 20_000; round++) {
      boolean grows = round % 8_000 < 5_000;
      if (uses.isEmpty() || random.nextInt(5) < (grows ? 3 : 2)) {
        int number = random.nextInt(2_000);
        int set = pool.acquire(attributes(number));
        assertEquals(sets.getOrDefault(number, set), set, "one set for one value");
        sets.put(number, set);
        uses.add(number);
      } else {
        int last = uses.size() - 1;
        int at = random.nextInt(uses.size());
        int number = uses.set(at, uses.get(last));
        uses.remove(last);
        int set = sets.get(number);
        assertTrue(attributes(number).equals(pool.attributes(set)), () -> "set " + number);
        assertEquals(number + 1, pool.neighbourAs(set));
        pool.release(set);
        if (!uses.contains(number)) {
          sets.remove(number);
        }
      }
      assertEquals(sets.size(), pool.size());
    }
    uses.forEach(number -> pool.release(sets.get(number)));
    assertEquals(0, pool.size());
    int again = pool.acquire(attributes(7));
    assertEquals(attributes(7), pool.attributes(again));
  }

  @Test
  void placesAreUsedAgain() {
    int kept = pool.acquire(attributes(1));
    int first = pool.acquire(attributes(2));
    int serial = pool.serial(first);
    pool.release(first);
    int second = pool.acquire(attributes(92)); // as long
    assertEquals(first, second);
    assertNotEquals(serial, pool.serial(second));
    assertEquals(attributes(92), pool.attributes(second));
    assertEquals(attributes(1), pool.attributes(kept));
  }

  /** What was made of a set is not what is made of the next one in its place. */
  @Test
  void exportsForgetWhatIsGone() {
    Exports exports = new Exports(pool);
    int kept = pool.acquire(attributes(1));
    int set = pool.acquire(attributes(2));
    int result = pool.acquire(attributes(3));
    exports.keep(set, FROM, 0, result);
    exports.keep(kept, FROM, 0, AttributePool.NONE);
    assertEquals(result, exports.find(set, FROM, 0));
    assertEquals(AttributePool.NONE, exports.find(kept, FROM, 0));
    assertEquals(Exports.UNKNOWN, exports.find(set, FROM, 1));
    assertEquals(Exports.UNKNOWN, exports.find(set, Source.LOCAL, 0));
    pool.release(result);
    int other = pool.acquire(attributes(93));
    assertEquals(result, other);
    assertEquals(Exports.UNKNOWN, exports.find(set, FROM, 0), "the result is another's place");
    exports.keep(set, FROM, 0, other);
    pool.release(set);
    assertEquals(set, pool.acquire(attributes(92)));
    assertEquals(Exports.UNKNOWN, exports.find(set, FROM, 0), "the set is another's place");
    pool.release(set);
    pool.release(other);
    pool.release(kept);
    assertEquals(kept, pool.acquire(attributes(1)), "places begin anew");
    assertEquals(Exports.UNKNOWN, exports.find(kept, FROM, 0));
  }
}
