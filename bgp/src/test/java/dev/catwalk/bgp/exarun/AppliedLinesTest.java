package dev.catwalk.bgp.exarun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.catwalk.bgp.exabgp.ConfigurationException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a line of a process costs when it is applied: so many octets for each of its characters,
 * whatever its routes have in common and however many neighbours there are. What is kept of it cannot
 * be more.
 */
class AppliedLinesTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int LENGTH = 1 << 16;
  private static final int FACTOR = 500;

  private static String all(int count, IntFunction<String> one) {
    return IntStream.range(0, count).mapToObj(one).collect(Collectors.joining());
  }

  private static String neighbors(int count, String family) {
    return "process one { run one; encoder text; } "
        + all(
            count,
            i -> "neighbor 10.0." + i / 250 + "." + (i % 250 + 2)
                + " { router-id 10.0.0.1; local-address 10.0.0.1; local-as 65001; peer-as 65001;"
                + " family { " + family + "; } api { processes [ one ]; } } ");
  }

  private static List<ExaDeed> apply(Stage stage, String line) {
    return stage.speaker.said(9, "one", line);
  }

  /** Applies it twice, since classes are loaded the first time; the second one counts. */
  private static Stage applied(String configuration, String line, long most)
      throws ConfigurationException {
    apply(new Stage(configuration), line);
    Stage stage = new Stage(configuration);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    List<ExaDeed> done = apply(stage, line);
    long used = THREADS.getCurrentThreadAllocatedBytes() - before;
    stage.deeds.addAll(done);
    assertTrue(
        used <= most, () -> used + " octets allocated for " + line.length() + ", not " + most);
    return stage;
  }

  private static long bound(String line) {
    return 200_000 + (long) FACTOR * line.length();
  }

  private static List<String> notes(List<ExaDeed> deeds) {
    return deeds.stream()
        .filter(deed -> deed instanceof ExaDeed.Note)
        .map(deed -> ((ExaDeed.Note) deed).text())
        .toList();
  }

  private static int held(Stage stage) {
    return stage.speaker.peers().firstEntry().getValue().routes.all().size();
  }

  private static String common(String kind) {
    return switch (kind) {
      case "communities" -> "community [ " + all(LENGTH / 8, i -> "1:" + i % 9 + " ") + "]";
      case "attributes" ->
        all(200, i -> "attribute [ 0x" + Integer.toHexString(41 + i) + " 0xc0 0x00 ] ");
      default -> "as-path [ " + all(LENGTH / 8, i -> i % 90 + 10 + " ") + "]";
    };
  }

  @ParameterizedTest(name = "{0}, and {1}")
  @CsvSource({
    "communities, med %d",
    "communities, community 2:%d",
    "communities, large-community 1:2:%d",
    "attributes, med %d",
    "attributes, community 2:%d",
    "path, med %d"
  })
  void whatRoutesHaveInCommonIsSharedWhateverEachSaysBeside(String kind, String own)
      throws ConfigurationException {
    int routes = LENGTH / 2 / 40;
    String line = "group attributes next-hop self " + common(kind)
        + all(routes, i -> "; announce route ::" + Integer.toHexString(i) + " " + own.formatted(i));
    assertEquals(routes, held(applied(neighbors(1, "ipv6 unicast"), line, bound(line))));
  }

  @Test
  void whatIsAddedToWhatIsInCommonLeavesThatWhereItIs() throws ConfigurationException {
    String line = "group attributes next-hop self " + common("attributes")
        + all(
            1_000,
            i -> "; attributes watchdog w" + i + " ; announce route ::" + Integer.toHexString(i));
    assertEquals(1_000, held(applied(neighbors(1, "ipv6 unicast"), line, bound(line))));
  }

  @Test
  void aWatchdogsRoutesShareWhatTheyHaveInCommon() throws ConfigurationException {
    int routes = LENGTH / 2 / 40;
    String line = "group attributes next-hop self watchdog dog withdraw " + common("communities")
        + all(routes, i -> "; announce route ::" + Integer.toHexString(i) + " med " + i);
    Stage stage = applied(neighbors(1, "ipv6 unicast"), line, bound(line));
    assertEquals(0, held(stage));
    long before = THREADS.getCurrentThreadAllocatedBytes();
    apply(stage, "announce watchdog dog");
    long used = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertEquals(routes, held(stage));
    assertTrue(used <= bound(line), () -> used + " octets allocated");
  }

  /** Neighbours share the routes: each has but its own tables, as long as it has any. */
  @Test
  void ofANeighborWithoutTheFamilyOneLineSaysAll() throws ConfigurationException {
    String line = "announce attributes next-hop self nlri "
        + all(LENGTH / 8, i -> "::" + Integer.toHexString(i) + " ");
    Stage stage = applied(neighbors(200, "ipv4 unicast"), line, bound(line));
    List<String> notes = notes(stage.deeds);
    assertEquals(200, notes.size());
    assertEquals(
        "neighbor 10.0.0.2 has no family ipv6 unicast and is not told ::/128 and 8191 more",
        notes.getFirst());
    String rule = "announce flow route { match { protocol [ " + "tcp ".repeat(500) + "]; } }";
    String said = notes(apply(stage, rule)).getFirst();
    assertTrue(said.endsWith("tcp tcp..."), said);
  }

  @Test
  void selectorsAreReadOnceForAllNeighbors() throws ConfigurationException {
    String line = "neighbor 10.9.9.9"
        + all(LENGTH / 40, i -> ", neighbor 10.9." + i / 250 + "." + i % 250 + " local-as " + i)
        + " announce route ::1 next-hop self";
    Stage stage = applied(neighbors(500, "ipv6 unicast"), line, 200_000 + 2_000L * line.length());
    assertTrue(
        notes(stage.deeds).getFirst().contains("no neighbor matches the command"),
        () -> stage.deeds.toString());
  }

  @Test
  void whatNoMessageCanHoldIsNotWrittenAndKeepsNobodyWaiting() throws ConfigurationException {
    int routes = 2 * Teller.MOST_TOGETHER;
    Stage stage = new Stage(neighbors(1, "ipv6 unicast")
        .replace("api", "capability { extended-message disable; } api"));
    stage.establish(0);
    apply(
        stage,
        "group attributes next-hop ::9 " + common("communities")
            + all(routes, i -> "; announce route ::" + Integer.toHexString(i) + " med " + i));
    apply(stage, "announce route 2001:db8::/32 next-hop ::9");
    Peer peer = stage.speaker.peers().firstEntry().getValue();
    ExaDeed.Target target = new ExaDeed.Target(peer.id, Objects.requireNonNull(peer.up));
    for (int piece = 0; piece < 2; piece++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      List<ExaDeed> done = stage.speaker.pull(9, target);
      long used = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertEquals(Teller.MOST_TOGETHER, notes(done).size());
      assertTrue(used <= 4_000L * Teller.MOST_TOGETHER, () -> used + " octets allocated");
    }
    stage.deeds.clear();
    stage.deeds.addAll(stage.speaker.pull(9, target));
    assertEquals(1, stage.told(0).size());
    assertEquals(List.of(), notes(stage.deeds));
  }

  /** What is shown of routes that share their words is not: it has an end, and says so. */
  @Test
  void whatIsShownOfItIsBounded() throws ConfigurationException {
    Stage stage = new Stage(neighbors(1, "ipv6 unicast"));
    apply(
        stage,
        "announce attributes next-hop ::9 " + common("communities") + " nlri "
            + all(4_000, i -> "::" + Integer.toHexString(i) + " "));
    long before = THREADS.getCurrentThreadAllocatedBytes();
    List<ExaDeed> done = apply(stage, "show adj-rib out extensive");
    long used = THREADS.getCurrentThreadAllocatedBytes() - before;
    List<String> lines = ((ExaDeed.Tell) done.getFirst()).lines();
    long shown =
        lines.stream().limit(lines.size() - 1).mapToLong(String::length).sum();
    assertTrue(shown <= Views.MOST_OF_AN_ANSWER, () -> shown + " characters");
    assertTrue(shown > Views.MOST_OF_AN_ANSWER / 2, () -> shown + " characters");
    assertTrue(lines.getFirst().contains(" ::/128 next-hop ::9 community [ 1:0 1:1 "));
    assertTrue(lines.getLast().startsWith("... and more: "), "the end is not said");
    assertTrue(used <= 4L * Views.MOST_OF_AN_ANSWER, () -> used + " octets allocated");
    assertEquals(
        4_000,
        ((ExaDeed.Tell) apply(stage, "show adj-rib out").getFirst()).lines().size());
  }
}
