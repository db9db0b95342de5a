package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.catwalk.bgp.wire.HashKey;
import java.lang.invoke.MethodHandles;
import org.junit.jupiter.api.Test;

class HashKeyIsDrawnTest {
  @Test
  void byEveryServiceBeforeItsFirstHash() throws IllegalAccessException {
    MethodHandles.lookup().ensureInitialized(BgpService.class);
    assertNotNull(System.getProperty(HashKey.PROPERTY));
  }
}
