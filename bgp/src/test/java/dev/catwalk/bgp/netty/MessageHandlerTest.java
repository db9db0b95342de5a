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
        MessageHandler.reason(new ConnectException(
            "finishConnect(..) failed with error(-111): Connection refused: /172.16.16.4:179")));
    assertEquals(
        "connection timed out after 10000 ms",
        MessageHandler.reason(
            new ConnectException("connection timed out after 10000 ms: tor/[2001:db8::1]:179")));
    assertEquals(
        "No route to host",
        MessageHandler.reason(new NoRouteToHostException("null: /172.16.16.4:179")));
    assertEquals("password file: no", MessageHandler.reason(new IOException("password file: no")));
    assertEquals("IOException", MessageHandler.reason(new IOException()));
  }
}
