package dev.catwalk.bgp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many prefixes in few messages. */
class PackingTest {
  private static final EncodeContext FOUR = new EncodeContext(true, Wire.MESSAGE_LIMIT);

  private static PathAttributes attributes(Family family) {
    IpAddress hop = IpAddress.parse(family == Family.IPV4 ? "192.0.2.1" : "2001:db8::1");
    return PathAttributes.builder(Origin.IGP, AsPath.sequence(65001, 100000), hop)
        .build();
  }

  private static Nlri random(Family family, int count) {
    SplittableRandom random = new SplittableRandom(7);
    List<Prefix> prefixes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      prefixes.add(
          family == Family.IPV4
              ? Prefix.of(IpAddress.v4(0x0a000000 | random.nextInt(1 << 24)), random.nextInt(8, 33))
              : Prefix.of(
                  IpAddress.v6(
                      0x2001_0db8L << 32 | random.nextInt() & 0xffff_ffffL, random.nextLong()),
                  random.nextInt(32, 129)));
    }
    return Nlri.of(family, prefixes);
  }

  private static int octets(Nlri nlri) {
    int octets = 0;
    for (int i = 0; i < nlri.size(); i++) {
      octets += NlriCodec.size(nlri, i, false);
    }
    return octets;
  }

  @ParameterizedTest
  @EnumSource
  void fillsMessagesUpToTheLimit(Family family) throws WireException {
    Nlri prefixes = random(family, 10_000);
    for (Update update :
        List.of(Update.announce(attributes(family), prefixes), Update.withdraw(prefixes))) {
      ByteBuf out = Unpooled.buffer();
      Wire.encode(update, FOUR, out);
      List<Message> messages = Frames.decodeAll(out, Frames.ebgp());
      List<Prefix> got = new ArrayList<>();
      for (Message message : messages) {
        Update part = (Update) message;
        assertEquals(List.of(), part.problems());
        part.withdrawn().forEach(got::addAll);
        part.announced().forEach(r -> {
          assertEquals(attributes(family), r.attributes());
          got.addAll(r.prefixes());
        });
      }
      assertEquals(prefixes, got);
      int least = Wire.MESSAGE_LIMIT - 23 - 64 - NlriCodec.LONGEST;
      assertTrue(messages.size() <= octets(prefixes) / least + 1, messages.size() + " messages");
    }
  }

  /** To the octet: one more prefix would not fit. */
  @Test
  void theLimitIsReachedExactly() throws WireException {
    PathAttributes attributes = attributes(Family.IPV4);
    int room =
        Wire.MESSAGE_LIMIT - 23 - AttributeEncoder.encode(attributes, FOUR).readableBytes();
    List<Prefix> prefixes = new ArrayList<>();
    for (int i = 0; i < room / 5; i++) {
      prefixes.add(IpAddress.v4(0x0a000000 + i).asPrefix());
    }
    for (int i = 0; i < room % 5; i++) {
      prefixes.add(Prefix.parse("0.0.0.0/0"));
    }
    ByteBuf out = Unpooled.buffer();
    Wire.encode(Update.announce(attributes, Nlri.of(Family.IPV4, prefixes)), FOUR, out);
    assertEquals(Wire.MESSAGE_LIMIT, out.writerIndex());
    prefixes.add(Prefix.parse("0.0.0.0/0"));
    Wire.encode(Update.announce(attributes, Nlri.of(Family.IPV4, prefixes)), FOUR, out.clear());
    assertEquals(2, Frames.decodeAll(out, Frames.ebgp()).size());
  }

  /** RFC 8654 §4: withdrawn where it does not fit; larger messages take it. */
  @Test
  void routesThatDoNotFitAreWithdrawn() throws WireException {
    PathAttributes big = attributes(Family.IPV4)
        .with()
        .communities(Communities.of(new int[1010]))
        .build();
    Nlri prefixes = Nlri.of(Prefix.parse("10.42.1.0/24"));
    assertFalse(Wire.fits(big, FOUR));
    assertTrue(Wire.fits(attributes(Family.IPV6), FOUR));
    assertTrue(Wire.fits(big, new EncodeContext(true, Wire.EXTENDED_MESSAGE_LIMIT)));
    ByteBuf out = Unpooled.buffer();
    Wire.encode(Update.announce(big, prefixes), FOUR, out);
    assertEquals(List.of(Update.withdraw(prefixes)), Frames.decodeAll(out, Frames.ebgp()));
  }

  /** RFC 6793 §4.2.2: what a two-octet speaker sees, and what comes back out of it. */
  @Test
  void twoOctetPeers() throws WireException {
    PathAttributes wide = attributes(Family.IPV4)
        .with()
        .aggregator(new Aggregator(100000, IpAddress.parse("10.0.0.1")))
        .build();
    ByteBuf out = Unpooled.buffer();
    Wire.encode(
        Update.announce(wide, Nlri.of(Prefix.parse("10.42.1.0/24"))),
        new EncodeContext(false, Wire.MESSAGE_LIMIT),
        out);
    assertTrue(Frames.hex(out).contains("4002060202fde95ba0"));
    Update back = (Update) Frames.decodeAll(out, Frames.context("e2")).getFirst();
    assertEquals(wide, back.announced().getFirst().attributes());
  }

  @Test
  void pathsOfMoreThan255() {
    long[] numbers = new long[300];
    java.util.Arrays.fill(numbers, 65001);
    AsPath path = AsPath.sequence(numbers).prepend(65002);
    assertEquals(301, path.length());
    assertEquals(65002, path.neighbourAs());
    assertEquals(
        List.of(1, 255, 45), path.segments().stream().map(s -> s.size()).toList());
    assertEquals(3, AsPath.sequence(1, 2).prepend(3).segments().getFirst().size());
  }
}
