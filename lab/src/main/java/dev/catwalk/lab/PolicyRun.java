package dev.catwalk.lab;

import dev.catwalk.lab.PolicyLab.Act;
import dev.catwalk.lab.policy.Placement;
import dev.catwalk.lab.policy.Placement.UnplayableException;
import dev.catwalk.lab.policy.Played;
import dev.catwalk.lab.policy.PolicyCase;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Some cases, played one after the other.
 *
 * @param cases how many were played
 * @param leftOut id and reason of those that were not
 * @param enforcedMs of changes that no pod came or went with: from apply until all nodes enforced
 *     it, milliseconds, least first
 */
record PolicyRun(
    int cases, List<Played> played, SortedMap<String, String> leftOut, List<Double> enforcedMs) {
  PolicyRun {
    enforcedMs = List.copyOf(enforcedMs);
    played = List.copyOf(played);
    leftOut = Collections.unmodifiableSortedMap(new TreeMap<>(leftOut));
  }

  List<Played> disagreements() {
    return played.stream().filter(p -> !p.agrees()).toList();
  }

  long late() {
    return played.stream().filter(Played::late).count();
  }

  /** Builds the lab and plays all; a line for each case. */
  static PolicyRun play(Site site, List<PolicyCase> cases, int nodes, PrintStream out)
      throws LabException {
    long begun = System.nanoTime();
    Placement placement = Placement.of(cases, nodes);
    PolicyLab lab = PolicyLab.build(site, placement, cases);
    out.printf(
        Locale.ROOT,
        "%d agents on %s: %s%n",
        placement.nodes().size(),
        placement.nodes().stream().map(n -> n.blocks().values().toString()).toList(),
        seconds(begun));
    List<Played> played = new ArrayList<>();
    TreeMap<String, String> leftOut = new TreeMap<>();
    int number = 0;
    for (PolicyCase one : cases) {
      number++;
      long from = System.nanoTime();
      out.printf(
          Locale.ROOT, "%" + digits(cases.size()) + "d/%d %s", number, cases.size(), one.id());
      out.flush();
      try {
        Act act = lab.play(one);
        out.printf(Locale.ROOT, ", %d packets, %s%n", act.played().size(), seconds(from));
        act.notes().forEach(note -> out.println("  note: " + note));
        act.played().stream()
            .filter(p -> !p.agrees())
            .forEach(p -> out.println("  DISAGREES: " + p));
        played.addAll(act.played());
      } catch (UnplayableException e) {
        out.println(": left out, " + e.getMessage());
        leftOut.put(one.id(), String.valueOf(e.getMessage()));
      }
    }
    PolicyRun run = new PolicyRun(cases.size() - leftOut.size(), played, leftOut, lab.enforcedMs());
    run.summary(out, begun);
    return run;
  }

  private void summary(PrintStream out, long begun) {
    out.println();
    disagreements().forEach(out::println);
    leftOut.forEach((id, why) -> out.println("left out: " + id + ": " + why));
    if (late() > 0) {
      out.println(late() + " answers came only at a second try");
    }
    if (!enforcedMs.isEmpty()) {
      out.printf(
          Locale.ROOT,
          "apply to enforced on every node: %d changes, half within %.0f ms, 99 %% within %.0f ms%n",
          enforcedMs.size(),
          enforcedWithin(50),
          enforcedWithin(99));
    }
    out.printf(
        Locale.ROOT,
        "%d cases, %d packets, %d scored, %d disagreements, %s%n",
        cases,
        played.size(),
        played.stream().filter(Played::scored).count(),
        disagreements().size(),
        seconds(begun));
  }

  /** Milliseconds within which so many percent were; there must be any. */
  double enforcedWithin(int percent) {
    return enforcedMs.get(Math.min(enforcedMs.size() - 1, enforcedMs.size() * percent / 100));
  }

  private static int digits(int number) {
    return Integer.toString(number).length();
  }

  private static String seconds(long from) {
    return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - from) / 1e9);
  }
}
