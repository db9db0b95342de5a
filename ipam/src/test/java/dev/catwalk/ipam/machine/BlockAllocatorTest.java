package dev.catwalk.ipam.machine;

import static dev.catwalk.ipam.machine.IpamTest.handle;
import static dev.catwalk.ipam.machine.IpamTest.ip;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.machine.Grant.Denied;
import dev.catwalk.ipam.machine.Grant.Given;
import dev.catwalk.ipam.machine.Grant.Why;
import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockAllocatorTest {
  private BlockAllocator block = new BlockAllocator(Prefix.parse("10.42.7.0/29"));

  private Grant asked(AddressRequest request) {
    Grant grant = block.offer(request);
    if (grant instanceof Given given && given.fresh()) {
      block.hold(given.allocation());
    }
    return grant;
  }

  private String gives(String name) {
    return assertInstanceOf(Given.class, asked(any(name))).allocation().ip().toString();
  }

  private Denied denies(AddressRequest request) {
    return assertInstanceOf(Denied.class, asked(request));
  }

  static AddressRequest any(String name) {
    return new AddressRequest(handle(name), Family.IPV4, null, "shop", name, 7);
  }

  private static AddressRequest fixed(String name, String ip) {
    IpAddress wanted = ip(ip);
    return new AddressRequest(handle(name), wanted.family(), wanted, "shop", name, 7);
  }

  @Test
  void theSameHandleGetsTheSameAddress() {
    assertEquals("10.42.7.1", gives("a"));
    assertEquals("10.42.7.2", gives("b"));
    Given again = assertInstanceOf(Given.class, asked(any("a")));
    assertEquals("10.42.7.1", again.allocation().ip().toString());
    assertFalse(again.fresh());
    assertEquals(2, block.allocated());
  }

  @Test
  void whatWasReleasedLastIsGivenLast() {
    gives("a");
    gives("b");
    assertEquals("10.42.7.1", block.release(handle("a")).ip().toString());
    assertNull(block.release(handle("a")));
    for (int i = 3; i <= 7; i++) {
      assertEquals("10.42.7." + i, gives("c" + i));
    }
    assertEquals("10.42.7.1", gives("d"));
  }

  @Test
  void aFullBlockSaysSoWithItsNameSizeAndRemedy() {
    for (int i = 0; i < 7; i++) {
      gives("c" + i);
    }
    Denied full = denies(any("late"));
    assertEquals(Why.FULL, full.why());
    assertTrue(full.what().contains("10.42.7.0/29"), full.what());
    assertTrue(full.what().contains("all of its 7"), full.what());
    assertTrue(full.what().contains("further block"), full.what());
    block.release(handle("c3"));
    assertEquals("10.42.7.4", gives("late"));
  }

  @Test
  void aFixedAddressIsGivenOnceAndTheHolderIsNamed() {
    assertInstanceOf(Given.class, asked(fixed("a", "10.42.7.5")));
    assertInstanceOf(Given.class, asked(fixed("a", "10.42.7.5")));
    assertEquals("10.42.7.5", gives("a"));
    Denied taken = denies(fixed("b", "10.42.7.5"));
    assertEquals(Why.TAKEN, taken.why());
    assertTrue(taken.what().contains("shop/a"), taken.what());
    assertEquals(Why.TAKEN, denies(fixed("a", "10.42.7.6")).why());
    assertEquals(Why.OUTSIDE, denies(fixed("b", "10.42.8.5")).why());
    assertEquals(Why.OUTSIDE, denies(fixed("b", "10.42.7.0")).why());
    assertEquals(
        "10.42.7.7",
        assertInstanceOf(Given.class, asked(fixed("z", "10.42.7.7")))
            .allocation()
            .ip()
            .toString());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "10.42.7.0/24, 255, 10.42.7.1",
    "10.42.7.0/30, 3, 10.42.7.1",
    "10.42.7.0/31, 2, 10.42.7.0",
    "10.42.7.4/32, 1, 10.42.7.4",
    "fd00::/122, 63, fd00::1",
    "fd00::7/128, 1, fd00::7"
  })
  void theFirstAddressIsReservedWhereThereAreFourOrMore(String cidr, int usable, String first) {
    BlockAllocator allocator = new BlockAllocator(Prefix.parse(cidr));
    assertEquals(usable, allocator.free());
    assertEquals(first, allocator.freeOrder().getFirst().toString());
    assertEquals(allocator.block().last(), allocator.freeOrder().getLast());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nobodySharesAndNothingLeaks(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    block = new BlockAllocator(Prefix.parse("10.42.7.0/26"));
    for (int step = 0; step < 10_000; step++) {
      String name = "c" + random.nextInt(90);
      if (random.nextInt(2) == 0) {
        block.release(handle(name));
      } else {
        asked(random.nextInt(9) == 0 ? fixed(name, "10.42.7." + random.nextInt(70)) : any(name));
      }
      Set<IpAddress> seen = new HashSet<>(block.freeOrder());
      assertEquals(block.free(), seen.size());
      for (Allocation a : block.held()) {
        assertTrue(seen.add(a.ip()), "held twice, or held and free");
        assertEquals(a, block.of(a.handle()));
      }
      assertEquals(63, seen.size());
    }
    BlockAllocator copy =
        new BlockAllocator(block.block(), block.held(), block.freeOrder(), new TreeMap<>());
    assertEquals(block.held(), copy.held());
    assertEquals(block.freeOrder(), copy.freeOrder());
    List<IpAddress> less = block.freeOrder().subList(1, block.free());
    assertThrows(
        IllegalArgumentException.class,
        () -> new BlockAllocator(block.block(), block.held(), less, new TreeMap<>()));
  }
}
