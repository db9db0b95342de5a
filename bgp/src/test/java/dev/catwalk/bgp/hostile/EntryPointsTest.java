package dev.catwalk.bgp.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.bgp.bfd.BfdException;
import dev.catwalk.bgp.bfd.BfdPacket;
import dev.catwalk.bgp.exabgp.Configuration;
import dev.catwalk.bgp.exabgp.ConfigurationException;
import dev.catwalk.bgp.exabgp.DecodeRequest;
import dev.catwalk.bgp.exabgp.EncodeRequest;
import dev.catwalk.bgp.exabgp.JsonVersion;
import dev.catwalk.bgp.exabgp.MalformedException;
import dev.catwalk.bgp.exabgp.PeerOpen;
import dev.catwalk.bgp.mrt.Captures;
import dev.catwalk.bgp.mrt.MrtDecoder;
import dev.catwalk.bgp.mrt.MrtException;
import dev.catwalk.bgp.mrt.MrtHeader;
import dev.catwalk.bgp.mrt.MrtInput;
import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.AttributeCache;
import dev.catwalk.bgp.wire.DecodeContext;
import dev.catwalk.bgp.wire.Wire;
import dev.catwalk.bgp.wire.WireException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** As {@link MutationTest}: where else octets and texts of others come in. */
@Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EntryPointsTest {
  private static final int FEW = Damage.COUNT / 20;
  private static final long MOST_PARTS = 1 << 18;

  /** Two copies of the largest block while its room grows. */
  private static final long BZIP2 = 2 * 4 * 900_000;

  private static final List<AfiSafi> BOTH = List.of(AfiSafi.IPV4_UNICAST, AfiSafi.IPV6_UNICAST);

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.UTF_8);
  }

  /** Path identifiers (RFC 7911) and IPv6 next hops of IPv4 (RFC 8950), on a stream that is cut. */
  @Test
  void streamsOfPeers() throws IOException {
    List<byte[]> seeds = Seeds.messages();
    DecodeContext context = new DecodeContext(
        true, false, BOTH, Wire.EXTENDED_MESSAGE_LIMIT, BOTH, true, new AttributeCache());
    Damage.damage(
        seeds,
        input -> {
          ByteBuf stream = Unpooled.wrappedBuffer(MutationTest.framed(input), seeds.getFirst());
          while (stream.readableBytes() >= Wire.HEADER_LENGTH) {
            int length = Wire.frameLength(stream, context.messageLimit());
            if (length > stream.readableBytes()) {
              break;
            }
            assertTrue(length >= Wire.HEADER_LENGTH);
            Wire.decode(stream.readSlice(length), context);
          }
        },
        WireException.class,
        12_000,
        100);
  }

  @Test
  void datagramsOfBfd() {
    List<byte[]> seeds = Stream.of(
            "20c0031800000001000000000009eb1000049eb000000000",
            "20c8051800000001000000020000c3500000c35000000000",
            "2084031a0000000100000002000f4240000f42400000000001020304")
        .map(HexFormat.of()::parseHex)
        .toList();
    Damage.damage(
        seeds,
        input -> BfdPacket.decode(Unpooled.wrappedBuffer(input)),
        BfdException.class,
        2_000,
        20);
  }

  @Test
  void opensAsTheExaBgpSpeakerReadsThem() throws IOException {
    List<byte[]> opens = new ArrayList<>();
    for (byte[] message : Seeds.messages()) {
      if (message[Wire.HEADER_LENGTH - 1] == 1) {
        opens.add(message);
      }
    }
    Damage.damage(opens, input -> PeerOpen.read(input), MalformedException.class, 8_000, 200);
  }

  /** The JSON lines of {@code bgp decode} and {@code bgp encode}: cases with their contexts. */
  @Test
  void linesOfJson() throws IOException {
    List<byte[]> lines = new ArrayList<>();
    lines.add(utf8("{\"form\":\"full-message\",\"context\":{\"asn4\":true},\"input\":{\"hex\":\""
        + "FF".repeat(16) + "001304\"}}"));
    lines.add(utf8("{\"form\":\"api\",\"context\":{},\"input\":{\"api_command_v4\":"
        + "\"announce route 10.0.0.0/8 next-hop 192.0.2.1\"}}"));
    for (String file : List.of("decoding.json", "encoding.json")) {
      Path path = Captures.data().resolve("exabgp").resolve(file);
      if (Files.isReadable(path)) {
        JsonNode all = new ObjectMapper().readTree(path.toFile());
        for (JsonNode one : all.has("cases") ? all.get("cases") : all) {
          ((com.fasterxml.jackson.databind.node.ObjectNode) one).remove("expected");
          lines.add(utf8(one.toString()));
        }
      }
    }
    Damage.damage(
        FEW * 4,
        lines,
        input -> DecodeRequest.parse(text(input)).decode(JsonVersion.V5),
        List.of(MalformedException.class),
        200_000,
        2_000);
    Damage.damage(
        FEW * 4,
        lines,
        input -> EncodeRequest.parse(text(input)).encode(),
        List.of(MalformedException.class),
        200_000,
        2_000);
  }

  @Test
  void configurationFilesOfExaBgp() throws IOException {
    List<byte[]> files = new ArrayList<>();
    files.add(utf8("""
        process watch { run /bin/cat; encoder json; }
        template { neighbor base { hold-time 90; family { ipv4 unicast; ipv6 unicast; } } }
        neighbor 192.0.2.1 {
          inherit base; router-id 192.0.2.2; local-address 192.0.2.2; local-as 65001; peer-as 65000;
          capability { asn4 enable; add-path send/receive; graceful-restart 120; }
          api { processes [ watch ]; receive { parsed; update; } }
          static {
            route 10.0.0.0/8 next-hop 192.0.2.9 as-path [ 1 2 ( 3 4 ) ] community [ 1:2 no-export ];
            route 10.1.0.0/16 { next-hop self; med 7; large-community [ 1:2:3 ]; split /18; }
          }
          flow { route f { match { source 10.0.0.0/24; port =80 | >8080; } then { discard; } } }
        }
        """));
    Path cases = Captures.data().resolve("exabgp/conversations.json");
    if (Files.isReadable(cases)) {
      JsonNode all = new ObjectMapper().readTree(cases.toFile());
      for (JsonNode one : all.has("cases") ? all.get("cases") : all) {
        for (JsonNode text : one.findValues("configuration")) {
          if (text.isTextual()) {
            files.add(utf8(text.asText()));
          }
        }
      }
    }
    long[] routes = new long[1];
    Damage.damage(
        FEW * 4,
        files,
        input -> {
          routes[0] = MOST_PARTS; // of one that is refused: as many as there can be
          Configuration read = Configuration.parse("test.conf", text(input));
          routes[0] = read.routes();
        },
        List.of(ConfigurationException.class),
        input -> 200_000 + 4_000L * input.length + 500 * routes[0]);
  }

  /** "split" and "nlri" make one line up to 65,536 routes, and all lines of a file so many. */
  @Test
  void aFileStandsForNoMoreThanSoManyRoutes() throws Exception {
    String neighbor = "neighbor 192.0.2.1 { router-id 192.0.2.2; local-address 192.0.2.2;"
        + " local-as 65001; peer-as 65000; static { ";
    String line = "route %d.0.0.0/8 next-hop self split /24; ";
    StringBuilder all = new StringBuilder(neighbor);
    for (int i = 1; i <= 4; i++) {
      all.append(String.format(line, i));
    }
    assertEquals(4 << 16, Configuration.parse("test.conf", all + "} }").routes());
    String more = all + String.format(line, 5) + "} }";
    assertThrows(ConfigurationException.class, () -> Configuration.parse("test.conf", more));
  }

  /** Whole files, plain and compressed: bounded by what was unpacked of them. */
  @Test
  void filesOfMrt() throws IOException {
    List<byte[]> files = new ArrayList<>();
    for (byte[] record : Seeds.records()) {
      files.add(record);
      if (files.size() >= 50) {
        break;
      }
    }
    java.io.ByteArrayOutputStream packed = new java.io.ByteArrayOutputStream();
    try (var gzip = new java.util.zip.GZIPOutputStream(packed)) {
      for (byte[] record : files) {
        gzip.write(record);
      }
    }
    files.add(packed.toByteArray());
    files.add(Arrays.copyOf(packed.toByteArray(), packed.size() - 3)); // within its checksum
    files.add(HexFormat.of().parseHex("1f8b0800008000")); // ends within gzip's header
    files.add(HexFormat.of() // "MRT" and blanks, by bzip2
        .parseHex("425a683931415926535973857a27000002d600400040000002140020002183419a0891"
            + "71c5dc914e14241ce15e89c0"));
    byte[] two = files.getLast();
    files.add(Arrays.copyOf(two, 2 * two.length));
    System.arraycopy(two, 0, files.getLast(), two.length, two.length);
    MrtDecoder decoder = new MrtDecoder();
    long[] unpacked = new long[1];
    Damage.damage(
        FEW,
        files,
        input -> {
          unpacked[0] = 0;
          MrtInput in = new MrtInput(new ByteArrayInputStream(input));
          for (MrtInput.Raw raw = in.next(); raw != null; raw = in.next()) {
            unpacked[0] += MrtHeader.OCTETS + raw.body().length;
            decoder.decode(raw.header(), raw.body(), entry -> {});
          }
        },
        List.of(MrtException.class, IOException.class),
        input -> 600_000 // buffers, and the record that was not whole
            + (input.length > 2 && input[0] == 'B' ? BZIP2 : 0)
            + 4_000 * Math.max(input.length, unpacked[0]));
  }

  /** Many streams of bzip2 one behind the other, with nothing in them, take no block's room each. */
  @Test
  void emptyStreamsOfBzip2TakeNoRoom() throws IOException {
    byte[] empty = HexFormat.of().parseHex("425a683917724538509000000000");
    byte[] many = new byte[300 * empty.length];
    for (int at = 0; at < many.length; at += empty.length) {
      System.arraycopy(empty, 0, many, at, empty.length);
    }
    Damage.damage(
        0, List.of(many), input -> assertNull(nextOf(input)), List.of(), input -> 600_000);
  }

  private static MrtInput.@Nullable Raw nextOf(byte[] input) throws IOException, MrtException {
    return new MrtInput(new ByteArrayInputStream(input)).next();
  }
}
