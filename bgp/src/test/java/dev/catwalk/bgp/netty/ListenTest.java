package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ListenTest {

  /** Each family has its own listener: the unspecified address stands for all of one. */
  @Test
  void bothFamiliesListenOnOnePort() throws IOException {
    try (Transport transport = new Transport(new Mailbox())) {
      int port = transport.listen(IpAddress.parse("0.0.0.0"), 0);
      assertEquals(port, transport.listen(IpAddress.parse("::"), port));
      IOException taken =
          assertThrows(IOException.class, () -> transport.listen(IpAddress.parse("::"), port));
      assertEquals(true, taken.getMessage().startsWith("cannot listen for BGP on :: port " + port));
    }
  }
}
