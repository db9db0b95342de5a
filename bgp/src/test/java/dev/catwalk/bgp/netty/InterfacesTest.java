package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.catwalk.bgp.speaker.Locals;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** What is asked of the kernel for each caller, and how often. */
class InterfacesTest {
  private static final long NOW = Long.MAX_VALUE - 5; // a clock may run over

  private final Interfaces interfaces = new Interfaces();

  private Locals at(int last, long nanos) throws Exception {
    InetAddress address = InetAddress.getByAddress(new byte[] {127, 0, 1, (byte) last});
    return interfaces.locals(new InetSocketAddress(address, 179), NOW + nanos);
  }

  @Test
  void theKernelIsAskedOnceInAWhileWhoeverCalls() throws Exception {
    Locals first = at(1, 0);
    assertEquals("127.0.1.1", first.address().toString());
    assertSame(first, at(1, Interfaces.KEPT_NANOS - 1));
    assertEquals("127.0.1.2", at(2, 0).address().toString());
    Locals later = at(1, Interfaces.KEPT_NANOS);
    assertNotSame(first, later);
    assertEquals(first, later);
  }

  @Test
  void onlySoManyAddressesAreKept() throws Exception {
    Locals first = at(0, 0);
    for (int i = 1; i <= Interfaces.KEPT; i++) {
      at(i, 0);
    }
    assertNotSame(first, at(0, 0));
  }
}
