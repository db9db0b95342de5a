package dev.catwalk.felix.config;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Damaged configuration files: a located error, or a configuration, and nothing else. {@code
 * -Dcatwalk.config.mutants=N} tries N in place of 20,000.
 */
class DamagedConfigTest {
  private static final int COUNT = Integer.getInteger("catwalk.config.mutants", 20_000);
  private static final String[] PIECES = {
    ":",
    "-",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\n",
    "  ",
    "#",
    "&a",
    "*a",
    "!!int",
    "? ",
    "0x",
    "-1",
    "1e9",
    "null",
    "99999999999999999999",
    "~",
    "|",
    ">",
    "%",
    "\t",
    "\u0000",
    "\ud800",
    "as: any",
    "<<: *a",
    "::",
    "10.0.0.0/33"
  };

  private static final List<String> SEEDS = List.of("""
      as: 65000
      routerId: 10.0.0.1
      listen: ["10.0.0.1:179", "[fd00::1]:179"]
      filters:
        leaf:
          importV4:
            - {action: Accept, matchOperator: In, cidr: 10.42.0.0/16, prefixLength: {min: 24, max: 32}}
            - {action: Reject}
      groups: {fabric: {holdTime: 9, filters: [leaf]}}
      peers:
        - {name: tor1, address: 10.0.0.2, as: 65001, group: fabric}
        - {name: tor2, address: "fd00::2", as: 64610, bfd: {interval: 300, multiplier: 3}, passive: true}
      dynamic: [{prefix: 10.9.0.0/16, as: any, prefixLimit: {maximum: 1000, restart: 10}}]
      """, "as: 1\nrouterId: 1.2.3.4\npeers: []\n");

  @Test
  void givesALocatedErrorOrAConfiguration() {
    SplittableRandom random = new SplittableRandom(7);
    int good = 0;
    for (int i = 0; i < COUNT; i++) {
      StringBuilder text = new StringBuilder(SEEDS.get(random.nextInt(SEEDS.size())));
      for (int n = random.nextInt(1, 4); n > 0; n--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(4)) {
          case 0 -> text.setCharAt(at, (char) random.nextInt(1, 0x250));
          case 1 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
          case 2 -> text.delete(at, Math.min(text.length() - 1, at + random.nextInt(1, 12)));
          default -> text.insert(at, text.substring(at, Math.min(text.length(), at + 60)));
        }
      }
      try {
        BgpSection.parseFile("bgp.yaml", text.toString());
        good++;
      } catch (ConfigException e) {
        assertFalse(e.getMessage().isBlank(), text::toString);
        assertTrue(e.getMessage().contains("bgp.yaml"), () -> e.getMessage() + "\n" + text);
      } catch (RuntimeException | StackOverflowError e) {
        throw new AssertionError(text.toString(), e);
      }
    }
    int read = good;
    assertTrue(read > COUNT / 200, () -> "too few are read at all: " + read);
  }
}
