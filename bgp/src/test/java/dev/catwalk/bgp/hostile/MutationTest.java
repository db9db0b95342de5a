package dev.catwalk.bgp.hostile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.bgp.exabgp.DecodeRequest;
import dev.catwalk.bgp.exabgp.EncodeRequest;
import dev.catwalk.bgp.exabgp.JsonVersion;
import dev.catwalk.bgp.exabgp.MalformedException;
import dev.catwalk.bgp.mrt.MrtDecoder;
import dev.catwalk.bgp.mrt.MrtException;
import dev.catwalk.bgp.mrt.MrtHeader;
import dev.catwalk.bgp.mrt.MrtText;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AttributeCache;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every decoder under seeded damage: nothing but the declared exception comes out of it, memory stays
 * within a multiple of the input, and it ends. {@code -Dcatwalk.bgp.mutants=N} tries N inputs for
 * each in place of 40,000, {@code -Dcatwalk.bgp.mutantSeed=S} others than those of seed 1.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MutationTest {
  @Test
  void messagesOfPeers() throws IOException {
    List<byte[]> seeds = Seeds.messages();
    List<AfiSafi> families = List.of(AfiSafi.IPV4_UNICAST, AfiSafi.IPV6_UNICAST);
    for (boolean four : List.of(true, false)) {
      for (boolean ibgp : List.of(true, false)) {
        DecodeContext context = new DecodeContext(
            four, ibgp, families, Wire.EXTENDED_MESSAGE_LIMIT, new AttributeCache());
        Damage.damage(
            seeds,
            input -> Wire.decode(Unpooled.wrappedBuffer(framed(input)), context),
            WireException.class,
            8_000,
            100);
      }
    }
  }

  /** With a header that fits, most of the time: what has none is refused by two lines. */
  static byte[] framed(byte[] input) {
    if (input.length < Wire.HEADER_LENGTH || input[input.length - 1] == 0x55) {
      return input;
    }
    byte[] framed = input.clone();
    Arrays.fill(framed, 0, 16, (byte) -1);
    framed[16] = (byte) (input.length >> 8);
    framed[17] = (byte) input.length;
    return framed;
  }

  @Test
  void messagesAsExaBgpPrintsThem() throws IOException {
    List<byte[]> seeds = Seeds.messages();
    for (JsonVersion version : JsonVersion.values()) {
      Damage.damage(
          seeds,
          input -> DecodeRequest.parse(HexFormat.of().formatHex(framed(input))).decode(version),
          MalformedException.class,
          100_000,
          2_000);
    }
  }

  @Test
  void commandsOfExaBgp() throws IOException {
    Damage.damage(
        Seeds.commands(),
        input -> EncodeRequest.parse(new String(input, StandardCharsets.UTF_8)).encode(),
        MalformedException.class,
        100_000,
        2_000);
  }

  /** A line for each route, be it of one octet only. */
  @Test
  void recordsOfMrt() throws IOException {
    MrtDecoder decoder = new MrtDecoder();
    List<byte[]> seeds = new ArrayList<>(Seeds.records());
    seeds.add(Arrays.copyOf(
        HexFormat.of()
            .parseHex("37cf89c4000500010000003c0d05c1000038fffdc10000010000002840010100"
                + "40020e02060d05044f193504d71b511026400304c0000138400600c000"),
        800));
    Damage.damage(
        seeds,
        input -> {
          MrtHeader header = MrtHeader.decode(Arrays.copyOf(input, MrtHeader.OCTETS));
          byte[] body = Arrays.copyOfRange(
              input, Math.min(MrtHeader.OCTETS, input.length), Math.max(12, input.length));
          MrtText text = new MrtText(header, 0);
          decoder.decode(header, body, entry -> assertTrue(text.json(entry).has("kind")));
        },
        MrtException.class,
        20_000,
        4_000);
  }
}
