package dev.catwalk.lab;

import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.store.Catwalk;
import dev.catwalk.lab.store.Etcd;
import dev.catwalk.lab.store.Figures;
import dev.catwalk.lab.store.ManyClients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Our store beside Debian's etcd: the same callers, the same values, the same disk, one run. */
final class StoreBench {
  private static final int SECONDS = 10;

  private StoreBench() {}

  @Command(
      name = "store",
      description = {
        "The store beside etcd: three processes of each with TLS among them and an fsync before"
            + " each acknowledgement, by turns; the middle of three turns counts. Callers are one"
            + " process: it reaches our members through pipes, and etcd's by gRPC over two"
            + " connections that are kept open to each.",
        "Needs etcd: apt-get install etcd-server etcd-client, and stop the service that this"
            + " starts."
      })
  static final class Verb extends Bench.Verb {
    @Option(names = "--ms", paramLabel = "MS", description = "of each turn of a rate: 1000")
    int ms = 1000;

    @Option(
        names = "--warm",
        paramLabel = "SECONDS",
        description =
            "of load before anything is measured: 30. The compilers of three JVMs share the"
                + " processors with what is measured until they have done their work.")
    int warmSeconds = 30;

    @Option(
        names = "--clients",
        paramLabel = "N",
        description =
            "without etcd, instead of the rows: N clients, each with a connection of its own, that"
                + " watch while there are --changes a second for 10 s, and the same without them")
    int clients;

    @Option(names = "--changes", paramLabel = "N", description = "a second, of 100 bytes: 50")
    int changes = 50;

    @Parameters(
        arity = "0..*",
        paramLabel = "ROW",
        description = "measure these alone: puts, reads, local, fan-out, leader")
    List<Figures.Row> rows = List.of();

    @Override
    Bench.Run run() throws LabException {
      if (clients > 0) {
        return watched(clients, Math.max(1, changes), Math.max(0, warmSeconds));
      }
      if (!Etcd.isThere()) {
        throw new LabException("etcd is not installed, beside which the store is measured: apt-get"
            + " install etcd-server etcd-client; systemctl disable --now etcd");
      }
      Set<Figures.Row> wanted =
          rows.isEmpty() ? EnumSet.allOf(Figures.Row.class) : EnumSet.copyOf(rows);
      return of(wanted, Math.max(0, warmSeconds), Math.max(100, ms));
    }
  }

  static Bench.Run watched(int clients, int changes, int warmSeconds) {
    return (site, progress) -> {
      try {
        Path directory = Files.createTempDirectory("cw-store-bench-");
        List<Measurement> found =
            ManyClients.of(directory, clients, changes, SECONDS, warmSeconds, progress::say);
        remove(directory);
        return found;
      } catch (IOException e) {
        throw new LabException("the store cannot be measured: " + e.getMessage(), e);
      }
    };
  }

  static Bench.Run of(Set<Figures.Row> rows, int warmSeconds, int ms) {
    return (site, progress) -> {
      try {
        Path directory = Files.createTempDirectory("cw-store-bench-");
        Map<String, Map<String, Double>> found;
        try (Catwalk catwalk = new Catwalk(Files.createDirectory(directory.resolve("catwalk")));
            Etcd etcd = new Etcd(Files.createDirectory(directory.resolve("etcd")))) {
          found = Figures.of(List.of(catwalk, etcd), rows, warmSeconds, ms, progress::say);
        }
        remove(directory);
        return measurements(
            found.getOrDefault("catwalk", Map.of()), found.getOrDefault("etcd", Map.of()));
      } catch (IOException e) {
        throw new LabException("the stores cannot be measured: " + e.getMessage(), e);
      }
    };
  }

  private static List<Measurement> measurements(
      Map<String, Double> ours, Map<String, Double> theirs) {
    List<Measurement> rows = new ArrayList<>();
    Map<Integer, Double> aims = Map.of(1, 2.0, 16, 1.0, 64, 1.0, 256, 1 / 1.5);
    for (int clients : Figures.CLIENTS) {
      String what = "puts/" + clients;
      both(rows, ours, theirs, what, "a second");
      rows.add(Measurement.of(what + ": etcd's over ours", times(theirs, ours, what), "times")
          .aim(aims.getOrDefault(clients, 1.0)));
    }
    both(rows, ours, theirs, "reads/64", "a second");
    rows.add(Measurement.of(
            "linearizable reads: etcd's over ours", times(theirs, ours, "reads/64"), "times")
        .aim(1));
    both(rows, ours, theirs, "local", "a second");
    rows.add(Measurement.of("local reads: etcd's over ours", times(theirs, ours, "local"), "times")
        .aim(1.0 / 3));
    both(rows, ours, theirs, "fan-out p50 ms", "ms");
    both(rows, ours, theirs, "fan-out p99 ms", "ms");
    rows.add(Measurement.of(
            "fan-out to 256: ours over etcd's", times(ours, theirs, "fan-out p99 ms"), "times")
        .aim(1));
    both(rows, ours, theirs, "dead leader s", "s", 2);
    both(rows, ours, theirs, "hung leader s", "s", 3);
    return rows.stream().filter(row -> !Double.isNaN(row.value())).toList();
  }

  private static double times(Map<String, Double> one, Map<String, Double> other, String what) {
    return one.getOrDefault(what, Double.NaN) / other.getOrDefault(what, Double.NaN);
  }

  private static void both(
      List<Measurement> rows,
      Map<String, Double> ours,
      Map<String, Double> theirs,
      String what,
      String unit) {
    rows.add(Measurement.of(what, ours.getOrDefault(what, Double.NaN), unit));
    rows.add(Measurement.of(what + ", etcd", theirs.getOrDefault(what, Double.NaN), unit));
  }

  private static void both(
      List<Measurement> rows,
      Map<String, Double> ours,
      Map<String, Double> theirs,
      String what,
      String unit,
      double aim) {
    rows.add(Measurement.of(what, ours.getOrDefault(what, Double.NaN), unit).aim(aim));
    rows.add(Measurement.of(what + ", etcd", theirs.getOrDefault(what, Double.NaN), unit));
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
