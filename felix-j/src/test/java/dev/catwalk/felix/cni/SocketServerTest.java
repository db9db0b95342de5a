package dev.catwalk.felix.cni;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SocketServerTest {
  @TempDir
  private Path dir;

  @Test
  void answersEachKindOfQuestion() throws IOException {
    Path path = dir.resolve("run/agent.sock");
    try (SocketServer _ = SocketServer.open(path, echo())) {
      assertEquals("json {}", ask(path, "{}"));
      assertEquals("cni A=B", ask(path, "CA=B"));
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }
    assertFalse(Files.exists(path));
  }

  @Test
  void aSlowQuestionHoldsUpNobody() throws Exception {
    Path path = dir.resolve("agent.sock");
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    Requests slow = new Requests() {
      @Override
      public byte[] json(byte[] question) {
        inside.countDown();
        try {
          leave.await();
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        return question;
      }

      @Override
      public byte[] cni(byte[] question) {
        return question;
      }
    };
    try (SocketServer _ = SocketServer.open(path, slow);
        SocketChannel first = connect(path)) {
      Frame.write(first, bytes("{}"));
      inside.await();
      assertEquals("quick", ask(path, "Cquick"));
      leave.countDown();
      assertArrayEquals(bytes("{}"), Frame.read(first));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Frame.MAX_LENGTH + 1, Integer.MAX_VALUE})
  void aFrameOfNonsenseIsHungUpOn(int length) throws IOException {
    Path path = dir.resolve("agent.sock");
    try (SocketServer _ = SocketServer.open(path, echo());
        SocketChannel channel = connect(path)) {
      channel.write(ByteBuffer.allocate(4).putInt(length).flip());
      assertThrows(EOFException.class, () -> Frame.read(channel));
      assertEquals("json {}", ask(path, "{}"));
    }
  }

  @Test
  void aDeadAgentsSocketIsReplacedAndALiveOneIsNot() throws IOException {
    Path path = dir.resolve("agent.sock");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(path));
    }
    try (SocketServer _ = SocketServer.open(path, echo())) {
      IOException e = assertThrows(IOException.class, () -> SocketServer.open(path, echo()));
      assertTrue(e.getMessage().contains("another agent answers at " + path), e.getMessage());
      assertEquals("json {}", ask(path, "{}"));
    }
  }

  @Test
  void aPathThatNoKernelTakesIsNamed() {
    Path path = dir.resolve("x".repeat(120));
    IOException e = assertThrows(IOException.class, () -> SocketServer.open(path, echo()));
    assertTrue(e.getMessage().contains("shorter --root"), e.getMessage());
  }

  private static Requests echo() {
    return new Requests() {
      @Override
      public byte[] json(byte[] question) {
        return bytes("json " + new String(question, StandardCharsets.UTF_8));
      }

      @Override
      public byte[] cni(byte[] question) {
        return bytes("cni " + new String(question, StandardCharsets.UTF_8));
      }
    };
  }

  private static String ask(Path path, String question) throws IOException {
    try (SocketChannel channel = connect(path)) {
      Frame.write(channel, bytes(question));
      return new String(Frame.read(channel), StandardCharsets.UTF_8);
    }
  }

  private static SocketChannel connect(Path path) throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(path));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
