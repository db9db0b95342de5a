package dev.catwalk.bgp.netty;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.bgp.mrt.MrtDecoder;
import dev.catwalk.bgp.mrt.MrtException;
import dev.catwalk.bgp.mrt.MrtInput;
import dev.catwalk.bgp.mrt.MrtSettings;
import dev.catwalk.bgp.mrt.MrtText;
import dev.catwalk.bgp.speaker.DynamicPeers;
import dev.catwalk.bgp.speaker.Origination;
import dev.catwalk.bgp.speaker.SessionConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig;
import dev.catwalk.bgp.speaker.SpeakerConfig.ListenAddress;
import dev.catwalk.bgp.speaker.SpeakerConfig.Multipath;
import dev.catwalk.bgp.speaker.StopMode;
import dev.catwalk.bgp.wire.AsPath;
import dev.catwalk.bgp.wire.Communities;
import dev.catwalk.bgp.wire.Nlri;
import dev.catwalk.bgp.wire.Origin;
import dev.catwalk.bgp.wire.PathAttributes;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.WireException;
import dev.catwalk.net.addr.Family;
import dev.catwalk.net.addr.IpAddress;
import dev.catwalk.net.addr.Prefix;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a speaker with one peer, played by hand, as our own reader and bgpdump read them. */
class MrtRecorderTest {
  private static final SessionConfig SESSION =
      new SessionConfig(90, SessionConfig.THIRD_OF_HOLD, true, false, List.of(Family.IPV4));
  private static final PathAttributes ATTRIBUTES = PathAttributes.builder(
          Origin.IGP, AsPath.sequence(65002, 4_200_000_000L), IpAddress.parse("192.0.2.1"))
      .communities(Communities.of(65002 << 16 | 7))
      .med(5)
      .build();

  @TempDir
  Path dir;

  private BgpService service;
  private PlainPeer peer;

  @BeforeEach
  void start() throws IOException, WireException {
    int port;
    try (ServerSocket any = new ServerSocket(0)) {
      port = any.getLocalPort();
    }
    service = BgpService.start(new SpeakerConfig(
        65001,
        IpAddress.parse("10.0.0.1"),
        List.of(new ListenAddress(IpAddress.parse("127.0.0.1"), port)),
        Multipath.OFF,
        List.of(),
        List.of(new DynamicPeers(Prefix.parse("127.0.0.0/8"), DynamicPeers.ANY_AS, SESSION))));
    service.record(Optional.of(new MrtSettings(dir.toString(), 1, 600, 2)));
    service.originate(new TreeMap<>(Map.of(Prefix.parse("fd00:1::/64"), Origination.PLAIN)));
    peer = new PlainPeer(65002, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    peer.announce(ATTRIBUTES, Nlri.of(Prefix.parse("10.1.0.0/16")));
    peer.announce(ATTRIBUTES, Nlri.of(Prefix.parse("10.2.3.128/25")));
    peer.send(Update.withdraw(Nlri.of(Prefix.parse("10.1.0.0/16"))));
  }

  @AfterEach
  void stop() throws IOException {
    peer.close();
    service.stop(StopMode.STOP);
  }

  private static void within(BooleanSupplier condition, String what) {
    long end = System.nanoTime() + 30_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, () -> "in vain: " + what);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private TreeSet<Path> files(String kind) {
    TreeSet<Path> files = new TreeSet<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(dir, kind + ".*.mrt")) {
      all.forEach(files::add);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return files;
  }

  /** As {@code bgpdump -m} has it, from its fourth word on: the third is the time. */
  private static List<String> lines(Path file) {
    List<String> lines = new ArrayList<>();
    try (InputStream in = new ByteArrayInputStream(octets(file))) {
      MrtInput records = new MrtInput(in);
      MrtDecoder decoder = new MrtDecoder();
      for (MrtInput.Raw raw = records.next(); raw != null; raw = records.next()) {
        MrtText text = new MrtText(raw.header(), 0);
        decoder.decode(raw.header(), raw.body(), entry -> text.line(entry).ifPresent(lines::add));
      }
    } catch (IOException | MrtException e) {
      throw new AssertionError(file.toString(), e);
    }
    return lines.stream().map(MrtRecorderTest::withoutTime).toList();
  }

  /** Nothing of one that was the oldest and has just gone. */
  private static byte[] octets(Path file) throws IOException {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return new byte[0];
    }
  }

  private static String withoutTime(String line) {
    return line.replaceFirst("^([^|]*)\\|[^|]*", "$1|");
  }

  /** The lines of a table that has such a one; none: there is no such table as yet. */
  private List<String> tableWith(String text) {
    return files("rib").stream()
        .map(MrtRecorderTest::lines)
        .filter(all -> all.stream().anyMatch(l -> l.contains(text)))
        .findFirst()
        .orElse(List.of());
  }

  @Test
  void updatesAndTablesAreReadAsTheyWereSaid() throws IOException {
    List<String> rows = new ArrayList<>();
    within(() -> rows.addAll(tableWith("10.2.3.128/25")), "a table with what the peer said");
    String route = "|127.0.0.1|65002|10.2.3.128/25|65002 4200000000|IGP|192.0.2.1|0|5|65002:7|";
    assertTrue(rows.stream().anyMatch(l -> l.contains(route)), rows::toString);
    assertTrue(rows.stream().anyMatch(l -> l.contains("fd00:1::/64||IGP|")), rows::toString);
    assertEquals(2, rows.size(), rows::toString);
    assertTrue(lastsTwoTables(), "more tables than two");
    peer.close();
    Path updates = files("updates").first();
    within(() -> lines(updates).stream().anyMatch(l -> l.endsWith("|6|1")), "the end");
    List<String> said = lines(updates);
    assertEquals(
        List.of("STATE", "A", "A", "W", "STATE"),
        said.stream().map(l -> l.split("[|]")[2]).toList(),
        said::toString);
    assertTrue(said.get(2).contains(route), said::toString);
    assertTrue(said.get(3).endsWith("|127.0.0.1|65002|10.1.0.0/16"), said::toString);
  }

  private boolean lastsTwoTables() {
    Path first = files("rib").first();
    within(() -> !Files.exists(first), "the oldest table goes");
    return files("rib").size() <= 3; // one may have come before the oldest has gone
  }

  @Test
  void bgpdumpReadsThem() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/bgpdump")), "needs Debian's bgpdump");
    within(() -> !tableWith("10.2.3.128/25").isEmpty(), "a table with what the peer said");
    service.record(Optional.empty());
    assertEquals(1, service.peers().size()); // asked after it: nothing is written any more
    for (Path file : List.of(files("rib").last(), files("updates").first())) {
      assertEquals(lines(file), bgpdump(file));
    }
  }

  private static List<String> bgpdump(Path file) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("bgpdump", "-m", file.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor());
    return out.lines().map(MrtRecorderTest::withoutTime).toList();
  }

  /** What is more than the room that there is, of whichever peer, is lost, and what comes then is not. */
  @Test
  void whatFindsNoPlaceIsLost() throws IOException {
    Path own = Files.createDirectory(dir.resolve("own"));
    try (MrtFiles files = new MrtFiles(new MrtSettings(own.toString(), 3600, 600, 2), () -> {})) {
      assertTrue(files.hasRoom());
      files.update(Unpooled.wrappedBuffer(new byte[(16 << 20) + 1]));
      files.update(Unpooled.wrappedBuffer(new byte[777]));
    }
    within(() -> length(own) == 777, "the small one alone is written");
  }

  private static long length(Path directory) {
    long octets = 0;
    for (String name : Objects.requireNonNull(directory.toFile().list())) {
      octets += directory.resolve(name).toFile().length();
    }
    return octets;
  }
}
