package dev.catwalk.felix.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class KernelProbeTest {

  @Test
  void missingCapabilitiesAreNamedWithARemedy() {
    List<String> root = List.of("Name:\tjava", "CapEff:\t000001ffffffffff");
    assertEquals(List.of(), KernelProbe.capabilities(root));
    List<KernelProbe.Problem> none = KernelProbe.capabilities(List.of("CapEff:\t0000000000000000"));
    assertEquals(2, none.size());
    assertTrue(none.getFirst().what().contains("CAP_NET_ADMIN"), none::toString);
    assertTrue(none.getFirst().remedy().contains("root"), none::toString);
    assertEquals(
        1, KernelProbe.capabilities(List.of("CapEff:\t0000000000001000")).size());
  }

  @Test
  void theMachineThatRunsTheKernelTestsLacksNothing() throws Exception {
    try (TestNetns nets = TestNetns.open()) {
      nets.add("p");
      assertEquals(List.of(), KernelProbe.problems());
      assertEquals(List.of(Iptables.values()), KernelProbe.usable());
    }
  }
}
