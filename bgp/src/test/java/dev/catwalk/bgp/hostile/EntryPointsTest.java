package dev.catwalk.bgp.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.catwalk.bgp.bfd.BfdException;
import dev.catwalk.bgp.bfd.BfdPacket;
import dev.catwalk.bgp.exabgp.Commands;
import dev.catwalk.bgp.exabgp.Configuration;
import dev.catwalk.bgp.exabgp.ConfigurationException;
import dev.catwalk.bgp.exabgp.DecodeRequest;
import dev.catwalk.bgp.exabgp.EncodeRequest;
import dev.catwalk.bgp.exabgp.JsonVersion;
import dev.catwalk.bgp.exabgp.MalformedException;
import dev.catwalk.bgp.exabgp.PeerOpen;
import dev.catwalk.bgp.exabgp.RouteBlock;
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
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** As {@link MutationTest}: where else octets and texts of others come in. */
@Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EntryPointsTest {
  private static final int FEW = Damage.COUNT / 20;
  private static final int SPLIT = 1 << 16;

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
    lines.add(utf8("announce route 10.0.0.0/8 next-hop 192.0.2.1 split /20"));
    lines.add(utf8("announce route 10.0.0.0/8 next-hop 192.0.2.1 split /24")); // no message
    int[] written = new int[1];
    Damage.damage(
        FEW * 4,
        lines,
        input -> {
          written[0] = 0;
          written[0] = EncodeRequest.parse(text(input)).encode().length();
        },
        List.of(MalformedException.class),
        input -> 200_000 + 2_000L * input.length + 200L * written[0]);
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
          static { route 2001:db8::/32 next-hop self split /48; route 11.0.0.0/8 next-hop self split /24; }
          flow { route f { match { source 10.0.0.0/24; port =80 | >8080; } then { discard; } } }
        }
        """));
    Path cases = Captures.data().resolve("exabgp/conversations.json");
    if (Files.isReadable(cases)) {
      JsonNode all = new ObjectMapper().readTree(cases.toFile());
      for (JsonNode one : all.has("cases") ? all.get("cases") : all) {
        for (JsonNode config : one.path("configs")) {
          files.add(utf8(config.path("text").asText()));
        }
      }
    }
    Damage.damage(
        FEW * 4,
        files,
        input -> Configuration.parse("test.conf", text(input)),
        List.of(ConfigurationException.class),
        EntryPointsTest::ofAConfiguration);
  }

  private static long ofAConfiguration(byte[] input) {
    return 200_000 + 4_000L * input.length;
  }

  private static String neighbor(int last, String inside) {
    return "neighbor 192.0.2." + last + " { router-id 192.0.2.254; local-address 192.0.2.254;"
        + " local-as 65001; peer-as 65000; " + inside + " } ";
  }

  private static String all(int count, IntFunction<String> one) {
    return IntStream.range(0, count).mapToObj(one).collect(Collectors.joining());
  }

  private static String splits(int count) {
    return "static { " + all(count, i -> "route " + (i + 1) + ".0.0.0/8 next-hop self split /24; ")
        + "} ";
  }

  private static String template(String name, String inside) {
    return "template { neighbor " + name + " { " + inside + "} } ";
  }

  /** Forty templates, each with the one before twice. */
  private static String doubled(String inside) {
    return template("t0", inside)
        + all(40, i -> template("t" + (i + 1), "inherit t" + i + " t" + i + "; "))
        + neighbor(1, "inherit t40;");
  }

  private static void read(long routes, String file) {
    Damage.damage(
        0,
        List.of(utf8(file)),
        input ->
            assertEquals(routes, Configuration.parse("test.conf", text(input)).routes()),
        List.of(),
        EntryPointsTest::ofAConfiguration);
  }

  private static void refused(String why, String file) {
    Damage.damage(
        0,
        List.of(utf8(file)),
        input -> {
          ConfigurationException e = assertThrows(
              ConfigurationException.class, () -> Configuration.parse("test.conf", text(input)));
          assertTrue(String.valueOf(e.getMessage()).contains(why), e::getMessage);
        },
        List.of(),
        EntryPointsTest::ofAConfiguration);
  }

  /** "split" makes one line up to 65,536 routes, and all lines of a file four times so many. */
  @Test
  void aFileMayStandForMoreThanItIsLong() {
    read(4L * SPLIT, neighbor(1, splits(4)));
    refused("split and nlri make more than", neighbor(1, splits(5)));
    refused("cannot be split", neighbor(1, "static { route 10.0.0.0/8 next-hop self split /25; }"));
  }

  @Test
  void whatTemplatesSayIsShared() {
    String routes = "static { " + all(250, i -> "route 10.0." + i + ".0/24 next-hop self; ") + "} ";
    read(250L * 250, template("t", routes) + all(250, i -> neighbor(i, "inherit t;")));
    read(250L * 250, "group g { " + routes + all(250, i -> neighbor(i, "")) + "}");
    read(4L * SPLIT, template("t", splits(1)) + all(4, i -> neighbor(i, "inherit t;")));
    refused(
        "split and nlri make more than",
        template("t", splits(1)) + all(5, i -> neighbor(i, "inherit t;")));
  }

  @Test
  void whatTemplatesInheritTwiceIsNotDoubledWhileItIsRead() {
    String settings = "hold-time 90; family { ipv4 unicast; ipv6 flow; } capability { asn4; } ";
    read(0, doubled(settings));
    refused("routes at most", doubled("static { route 10.0.0.0/8 next-hop self; } "));
    refused("there is no template t", template("t", "inherit t; ") + neighbor(1, "inherit t;"));
    refused("api sections at most", doubled("api { neighbor-changes; } "));
  }

  @Test
  void apisOfAllProcessesAreNoLongerThanTheyAre() {
    String processes = all(256, i -> "process p" + i + " { run /bin/cat; } ");
    String matching = "api { processes-match [ " + "p ".repeat(200) + "]; } ";
    read(0, processes + all(200, i -> neighbor(i, matching)));
    refused("256 processes at most", processes + "process q { run /bin/cat; }");
    String name = "a".repeat(255);
    String process = "process " + name + " { run /bin/cat; } ";
    String api = "api { processes-match [ \"%s\" ]; }";
    read(0, process + neighbor(1, api.formatted("(a|b)*")));
    refused("takes too long", process + neighbor(1, api.formatted("a*a*a*a*a*a*b")));
    refused("255 characters", neighbor(1, api.formatted("(".repeat(100_000))));
    refused("255 characters", "process a" + name + " { run /bin/cat; } ");
  }

  /** As {@link #aFileMayStandForMoreThanItIsLong}: what processes say, and "bgp encode" reads. */
  @Test
  void aCommandMayStandForMoreThanItIsLong() {
    String split = "announce attributes next-hop self split /24 nlri ";
    String most = split + all(4, i -> i + 1 + ".0.0.0/8 ");
    command(
        most,
        line -> assertEquals(
            4L * SPLIT,
            Commands.routes(line).stream().mapToLong(RouteBlock::size).sum()));
    command(
        most + "5.0.0.0/8",
        line -> assertThrows(MalformedException.class, () -> Commands.routes(line)));
    command(
        most,
        line -> assertThrows(
            MalformedException.class, () -> EncodeRequest.parse(line).encode()));
    String group = "group attributes next-hop self community [ " + "1:2 ".repeat(10_000) + "] ;"
        + all(1_000, i -> " announce route ::" + i + "/128 ; announce route ::1 med " + i + " ;");
    command(group, line -> assertEquals(2_000, Commands.routes(line).size()));
    command(
        group + all(1_000, i -> " announce route ::2 med " + i + " ;"),
        line -> assertThrows(
            MalformedException.class, () -> EncodeRequest.parse(line).encode()));
  }

  private static void command(String line, LineReader reader) {
    Damage.damage(
        0,
        List.of(utf8(line)),
        input -> reader.read(text(input)),
        List.of(),
        EntryPointsTest::ofAConfiguration);
  }

  private interface LineReader {
    void read(String line) throws MalformedException;
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
