package dev.catwalk.felix.calc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.addr.IpAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class PodWiringTest {

  @Test
  void nameAndMacsFollowFromTheContainer() {
    PodWiring one = wiring("c1", "eth0");
    assertEquals(one.hostName(), PodWiring.hostName("c1", "eth0"));
    assertTrue(PodWiring.isHostName(one.hostName()), one::hostName);
    assertEquals(13, one.hostName().length());
    assertNotEquals(one.hostName(), wiring("c1", "eth1").hostName());
    assertNotEquals(one.hostName(), wiring("c2", "eth0").hostName());
    assertNotEquals(one.hostMac(), one.podMac());
    assertTrue(one.hostMac().toString().startsWith("02:"), one.hostMac()::toString);
    assertFalse(PodWiring.isHostName("cw-vxlan"));
    assertFalse(PodWiring.isHostName("cwABCDEF01234"));
  }

  @Test
  void nonsenseIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new PodWiring("c", "/n", "eth0", List.of(), PodWiring.DEFAULT_MTU));
    assertThrows(
        IllegalArgumentException.class,
        () -> new PodWiring("c", "/n", "eth0", List.of(IpAddress.v4(1)), 500));
  }

  private static PodWiring wiring(String container, String ifName) {
    return new PodWiring(
        container, "/n", ifName, List.of(IpAddress.parse("10.42.7.2")), PodWiring.DEFAULT_MTU);
  }
}
