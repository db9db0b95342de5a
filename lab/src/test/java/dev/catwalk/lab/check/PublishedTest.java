package dev.catwalk.lab.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.lab.check.Probe.Protocol;
import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedTest {
  private static final Published PUBLISHED =
      Published.parse(List.of("any > a/open", "a/one > a/two", "a/two > a/one:80"));

  @ParameterizedTest(name = "{0} to {1} by {2} {3}")
  @CsvSource({
    "a/one, a/open, PING, 0,    true",
    "a/one, a/open, TCP,  9000, true",
    "a/one, a/two,  PING, 0,    true",
    "a/one, a/two,  TCP,  9000, true",
    "a/two, a/one,  TCP,  80,   true",
    "a/two, a/one,  TCP,  81,   false",
    "a/two, a/one,  PING, 0,    false",
    "a/open, a/one, TCP,  80,   false",
  })
  void onlyWhatIsSaidIsOpen(String from, String to, Protocol protocol, int port, boolean open) {
    IpAddress anywhere = IpAddress.parse("10.42.0.1");
    assertEquals(open, PUBLISHED.pass(new Probe(from, to, anywhere, protocol, port)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/one a/two", "a/one >", "a/one > a/two:http", ""})
  void aLineOfAnotherFormIsShown(String line) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Published.parse(List.of(line)));
    assertTrue(e.getMessage().contains("'" + line + "'"), e.getMessage());
  }

  @Test
  void nothingSaidIsNothingOpen() {
    Probe probe = new Probe("a", "b", IpAddress.parse("10.42.0.1"), Protocol.PING, 0);
    assertEquals(false, Published.parse(List.of()).pass(probe));
  }
}
