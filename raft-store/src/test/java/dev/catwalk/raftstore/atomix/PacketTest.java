package dev.catwalk.raftstore.atomix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.Roster;
import io.atomix.protocols.raft.RaftError;
import io.atomix.protocols.raft.protocol.AppendRequest;
import io.atomix.protocols.raft.protocol.AppendResponse;
import io.atomix.protocols.raft.protocol.RaftResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketTest {
  private static final Hello MINE = new Hello(1, 1, "lab", "n1", "");
  private static final Set<String> MEMBERS = Set.of("n1", "n2");

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      commit  | 0000000b 04 0000000000000007 beef | COMMIT
      answer  | 00000009 06 00000000000000ff      | ANSWER
      state   | 0000000a 08 0000000000000007 01   | STATE
      taken in | 00000011 0a 0000000000000007 0000000000000001 | JOIN
      alive   | 00000009 0b 0000000000000001      | HEARTBEAT
      read    | 00000009 0c 0000000000000001      | READ
      unknown | 00000009 7f 0000000000000001      |
      short   | 00000008 04 00000000000000        |
      """)
  void packetsStay(String name, String hex, String kind) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    ByteBuf body = Unpooled.wrappedBuffer(bytes, 4, bytes.length - 4);
    if (kind == null) {
      assertThrows(IllegalArgumentException.class, () -> Packet.decode(body));
      return;
    }
    Packet packet = Packet.decode(body);
    assertEquals(Packet.Kind.valueOf(kind), packet.kind());
    ByteBuf again = Unpooled.buffer();
    packet.encode(again);
    byte[] written = new byte[again.readableBytes()];
    again.readBytes(written);
    assertArrayEquals(bytes, written);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      a member            | 1 | 1 | lab   | n2 | n1 |
      another version     | 2 | 1 | lab   | n2 | n1 | protocol version
      another cluster     | 1 | 1 | other | n2 | n1 | cluster
      with TLS            | 1 | 0 | lab   | n2 | n1 | insecure
      for another member  | 1 | 1 | lab   | n2 | n3 | not n3
      a stranger          | 1 | 1 | lab   | n9 | n1 | does not know
      """)
  void helloSaysWhoIsWelcome(
      String name, int version, int flags, String cluster, String from, String to, String why) {
    Hello hello = Hello.decode(new Hello(version, flags, cluster, from, to).encode());
    String refusal = refusal(hello);
    if (why == null) {
      assertNull(refusal);
    } else {
      assertTrue(refusal.contains(why), refusal);
    }
  }

  private static String stranger(Hello hello) {
    return MEMBERS.contains(hello.from()) ? null : "store.members does not know it";
  }

  private static String refusal(Hello hello) {
    String refusal = hello.refusal(MINE);
    return refusal == null ? stranger(hello) : refusal;
  }

  @Test
  void helloIsReadWithCare() {
    Roster founders = Roster.founders(Map.of("n1", "a:1", "n2", "b:2"));
    Hello founder = MINE.at(founders);
    assertEquals(List.of("n1", "n2"), founder.founders());
    assertEquals(founder, Hello.decode(founder.encode()));
    Hello later = MINE.at(founders.without("n2"));
    byte[] good = later.encode();
    assertEquals(later, Hello.decode(good));
    int rosters = good.length - 1; // As programs said it before there were founders.
    assertEquals(later, Hello.decode(Arrays.copyOf(good, rosters)));
    int formats = rosters - Long.BYTES; // As programs said it before there were rosters.
    assertEquals(MINE, Hello.decode(Arrays.copyOf(good, formats)));
    int old = formats - Short.BYTES; // As programs said it before there were formats.
    assertEquals(Format.OLDEST, Hello.decode(Arrays.copyOf(good, old)).format());
    for (int length = 0; length < old; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThrows(IllegalArgumentException.class, () -> Hello.decode(cut));
    }
    byte[] other = "GET / HTTP/1.1\r\n".getBytes(UTF_8);
    assertThrows(IllegalArgumentException.class, () -> Hello.decode(other));
  }

  private static ByteBuf packet(Packet.Kind kind, byte[] body) {
    ByteBuf out = Unpooled.buffer();
    new Packet(kind, 5, body).encode(out);
    return out.skipBytes(4); // What the framing leaves of it.
  }

  @Test
  void nothingIsServedBeforeTheHello() {
    EmbeddedChannel channel = new EmbeddedChannel(
        server((from, request) -> CompletableFuture.failedFuture(new AssertionError())));
    channel.writeInbound(packet(Packet.Kind.COMMIT, new byte[3]));
    assertFalse(channel.isOpen(), "the connection is closed");
    channel.finishAndReleaseAll();
  }

  @Test
  void aRefusalNamesTheReasonAndCloses() {
    EmbeddedChannel channel = new EmbeddedChannel(
        server((from, request) -> CompletableFuture.failedFuture(new AssertionError())));
    Hello stranger = new Hello(1, 1, "other", "n2", "n1");
    channel.writeInbound(packet(Packet.Kind.HELLO, stranger.encode()));
    ByteBuf answer = assertInstanceOf(ByteBuf.class, channel.readOutbound());
    Packet refused = Packet.decode(answer.skipBytes(4));
    assertEquals(Packet.Kind.REFUSED, refused.kind());
    assertTrue(new String(refused.body(), UTF_8).contains("store.members"));
    assertFalse(channel.isOpen());
    answer.release();
    channel.finishAndReleaseAll();
  }

  /** Whoever asks on and on without an answer loses the connection. */
  @Test
  void unansweredRequestsAreBounded() {
    CompletableFuture<byte[]> later = new CompletableFuture<>();
    EmbeddedChannel channel = new EmbeddedChannel(server((from, request) -> later));
    channel.writeInbound(packet(Packet.Kind.HELLO, new Hello(1, 1, "lab", "n2", "n1").encode()));
    for (int i = 0; i < 256; i++) {
      channel.writeInbound(packet(Packet.Kind.RAFT, new byte[1]));
    }
    assertTrue(channel.isOpen());
    channel.writeInbound(packet(Packet.Kind.RAFT, new byte[1]));
    assertFalse(channel.isOpen());
    channel.finishAndReleaseAll();
  }

  @Test
  void aHeartbeatAndItsAnswerAreReadAsTheyWereWritten() {
    AppendRequest request = new AppendRequest(7, "node-é", 41, 6, new ArrayList<>(), 40);
    assertEquals(request, Heartbeat.request(Heartbeat.encode(request)));
    for (boolean succeeded : new boolean[] {true, false}) {
      AppendResponse answer =
          new AppendResponse(RaftResponse.Status.OK, null, 1L << 40, succeeded, 41);
      assertEquals(answer, Heartbeat.answer(Heartbeat.encode((RaftResponse) answer)));
    }
    assertThrows(IllegalArgumentException.class, () -> Heartbeat.request(new byte[32]));
    assertThrows(IllegalArgumentException.class, () -> Heartbeat.answer(new byte[16]));
    RaftResponse unable = new AppendResponse(
        RaftResponse.Status.ERROR,
        new RaftError(RaftError.Type.UNAVAILABLE, "not now"),
        0,
        false,
        0);
    assertThrows(IllegalStateException.class, () -> Heartbeat.encode(unable));
  }

  private static PeerServer server(PeerServer.Handler handler) {
    return new PeerServer(
        MINE,
        PacketTest::stranger,
        new Refusals(),
        (from, channel) -> new PeerTalk(from.from(), channel, handler, answer -> {
          throw new AssertionError("nothing was asked");
        }));
  }
}
