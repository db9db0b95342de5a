package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import org.junit.jupiter.api.Test;

class MessageHandlerTest {
  @Test
  void whyAConnectionFailedIsSaidInTheKernelsWords() {
    assertEquals(
        "Connection refused",
        Framing.reason(new ConnectException(
            "finishConnect(..) failed with error(-111): Connection refused: /172.16.16.4:179")));
    assertEquals(
        "connection timed out after 10000 ms",
        Framing.reason(
            new ConnectException("connection timed out after 10000 ms: tor/[2001:db8::1]:179")));
    assertEquals(
        "No route to host", Framing.reason(new NoRouteToHostException("null: /172.16.16.4:179")));
    assertEquals("password file: no", Framing.reason(new IOException("password file: no")));
    assertEquals("IOException", Framing.reason(new IOException()));
  }
}
