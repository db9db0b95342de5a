package dev.catwalk.net.addr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

  @ParameterizedTest(name = "{0} is written {1}")
  @CsvSource(delimiter = '|', textBlock = """
          0.0.0.0                   | 0.0.0.0
          255.255.255.255           | 255.255.255.255
          ::                        | ::
          ::1                       | ::1
          1::                       | 1::
          2001:DB8:0:0:1:0:0:1      | 2001:db8::1:0:0:1
          2001:db8:0:1:1:1:1:1      | 2001:db8:0:1:1:1:1:1
          2001:0:0:1:0:0:0:1        | 2001:0:0:1::1
          1:2:3:4:5:6:7::           | 1:2:3:4:5:6:7:0
          ::2:3:4:5:6:7:8           | 0:2:3:4:5:6:7:8
          fe80:0:0:0:0:0:0:0        | fe80::
          ::ffff:192.0.2.1          | ::ffff:192.0.2.1
          64:ff9b::192.0.2.33       | 64:ff9b::c000:221
          ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff | ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
          """)
  void readsAllFormsAndWritesTheCanonicalOne(String in, String out) {
    IpAddress address = IpAddress.parse(in);
    assertEquals(out, address.toString());
    assertEquals(address, IpAddress.parse(out));
    assertEquals(address, IpAddress.of(address.toBytes()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "1.2.3.",
        ".1.2.3",
        "1.2.3.4 ",
        "1.2.3.4/32",
        "1.2.3.0004",
        ":",
        ":::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "12345::",
        "1:2:3:4:5:6:7:",
        ":1::",
        "g::",
        "::1.2.3",
        "1:2:3:4:5:6:7:1.2.3.4",
        "fe80::1%eth0",
        "::1.2.3.4:5",
        "1.2.3.4::"
      })
  void refusesWhatIsNoAddress(String text) {
    assertTrue(IpAddress.tryParse(text).isEmpty(), text);
    Exception refusal = assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(text));
    assertTrue(refusal.getMessage().contains("'" + text + "'"), refusal.getMessage());
  }

  @Test
  void agreesWithTheJdkOnRandomAddresses() throws Exception {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
      for (int b = 0; b < bytes.length; b++) {
        bytes[b] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : 0);
      }
      IpAddress address = IpAddress.of(bytes);
      assertArrayEquals(bytes, address.toBytes());
      assertEquals(address, IpAddress.parse(address.toString()));
      if (bytes.length == 4) {
        assertEquals(InetAddress.getByAddress(bytes).getHostAddress(), address.toString());
      }
    }
  }

  @Test
  void ordersByFamilyThenUnsignedValue() {
    assertTrue(IpAddress.parse("255.0.0.0").compareTo(IpAddress.parse("::")) < 0);
    assertTrue(IpAddress.parse("127.0.0.1").compareTo(IpAddress.parse("128.0.0.1")) < 0);
    assertTrue(IpAddress.parse("7fff::").compareTo(IpAddress.parse("8000::")) < 0);
    assertNotEquals(IpAddress.parse("1.2.3.4"), IpAddress.parse("::ffff:1.2.3.4"));
  }

  @Test
  void addsAcrossWordsAndBits() {
    assertEquals("10.1.0.0", IpAddress.parse("10.0.255.255").plus(1).toString());
    assertEquals("1:0:0:1::", IpAddress.parse("1::ffff:ffff:ffff:ffff").plus(1).toString());
    assertTrue(IpAddress.parse("8000::").bit(0));
    assertTrue(IpAddress.parse("0.0.0.1").bit(31));
  }

  @Test
  void knowsItsKinds() {
    assertTrue(
        IpAddress.parse("127.3.2.1").isLoopback() && IpAddress.parse("::1").isLoopback());
    assertTrue(
        IpAddress.parse("224.0.0.1").isMulticast() && IpAddress.parse("ff02::1").isMulticast());
    assertTrue(IpAddress.parse("169.254.1.1").isLinkLocal()
        && IpAddress.parse("febf::1").isLinkLocal());
    assertTrue(
        IpAddress.parse("0.0.0.0").isUnspecified() && IpAddress.parse("::").isUnspecified());
  }

  @Test
  void macAddressesRoundTrip() {
    MacAddress mac = MacAddress.parse("02:AB:00:00:ff:01");
    assertEquals("02:ab:00:00:ff:01", mac.toString());
    assertEquals(mac, MacAddress.of(mac.toBytes()));
    assertThrows(IllegalArgumentException.class, () -> MacAddress.parse("02:ab:00:00:ff"));
  }
}
