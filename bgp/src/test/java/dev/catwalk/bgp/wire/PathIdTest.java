package dev.catwalk.bgp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Prefixes with path identifiers (RFC 7911) and IPv4 ones with IPv6 next hops (RFC 8950). */
class PathIdTest {
  private static final EncodeContext ENCODE =
      new EncodeContext(true, Wire.MESSAGE_LIMIT, Frames.BOTH);

  private static DecodeContext decode(List<AfiSafi> addPath, boolean extendedNextHop) {
    return new DecodeContext(
        true,
        true,
        Frames.BOTH,
        Wire.MESSAGE_LIMIT,
        addPath,
        extendedNextHop,
        new AttributeCache());
  }

  private static PathAttributes attributes(IpAddress nextHop) {
    return PathAttributes.builder(Origin.IGP, AsPath.EMPTY, nextHop).build();
  }

  private static List<String> text(Nlri nlri) {
    List<String> text = new ArrayList<>();
    for (int i = 0; i < nlri.size(); i++) {
      text.add(nlri.get(i) + " " + Integer.toUnsignedString(nlri.pathId(i)));
    }
    return text;
  }

  private static List<Update> sent(Update update, EncodeContext context, DecodeContext reader)
      throws WireException {
    ByteBuf out = Unpooled.buffer();
    Wire.encode(update, context, out);
    List<Update> updates = new ArrayList<>();
    while (out.isReadable()) {
      int length = Wire.frameLength(out, Wire.MESSAGE_LIMIT);
      updates.add((Update) Wire.decode(out.readSlice(length), reader));
    }
    return updates;
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void identifiersGoThereAndComeBack(Family family) throws WireException {
    Nlri.Builder builder = new Nlri.Builder(family);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      Prefix prefix = family == Family.IPV4
          ? new Prefix(IpAddress.v4(0x0a00_0000 | i / 2 << 8), 24)
          : new Prefix(IpAddress.v6(0x2001_0db8_0000_0000L | (i / 2L) << 16, 0), 48);
      int id = i % 2 == 0 ? -1 - i : i;
      builder.add(id, prefix.address().high(), prefix.address().low(), prefix.length());
      expected.add(prefix + " " + Integer.toUnsignedString(id));
    }
    Nlri nlri = builder.build();
    IpAddress hop = IpAddress.parse(family == Family.IPV4 ? "10.9.0.1" : "fd00::1");
    DecodeContext reader = decode(Frames.BOTH, false);
    List<String> announced = new ArrayList<>();
    for (Update update : sent(Update.announce(attributes(hop), nlri), ENCODE, reader)) {
      announced.addAll(text(update.announced().getFirst().prefixes()));
    }
    assertEquals(expected, announced);
    List<String> withdrawn = new ArrayList<>();
    for (Update update : sent(Update.withdraw(nlri), ENCODE, reader)) {
      withdrawn.addAll(text(update.withdrawn().getFirst()));
    }
    assertEquals(expected, withdrawn);
  }

  /** RFC 7606 §5.3: a prefix that is cut ends the session, also within its identifier. */
  @Test
  void aCutIdentifierIsRefused() {
    for (String nlri : List.of("00000001", "000000", "00000001 18 0a00", "00000001 21 0a000000")) {
      ByteBuf frame = Frames.frame(Wire.UPDATE, "0000 0000 " + nlri);
      assertThrows(WireException.class, () -> Wire.decode(frame, decode(Frames.BOTH, false)), nlri);
    }
  }

  @Test
  void oneFamilyAlone() throws WireException {
    DecodeContext reader = decode(List.of(AfiSafi.IPV6_UNICAST), false);
    EncodeContext writer =
        new EncodeContext(true, Wire.MESSAGE_LIMIT, List.of(AfiSafi.IPV6_UNICAST));
    Nlri prefixes = Nlri.of(Prefix.parse("10.0.0.0/8"));
    Update update = sent(
            Update.announce(attributes(IpAddress.parse("10.9.0.1")), prefixes), writer, reader)
        .getFirst();
    assertEquals(List.of("10.0.0.0/8 0"), text(update.announced().getFirst().prefixes()));
  }

  @Test
  void ipv4BehindIpv6() throws WireException {
    PathAttributes attributes = attributes(IpAddress.parse("fd00::1"));
    Nlri prefixes = Nlri.of(Prefix.parse("10.0.0.0/8"), Prefix.parse("10.1.0.0/16"));
    EncodeContext writer = new EncodeContext(true, Wire.MESSAGE_LIMIT);
    Update sent = Update.announce(attributes, prefixes);
    Update update = sent(sent, writer, decode(List.of(), true)).getFirst();
    assertEquals(attributes, update.announced().getFirst().attributes());
    assertEquals(prefixes, update.announced().getFirst().prefixes());
    assertTrue(Wire.fits(attributes, writer));
    assertThrows(WireException.class, () -> sent(sent, writer, decode(List.of(), false)));
  }
}
