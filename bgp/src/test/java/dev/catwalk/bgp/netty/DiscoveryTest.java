package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.catwalk.bgp.hostile.Damage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 4861 §4.1, §4.2 and what §6.1 says of their validity. */
class DiscoveryTest {
  private static final byte[] MAC = {2, 0, 0, 0, 0, 7};

  @Test
  void weAdvertiseOurselvesAsNobodysDefaultRouter() {
    ByteBuf out = Unpooled.buffer();
    Discovery.advertisement(MAC, out);
    assertEquals("86000000" + "00000000" + "0000000000000000" + "0101020000000007", hex(out));
    out.clear();
    Discovery.advertisement(new byte[0], out);
    assertEquals("86000000" + "00000000" + "0000000000000000", hex(out));
  }

  @Test
  void weAskForAdvertisements() {
    ByteBuf out = Unpooled.buffer();
    Discovery.solicitation(MAC, out);
    assertEquals("8500000000000000" + "0101020000000007", hex(out));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      plain                 | 86001234400007080000000000000000 | true
      an option             | 860012344000070800000000000000000101020000000007 | true
      two options           | 8600123440000708000000000000000001010200000000070501000000000500 | true
      another code          | 86011234400007080000000000000000 | false
      a solicitation        | 85001234000000000000000000000000 | false
      short                 | 860012344000070800000000000000   | false
      an empty option       | 860012344000070800000000000000000100020000000007 | false
      an option cut off     | 8600123440000708000000000000000001020200000000   | false
      half an option        | 8600123440000708000000000000000001 | false
      nothing               | '' | false
      """)
  void whatIsAnAdvertisement(String what, String hex, boolean is) {
    assertEquals(is, Discovery.isAdvertisement(bytes(hex)), what);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      plain            | 8500000000000000 | true
      an option        | 85000000000000000101020000000007 | true
      an advertisement | 86000000000000000000000000000000 | false
      short            | 85000000000000 | false
      """)
  void whatIsASolicitation(String what, String hex, boolean is) {
    assertEquals(is, Discovery.isSolicitation(bytes(hex)), what);
  }

  /** What anybody on a link may send: a seeded run over damaged ones. */
  @Test
  void damagedAdvertisementsAreReadOrNot() {
    List<byte[]> seeds = List.of(
        ByteBufUtil.decodeHexDump(
            "8600123440000708000000000000000001010200000000070501000000000500"),
        ByteBufUtil.decodeHexDump("860012344000070800000000000000000101020000000007"),
        ByteBufUtil.decodeHexDump("85000000000000000101020000000007"));
    Damage.damage(
        seeds,
        input -> {
          ByteBuf in = Unpooled.wrappedBuffer(input);
          assertFalse(Discovery.isAdvertisement(in) && Discovery.isSolicitation(in));
        },
        IOException.class, // it throws nothing
        1_000,
        100);
  }

  private static ByteBuf bytes(String hex) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex));
  }

  private static String hex(ByteBuf buffer) {
    return ByteBufUtil.hexDump(buffer);
  }
}
