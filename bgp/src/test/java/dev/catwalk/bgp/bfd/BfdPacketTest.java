package dev.catwalk.bgp.bfd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rule, octets, verdict: RFC 5880 §4.1 and §6.8.6. */
class BfdPacketTest {

  private static ByteBuf octets(String hex) {
    return Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex.replace(" ", "")));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      up             | 20 c0 03 18 00000001 00000002 000493e0 000493e0 00000000 | state=UP, poll=false
      down, poll     | 21 60 03 18 80000001 00000000 000f4240 000493e0 00000000 | diagnostic=1, state=DOWN, poll=true
      init, final, C | 20 98 05 18 00000001 00000002 ffffffff 00000000 00000000 | fin=true, independent=true, demand=false, detectMult=5, mine=1, yours=2, desiredMinTx=4294967295, requiredMinRx=0
      admin down     | 27 02 03 18 00000001 00000002 000f4240 000493e0 00000000 | diagnostic=7, state=ADMIN_DOWN, poll=false, fin=false, independent=false, demand=true
      """)
  void isReadAndWrittenTheSame(String rule, String hex, String wanted) throws BfdException {
    BfdPacket packet = BfdPacket.decode(octets(hex));
    assertTrue(packet.toString().contains(wanted), packet::toString);
    ByteBuf out = Unpooled.buffer();
    packet.encode(out);
    assertEquals(octets(hex), out);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
      too short            | 20 c0 03 18 00000001 00000002 000493e0 000493e0 000000   | a datagram of 23 octets
      version 0            | 00 c0 03 18 00000001 00000002 000493e0 000493e0 00000000 | version 0
      Length too small     | 20 c0 03 17 00000001 00000002 000493e0 000493e0 00000000 | Length 23
      Length beyond it     | 20 c0 03 19 00000001 00000002 000493e0 000493e0 00000000 | Length 25
      Detect Mult 0        | 20 c0 00 18 00000001 00000002 000493e0 000493e0 00000000 | Detect Mult 0
      the M bit            | 20 c1 03 18 00000001 00000002 000493e0 000493e0 00000000 | the M bit
      My Discriminator 0   | 20 c0 03 18 00000000 00000002 000493e0 000493e0 00000000 | My Discriminator 0
      Your Discriminator 0 | 20 c0 03 18 00000001 00000000 000493e0 000493e0 00000000 | Your Discriminator 0 in state up
      authenticated        | 20 c4 03 18 00000001 00000002 000493e0 000493e0 00000000 | authenticated
      Poll and Final       | 20 f0 03 18 00000001 00000002 000493e0 000493e0 00000000 | Poll and Final
      """)
  void isDiscarded(String rule, String hex, String why) {
    BfdException thrown = assertThrows(BfdException.class, () -> BfdPacket.decode(octets(hex)));
    assertTrue(thrown.getMessage().contains(why), thrown.getMessage());
  }
}
