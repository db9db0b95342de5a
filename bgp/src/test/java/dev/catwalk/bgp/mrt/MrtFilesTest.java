package dev.catwalk.bgp.mrt;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.catwalk.net.addr.IpAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of collectors and of other speakers. */
class MrtFilesTest {

  private static List<String> lines(Path file) throws IOException, MrtException {
    List<String> lines = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      MrtInput records = new MrtInput(in);
      MrtDecoder decoder = new MrtDecoder();
      for (MrtInput.Raw raw = records.next(); raw != null; raw = records.next()) {
        MrtText text = new MrtText(raw.header(), MrtDecoder.microseconds(raw.header(), raw.body()));
        decoder.decode(raw.header(), raw.body(), e -> text.line(e).ifPresent(lines::add));
      }
    }
    return lines;
  }

  /** As the program of those who made the files prints them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bview.20020722.2337",
        "bview.64k_stream_overflow",
        "bview.ipv4_unicast_add_path",
        "updates.20071015.1505",
        "updates.20100722.2015",
        "updates.et-header.2015",
        "updates.long_withdrawal"
      })
  void readAsBgpdumpPrintsIt(String name) throws IOException, MrtException {
    Path folder = Captures.data().resolve("bgp-captures/RIPE-NCC_bgpdump");
    assumeTrue(Files.isDirectory(folder), "no files at " + folder);
    List<String> wanted = new ArrayList<>();
    try (BufferedReader in = new BufferedReader(new InputStreamReader(
        new GZIPInputStream(
            Files.newInputStream(folder.resolve("test_expect__" + name + ".gz.bgp.gz"))),
        StandardCharsets.UTF_8))) {
      in.lines().forEach(wanted::add);
    }
    List<String> seen = lines(folder.resolve("test_data__" + name + ".gz"));
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < Math.min(wanted.size(), seen.size()); i++) {
      if (!plain(wanted.get(i)).equals(plain(seen.get(i)))) {
        wrong.add("\n  wanted " + wanted.get(i) + "\n  seen   " + seen.get(i));
      }
    }
    assertEquals(
        List.of(), wrong.subList(0, Math.min(10, wrong.size())), () -> wrong.size() + " differ");
    assertEquals(wanted.size(), seen.size());
  }

  /** Addresses as RFC 5952 has them: some of the files' makers shorten a single zero too. */
  private static String plain(String line) {
    if (!line.contains("::")) {
      return line;
    }
    return Stream.of(line.split("\\|", -1))
        .map(f -> f.contains("::") && !f.contains("/")
            ? IpAddress.tryParse(f).map(IpAddress::toString).orElse(f)
            : f)
        .collect(Collectors.joining("|"));
  }

  /** What is known of the others: how many records, how many entries, how many are refused. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      bgp-captures/bgpkit_bgpkit-parser/tests__fixtures__ripe__rrc00__1999.09__updates.19990903.1041.gz                   | 24242 records, 65337 entries, 0 refused
      bgp-captures/bgpkit_bgpkit-parser/tests__fixtures__ripe__rrc00__1999.12__updates.19991214.1621.gz                   | 18203 records, 55638 entries, 0 refused
      bgp-captures/bgpkit_bgpkit-parser/tests__fixtures__ripe__rrc03__2010.02__updates.20100227.1600.first-796-records.gz | 796 records, 1387 entries, 0 refused
      bgp-captures/bgpkit_bgpkit-parser/tests__fixtures__ripe__rrc15__2010.02__updates.20100227.1600.gz                   | 6615 records, 53855 entries, 0 refused
      bgp-captures/bgpkit_bgpkit-parser/tests__fixtures__ripe__rrc15__2010.02__updates.20100227.1610.gz                   | 1953 records, 7534 entries, 0 refused
      bgp-captures/morrowc_mrtparser/testdata__updates.20260222.1530.bz2                                                  | 49220 records, 118663 entries, 0 refused
      bgp-captures/t2mune_mrtparse/samples__bird-mrtdump_bgp                                                              | 27 records, 35 entries, 0 refused
      bgp-captures/t2mune_mrtparse/samples__bird-mrtdump_rib                                                              | 14 records, 20 entries, 0 refused
      bgp-captures/t2mune_mrtparse/samples__bird6-mrtdump_bgp                                                             | 27 records, 35 entries, 0 refused
      bgp-captures/t2mune_mrtparse/samples__bird_bgp                                                                      | 29 records, 47 entries, 6 refused
      bgp-captures/t2mune_mrtparse/samples__openbgpd_bgp                                                                  | 87 records, 138 entries, 0 refused
      bgp-captures/t2mune_mrtparse/samples__quagga_bgp                                                                    | 67 records, 79 entries, 0 refused
      tables/synthetic-v6-full-table-2023-prefixes-2010-paths.mrt.gz                                                      | 160148 records, 160148 entries, 0 refused
      """)
  void everyOtherFileIsReadToItsEnd(String file, String counts) throws IOException, MrtException {
    Path path = Captures.data().resolve(file);
    assumeTrue(Files.isReadable(path), "no file at " + path);
    int records = 0;
    int refused = 0;
    int[] entries = new int[1];
    try (InputStream in = Files.newInputStream(path)) {
      MrtInput all = new MrtInput(in);
      MrtDecoder decoder = new MrtDecoder();
      for (MrtInput.Raw raw = all.next(); raw != null; raw = all.next()) {
        records++;
        try {
          decoder.decode(raw.header(), raw.body(), e -> {
            entries[0] += e instanceof MrtEntry.Skipped ? 0 : 1;
          });
        } catch (MrtException e) {
          refused++; // BIRD wrote path identifiers into records that say there are none
        }
      }
    }
    assertEquals(counts, records + " records, " + entries[0] + " entries, " + refused + " refused");
  }
}
