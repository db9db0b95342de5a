package dev.catwalk.bgp.exabgp;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.HexFormat;

/** A neighbour that waits for a call, brings the session up, and says what it hears. */
final class PlayedNeighbor implements AutoCloseable {
  private static final int DEADLINE_MS = 30_000;

  private final ServerSocket server;
  private Socket socket;

  PlayedNeighbor() throws IOException {
    server = new ServerSocket(0, 4, InetAddress.getLoopbackAddress());
    server.setSoTimeout(DEADLINE_MS);
    socket = new Socket();
  }

  int port() {
    return server.getLocalPort();
  }

  /** Until the session is up: with the OPEN that came, under another identifier. */
  void accept() throws IOException {
    socket = server.accept();
    socket.setSoTimeout(DEADLINE_MS);
    byte[] open = message();
    open[27]++;
    socket.getOutputStream().write(open);
    socket.getOutputStream().write(RouteWriter.framed(4, new Output()));
  }

  /** The body of the next message that is no keepalive, as hexadecimal digits behind its type. */
  String hear() throws IOException {
    while (true) {
      byte[] message = message();
      if (message[18] != 4) {
        return HexFormat.of().formatHex(message).substring(36);
      }
    }
  }

  /** Passes over what comes before the one that holds those digits. */
  String hear(String digits) throws IOException {
    while (true) {
      String heard = hear();
      if (heard.contains(digits)) {
        return heard;
      }
    }
  }

  private byte[] message() throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] header = new byte[19];
    in.readFully(header);
    int length = (header[16] & 0xff) << 8 | header[17] & 0xff;
    byte[] message = Arrays.copyOf(header, length);
    in.readFully(message, 19, length - 19);
    return message;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    server.close();
  }
}
