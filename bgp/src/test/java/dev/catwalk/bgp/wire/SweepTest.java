package dev.catwalk.bgp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged messages: nothing but {@link WireException} is thrown, and memory stays in bounds. */
class SweepTest {
  private static final String ATTRIBUTES =
      "40010100 40020a0202 0000fde9 000186a0 400304c0000201 80040400000007 400504 00000064 400600"
          + "c00708 0000fde9 0a000001 c00808 fde90001 fde90002 800904 0a000009 800a04 0a000002"
          + "c01010 0002fde900000001 0002fde900000002 c0110a 0202 0000fde9 000186a0"
          + "c01208 0000fde9 0a000001 c0160b 0006000010 0a000001 0000 c01708 0008 0004 0602 aabb"
          + "c01914 0002fde900000001000200000000000000000001 c0200c 0000fde9 00000001 00000002"
          + "c02304 0000fde9 d063 0003 aabbcc";
  private static final String MP =
      "800e1c 0002 01 10 20010db8000000000000000000000001 00 30 20010db80001"
          + "800f0a 0002 01 30 20010db80002";

  private static List<ByteBuf> messages() {
    return List.of(
        Frames.frame(Wire.OPEN, "04fc00005a0a0000011602140104000100010104000200010200410400010000"),
        Frames.frame(Wire.OPEN, "04fc00005a0a000001ffff000502000202" + "00"),
        Frames.update("180a2a01 200a2a0201", ATTRIBUTES, "180a2a03 00 0f0a2a"),
        Frames.update("", MP + ATTRIBUTES, "180a2a03"),
        Frames.update("", MP, ""),
        Frames.frame(Wire.NOTIFICATION, "0602" + "0a57617274756e6720c3a4"),
        Frames.frame(Wire.ROUTE_REFRESH, "00010001"),
        Frames.frame(Wire.KEEPALIVE, ""));
  }

  private static List<DecodeContext> contexts() {
    return List.of(
        Frames.context("e4"), Frames.context("i4"), Frames.context("e2"), Frames.context("i2"));
  }

  /** Decodes; what was decoded must survive its own encoding. */
  private static boolean survives(ByteBuf frame, DecodeContext context) {
    Message message;
    try {
      message = Wire.decode(frame.duplicate(), context);
    } catch (WireException e) {
      assertTrue(!e.getMessage().isEmpty());
      return false;
    }
    ByteBuf out = Unpooled.buffer();
    Wire.encode(message, new EncodeContext(context.fourByteAs(), Wire.MESSAGE_LIMIT), out);
    try {
      List<Message> again = Frames.decodeAll(out, context);
      if (message instanceof Update update) {
        assertEquals(routes(List.of(update)), routes(again), () -> Frames.hex(frame));
      } else {
        assertEquals(List.of(message), again);
      }
    } catch (WireException e) {
      throw new AssertionError(Frames.hex(frame) + " becomes " + Frames.hex(out), e);
    }
    return true;
  }

  /** Each prefix with what is said of it; Partial, which passing on sets, left aside. */
  private static List<String> routes(List<Message> messages) {
    List<String> routes = new ArrayList<>();
    for (Message message : messages) {
      Update update = (Update) message;
      update.withdrawn().forEach(n -> n.forEach(p -> routes.add("- " + p)));
      for (Update.Reach reach : update.announced()) {
        PathAttributes a = reach.attributes();
        List<Attribute> list = a.list().stream()
            .map(x -> x instanceof Attribute.Unrecognised u
                ? new Attribute.Unrecognised(0xe0, u.type(), u.value())
                : x)
            .toList();
        reach.prefixes().forEach(p -> routes.add("+ " + p + " " + list));
      }
    }
    routes.sort(null);
    return routes;
  }

  @Test
  void undamagedOnesSurvive() {
    for (DecodeContext context : contexts()) {
      for (ByteBuf message : messages()) {
        if (context.fourByteAs() || message.getByte(18) != Wire.UPDATE) {
          assertTrue(survives(message, context), Frames.hex(message));
        }
      }
    }
  }

  @Test
  void everyTruncation() {
    for (DecodeContext context : contexts()) {
      for (ByteBuf message : messages()) {
        for (int length = Wire.HEADER_LENGTH; length < message.writerIndex(); length++) {
          ByteBuf cut = message.copy(0, length);
          cut.setShort(16, length);
          survives(cut, context);
          assertThrowsOnShort(message, length, context);
        }
      }
    }
  }

  /** A frame whose header says more than is there. */
  private static void assertThrowsOnShort(ByteBuf message, int length, DecodeContext context) {
    try {
      Wire.decode(message.copy(0, length), context);
      throw new AssertionError("decoded " + length + " octets of " + Frames.hex(message));
    } catch (WireException e) {
      assertEquals(Fault.BAD_MESSAGE_LENGTH, e.fault());
    }
  }

  @Test
  void everyBitFlipped() {
    for (DecodeContext context : contexts()) {
      for (ByteBuf message : messages()) {
        for (int bit = 8 * Wire.HEADER_LENGTH; bit < 8 * message.writerIndex(); bit++) {
          ByteBuf flipped = message.copy();
          flipped.setByte(bit / 8, flipped.getByte(bit / 8) ^ 1 << bit % 8);
          survives(flipped, context);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void manyDamages(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<DecodeContext> contexts = contexts();
    List<ByteBuf> messages = messages();
    int decoded = 0;
    for (int round = 0; round < 20_000; round++) {
      ByteBuf damaged = messages.get(random.nextInt(messages.size())).copy();
      for (int i = random.nextInt(1, 5); i > 0; i--) {
        damage(damaged, random);
      }
      damaged.setShort(16, damaged.writerIndex());
      decoded += survives(damaged, contexts.get(random.nextInt(contexts.size()))) ? 1 : 0;
    }
    assertTrue(decoded > 2_000, "the damage must leave something to decode: " + decoded);
  }

  private static void damage(ByteBuf frame, SplittableRandom random) {
    int length = frame.writerIndex();
    if (length == Wire.HEADER_LENGTH) {
      return;
    }
    int at = random.nextInt(Wire.HEADER_LENGTH, length);
    switch (random.nextInt(4)) {
      case 0 -> frame.setByte(at, random.nextInt(256));
      case 1 -> frame.setByte(at, frame.getByte(at) + (random.nextBoolean() ? 1 : -1));
      case 2 -> { // an octet less
        frame.setBytes(at, frame.copy(at + 1, length - at - 1));
        frame.writerIndex(length - 1);
      }
      case 3 -> { // some octets twice
        int count = Math.min(random.nextInt(1, 9), length - at);
        ByteBuf tail = frame.copy(at, length - at);
        frame.ensureWritable(count);
        frame.writerIndex(at + count).writeBytes(tail);
      }
      default -> throw new AssertionError();
    }
  }

  /** What a peer's octets make us allocate: a small multiple of them. */
  @Test
  void boundedAllocation() throws WireException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    String base = "40010100 4002060201 0000fde9 400304c0000201";
    List<ByteBuf> worst = List.of(
        Frames.update("", base, "00".repeat(4000)),
        Frames.update("00".repeat(4000), "", ""),
        Frames.update("", base + "800404 00000001".replace(" ", "").repeat(500), "00"),
        Frames.update("", base + "c08200".repeat(1300), "00"),
        Frames.update("", base, "04e0".repeat(1900)),
        Frames.frame(Wire.OPEN, "04fc00005a0a000001ffff0f06" + "020000".repeat(1282)),
        Frames.frame(Wire.OPEN, "04fc00005a0a000001ffff0f0502" + "0f02" + "fb00".repeat(1921)));
    DecodeContext context = Frames.ebgp();
    for (ByteBuf message : worst) {
      for (int warm = 0; warm < 2; warm++) {
        long before = threads.getCurrentThreadAllocatedBytes();
        Wire.decode(message.duplicate(), context);
        long used = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(
            warm == 0 || used < 64L * message.writerIndex(),
            () -> used + " for " + Frames.hex(message).substring(0, 80));
      }
    }
  }
}
