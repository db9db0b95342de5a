package dev.catwalk.lab.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * One connection that carries gRPC calls side by side, with as little of HTTP/2 (RFC 9113) and HPACK
 * (RFC 7541) as calls of a hundred bytes need: it sends its headers as literals, does not read the
 * server's, and gives the server all the window there is. So the caller costs the server's machine
 * next to nothing. The server is trusted.
 */
final class GrpcChannel implements AutoCloseable {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final int MAX_WINDOW = Integer.MAX_VALUE;
  private static final int FIRST_WINDOW = 65_535;
  private static final int CONNECT_MS = 2000;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private final DataOutputStream out;
  private final LinkedBlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
  private final Map<Integer, Call> calls = new ConcurrentHashMap<>();
  private int nextStream = 1;
  private volatile boolean broken;

  /** A call under way. */
  private static final class Call {
    final CompletableFuture<byte[]> done = new CompletableFuture<>();
    final ByteArrayOutputStream body = new ByteArrayOutputStream();
    final Runnable message;

    Call(Runnable message) {
      this.message = message;
    }
  }

  GrpcChannel(int port) throws IOException {
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MS);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream(), 1 << 16));
    queue.add("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
    byte[] window =
        ByteBuffer.allocate(6).putShort((short) 4).putInt(MAX_WINDOW).array();
    queue.add(frame(SETTINGS, 0, 0, window));
    queue.add(frame(WINDOW_UPDATE, 0, 0, number(MAX_WINDOW - FIRST_WINDOW)));
    Thread.ofPlatform().daemon().name("grpc-write").start(this::write);
    Thread.ofPlatform().daemon().name("grpc-read").start(this::read);
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  private static byte[] frame(int type, int flags, int stream, byte[] body) {
    return ByteBuffer.allocate(9 + body.length)
        .put((byte) (body.length >> 16))
        .putShort((short) body.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(body)
        .array();
  }

  /** Whether the server has gone. */
  boolean broken() {
    return broken;
  }

  /** One call of a method, done with the message of the answer. */
  CompletableFuture<byte[]> call(String method, byte[] request) {
    return begin(method, request, END_STREAM, () -> {});
  }

  /** A call that stays open; whatever the server says is only counted. */
  void open(String method, byte[] request, Runnable message) {
    var unused = begin(method, request, 0, message);
  }

  private CompletableFuture<byte[]> begin(
      String method, byte[] request, int flags, Runnable message) {
    Call call = new Call(message);
    byte[] headers = headers(method);
    byte[] body = ByteBuffer.allocate(5 + request.length)
        .put((byte) 0)
        .putInt(request.length)
        .put(request)
        .array();
    synchronized (this) {
      int stream = nextStream;
      nextStream += 2;
      calls.put(stream, call);
      byte[] both = ByteBuffer.allocate(18 + headers.length + body.length)
          .put(frame(HEADERS, END_HEADERS, stream, headers))
          .put(frame(DATA, flags, stream, body))
          .array();
      queue.add(both);
    }
    if (broken) {
      fail(call);
    }
    return call.done;
  }

  private static byte[] headers(String method) {
    ByteArrayOutputStream block = new ByteArrayOutputStream(128);
    block.write(0x83); // :method POST
    block.write(0x86); // :scheme http
    block.write(0x04); // :path
    text(block, method);
    block.write(0x01); // :authority
    text(block, "localhost");
    block.write(0x0f); // content-type
    block.write(0x10);
    text(block, "application/grpc");
    block.write(0x00);
    text(block, "te");
    text(block, "trailers");
    return block.toByteArray();
  }

  private static void text(ByteArrayOutputStream block, String text) {
    block.write(text.length());
    block.writeBytes(text.getBytes(US_ASCII));
  }

  private void write() {
    try {
      while (!broken) {
        byte[] next = queue.poll();
        if (next == null) {
          out.flush();
          next = queue.take();
        }
        out.write(next);
      }
    } catch (IOException e) {
      broke();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try {
      while (true) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] body = in.readNBytes(length);
        heard(type, flags, stream, body);
      }
    } catch (IOException e) {
      broke();
    }
  }

  private void heard(int type, int flags, int stream, byte[] body) throws IOException {
    Call call = calls.get(stream);
    switch (type) {
      case SETTINGS -> {
        if ((flags & ACK) == 0) {
          queue.add(frame(SETTINGS, ACK, 0, new byte[0]));
        }
      }
      case PING -> {
        if ((flags & ACK) == 0) {
          queue.add(frame(PING, ACK, 0, body));
        }
      }
      case GOAWAY -> throw new IOException("the server ends the connection");
      case DATA -> {
        queue.add(frame(WINDOW_UPDATE, 0, 0, number(Math.max(1, body.length))));
        if (call != null) {
          call.body.writeBytes(body);
          call.message.run();
        }
      }
      default -> {}
    }
    boolean ends = (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    if (call != null && (ends || type == RST_STREAM)) {
      calls.remove(stream);
      byte[] answer = call.body.toByteArray();
      if (answer.length < 5) { // A failure has headers alone.
        fail(call);
      } else {
        call.done.complete(answer);
      }
    }
  }

  private static void fail(Call call) {
    call.done.completeExceptionally(new IOException("the call failed"));
  }

  private void broke() {
    broken = true;
    calls.values().forEach(GrpcChannel::fail);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
