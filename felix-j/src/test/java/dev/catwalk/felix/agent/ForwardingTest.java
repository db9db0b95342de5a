package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ForwardingTest {
  @Test
  void itBeginsOnceWhenTheKernelHasTheFirstSettledState() {
    Forwarding forwarding = new Forwarding();
    assertFalse(forwarding.begins(false, 3, 3), "peers have not told all");
    assertFalse(forwarding.begins(true, 4, 3), "the kernel does not have it");
    assertFalse(forwarding.begins(true, 6, 3));
    assertTrue(forwarding.begins(true, 6, 4), "what came after it is not waited for");
    assertFalse(forwarding.begins(true, 6, 6));
  }
}
