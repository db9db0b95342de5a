package dev.catwalk.lab.bgp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.EncodeContext;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.Open;
import dev.catwalk.bgp.wire.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is stopped for a while and goes on: the peer has spoken all the time. */
class PauseTest {
  private static final int HOLD_TIME = 3;
  private static final int NOTIFICATION = 3;
  private static final int KEEPALIVE = 4;

  @TempDir
  Path dir;

  /** Longer than a keepalive interval; then longer than the hold time, so that it is due on waking. */
  @Test
  void aPauseLosesNoSessionWhosePeerHasSpokenMeanwhile() throws Exception {
    int port;
    try (ServerSocket any = new ServerSocket(0)) {
      port = any.getLocalPort();
    }
    Path config = Files.writeString(dir.resolve("bgp.yaml"), """
        as: 65001
        routerId: 10.0.0.1
        listen: ["127.0.0.1:%d"]
        dynamic: [{prefix: 127.0.0.0/8, as: any, holdTime: %d}]
        """.formatted(port, HOLD_TIME));
    Process speaker = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            SpeakerProcess.class.getName(),
            config.toString())
        .redirectError(dir.resolve("log").toFile())
        .redirectOutput(dir.resolve("out").toFile())
        .start();
    try {
      Socket[] peer = new Socket[1];
      assertTrue(
          Netns.within(40, () -> {
            try {
              peer[0] = new Socket(InetAddress.getLoopbackAddress(), port);
              return true;
            } catch (IOException e) {
              return false;
            }
          }),
          "it listens");
      try (Socket socket = peer[0]) {
        converse(socket, speaker);
      }
    } finally {
      speaker.destroyForcibly().waitFor();
    }
  }

  private static void converse(Socket socket, Process speaker) throws Exception {
    socket.setSoTimeout(20_000);
    DataInputStream in = new DataInputStream(socket.getInputStream());
    send(socket, Open.of(65002, HOLD_TIME, 7, List.of(AfiSafi.IPV4_UNICAST)));
    send(socket, new Keepalive());
    int seen = 0;
    while (seen < 2) { // OPEN and the first KEEPALIVE
      seen += type(in) == NOTIFICATION ? 100 : 1;
    }
    assertEquals(2, seen, "no NOTIFICATION");
    for (int seconds : List.of(2, HOLD_TIME + 3)) {
      signal("-STOP", speaker);
      for (int i = 0; i < 2 * seconds; i++) {
        send(socket, new Keepalive());
        TimeUnit.MILLISECONDS.sleep(500); // the pause itself is what is tested
      }
      signal("-CONT", speaker);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(HOLD_TIME);
      int keepalives = 0;
      while (System.nanoTime() < end || keepalives == 0) {
        send(socket, new Keepalive());
        int type = type(in);
        assertTrue(type != NOTIFICATION, "the session is ended after a pause of " + seconds + " s");
        keepalives += type == KEEPALIVE ? 1 : 0;
      }
    }
  }

  private static void signal(String which, Process process) throws Exception {
    Netns.run("kill", which, Long.toString(process.pid()));
  }

  private static void send(Socket to, Message message) throws IOException {
    ByteBuf out = Unpooled.buffer();
    Wire.encode(message, new EncodeContext(true, Wire.MESSAGE_LIMIT), out);
    to.getOutputStream().write(out.array(), 0, out.readableBytes());
  }

  private static int type(DataInputStream in) throws IOException {
    byte[] header = in.readNBytes(Wire.HEADER_LENGTH);
    if (header.length < Wire.HEADER_LENGTH) {
      return NOTIFICATION; // closed
    }
    in.readNBytes(((header[16] & 0xff) << 8 | header[17] & 0xff) - header.length);
    return header[18];
  }
}
