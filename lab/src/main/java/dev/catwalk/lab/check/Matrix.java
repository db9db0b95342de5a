package dev.catwalk.lab.check;

import dev.catwalk.lab.check.Probe.Protocol;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/** Who reached whom, each cell a packet that was sent. */
public record Matrix(List<Cell> cells) {
  /** The most that stands in one place of the table. */
  private static final int MARKS = 3;

  public Matrix {
    cells = List.copyOf(cells);
  }

  public List<Cell> wrong() {
    return cells.stream().filter(c -> !c.asExpected()).toList();
  }

  /**
   * As a table for each family, protocol and port, {@code +} for what passed, {@code .} for what did not; behind it
   * {@code !} where that was not expected, {@code *} where it was otherwise in {@code before}.
   */
  public String text(Optional<Matrix> before) {
    StringBuilder out = new StringBuilder();
    for (Family family : Family.values()) {
      for (Protocol protocol : Protocol.values()) {
        List<Cell> some = cells.stream()
            .filter(c -> c.probe().address().family() == family)
            .filter(c -> c.probe().protocol() == protocol)
            .toList();
        for (int port : some.stream().mapToInt(c -> c.probe().port()).distinct().toArray()) {
          List<Cell> those = some.stream().filter(c -> c.probe().port() == port).toList();
          String title = (port == 0 ? protocol.toString() : protocol + " " + port)
              + (family == Family.IPV6 ? " IPv6" : "");
          table(out, title, those, before);
        }
      }
    }
    return out.toString();
  }

  private static void table(
      StringBuilder out, String title, List<Cell> cells, Optional<Matrix> before) {
    SequencedSet<String> rows = new LinkedHashSet<>();
    SequencedSet<String> columns = new LinkedHashSet<>();
    for (Cell cell : cells) {
      rows.add(cell.probe().from());
      columns.add(cell.probe().to());
    }
    SequencedSet<String> ordered = new LinkedHashSet<>(rows);
    ordered.retainAll(columns);
    ordered.addAll(columns);
    int first = Math.max(
        title.length() + 3, rows.stream().mapToInt(String::length).max().orElseThrow());
    List<String> heads = ordered.stream().map(c -> pad(brief(c), MARKS)).toList();
    out.append(pad(title + " ->", first));
    out.append(("  " + String.join("  ", heads)).stripTrailing()).append('\n');
    for (String row : rows) {
      StringBuilder line = new StringBuilder(pad(row, first));
      int i = 0;
      for (String column : ordered) {
        int width = heads.get(i++).length();
        String mark = cells.stream()
            .filter(c -> c.probe().from().equals(row) && c.probe().to().equals(column))
            .findFirst()
            .map(c -> mark(c, before))
            .orElse("");
        line.append("  ").append(pad(mark, width));
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
  }

  private static String mark(Cell cell, Optional<Matrix> before) {
    boolean changed = before
        .flatMap(
            m -> m.cells.stream().filter(c -> c.probe().equals(cell.probe())).findFirst())
        .filter(c -> c.seen() != cell.seen())
        .isPresent();
    return (cell.seen() ? "+" : ".") + (cell.asExpected() ? "" : "!") + (changed ? "*" : "");
  }

  /** The name alone, without its namespace: what heads a column. */
  private static String brief(String name) {
    return name.substring(name.indexOf('/') + 1);
  }

  static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  /** Every source to every other destination of its family, by ping and by TCP at each of its ports. */
  public static List<Probe> everyPair(List<Place> places) {
    List<Probe> probes = new ArrayList<>();
    for (Protocol protocol : Protocol.values()) {
      for (Place from : places) {
        for (Place to : places) {
          boolean sameFamily = from.address().family() == to.address().family();
          if (to.port() > 0 && sameFamily && !to.name().equals(from.name())) {
            for (int port : protocol == Protocol.PING ? List.of(0) : to.ports()) {
              probes.add(new Probe(from.name(), to.name(), to.address(), protocol, port));
            }
          }
        }
      }
    }
    return probes;
  }
}
