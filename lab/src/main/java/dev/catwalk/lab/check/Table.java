package dev.catwalk.lab.check;

import java.util.ArrayList;
import java.util.List;

/** Aligned columns under titles. */
public final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  public Table(String... titles) {
    rows.add(List.of(titles));
  }

  /** One cell for each title; an empty one is printed as nothing. */
  public void row(String... cells) {
    assert cells.length == rows.getFirst().size() : List.of(cells);
    rows.add(List.of(cells));
  }

  public String text() {
    int[] width = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < width.length; i++) {
        width[i] = Math.max(width[i], row.get(i).length());
      }
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < width.length; i++) {
        line.append(Matrix.pad(row.get(i), width[i] + 2));
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }
}
