package dev.catwalk.lab;

import dev.catwalk.lab.faults.Row;
import dev.catwalk.lab.faults.StoreRows;
import dev.catwalk.lab.faults.Tally;
import dev.catwalk.lab.faults.Trial;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.lab.shell.Site;
import dev.catwalk.lab.shell.Tools;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code catwalk lab faults}. */
@Command(
    name = "faults",
    description = {
      "Three members of the store as processes in network namespaces, clients at work on all of"
          + " them, and one fault after the other. After each round no acknowledged write may be"
          + " missing, what clients saw has to be linearizable, all members have to be at one"
          + " revision with one state hash, and a write to pass through every member within 10 s.",
      "Status 0 only if all rows held. The files of a row that failed are kept."
    })
final class FaultsVerb implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int USAGE = 2;
  private static final int ROUNDS_OF_A_TURN = 2;

  @Parameters(arity = "0..*", paramLabel = "ROW", description = "which faults; all without one")
  List<String> names = List.of();

  @Option(names = "--rounds", paramLabel = "N", description = "how often each fault strikes: 1")
  int rounds = 1;

  @Option(names = "--seed", paramLabel = "S", description = "of what is left to chance: 1")
  long seed = 1;

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description = {
        "append each verdict to FILE, and leave out the rounds that it says have held: a long run can"
            + " be broken off, and goes on with the same command. All rows get a few rounds before any"
            + " gets more."
      })
  @Nullable
  Path record;

  @Option(names = "--list", description = "name all rows and say what each does")
  boolean list;

  @Option(
      names = "--agents",
      description = "real agents with pods instead: what befalls addresses; --list with it names"
          + " those rows")
  boolean agents;

  @Override
  public Integer call() throws LabException {
    if (agents) {
      return ofAgents();
    }
    if (list) {
      StoreRows.ALL.forEach(row -> System.out.printf("%-20s%s%n", row.name(), row.about()));
      return 0;
    }
    List<Row> rows = new ArrayList<>();
    for (String name : names) {
      rows.addAll(StoreRows.ALL.stream().filter(row -> row.name().equals(name)).toList());
    }
    if (rows.size() < names.size()) {
      System.err.println("catwalk lab faults: not all of " + names + " are rows: --list names all");
      return USAGE;
    }
    try {
      Tally tally = new Tally(record);
      boolean held = run(
          names.isEmpty() ? StoreRows.ALL : rows,
          Math.max(1, rounds),
          seed,
          Tools.fault(Site.user()),
          Trial.PROGRESS_S,
          System.out,
          tally);
      System.out.println(tally.summary());
      return held ? 0 : FAILED;
    } catch (IOException e) {
      throw new LabException(String.valueOf(e.getMessage()), e);
    }
  }

  private int ofAgents() throws LabException {
    List<AgentFaults.Row> rows = new ArrayList<>();
    for (AgentFaults.Row row : AgentFaults.Row.values()) {
      if (list) {
        System.out.printf("%-20s%s%n", row.word, row.about);
      } else if (names.isEmpty() || names.contains(row.word)) {
        rows.add(row);
      }
    }
    if (rows.size() < names.size()) {
      System.err.println("catwalk lab faults: not all of " + names + " are rows: --list names all");
      return USAGE;
    }
    return list || AgentFaults.run(Site.user(), rows, Math.max(1, rounds), seed, System.out)
        ? 0
        : FAILED;
  }

  /** Tries each row a few times and then again; after one that failed there are new members. */
  static boolean run(
      List<Row> rows,
      int rounds,
      long seed,
      Path library,
      long progressS,
      PrintStream out,
      Tally tally)
      throws LabException {
    boolean held = true;
    List<Turn> left = turns(rows, rounds, tally);
    try {
      while (!left.isEmpty()) {
        Path directory = Files.createTempDirectory("cw-faults-");
        boolean clean = true;
        try (Trial trial = new Trial(directory, seed + tally.rounds(), library, progressS)) {
          while (clean && !left.isEmpty()) {
            Turn turn = left.removeFirst();
            Trial.Verdict verdict = trial.run(turn.row(), turn.rounds());
            tally.add(verdict);
            out.println(verdict);
            clean = verdict.held();
          }
        }
        held &= clean;
        if (clean) {
          remove(directory);
        } else {
          out.println("  kept: " + directory);
        }
      }
    } catch (IOException e) {
      throw new LabException("the members cannot be driven: " + e.getMessage(), e);
    }
    return held;
  }

  private record Turn(Row row, int rounds) {}

  /** What is left to do, all rows by turns. */
  private static List<Turn> turns(List<Row> rows, int rounds, Tally tally) {
    List<Turn> turns = new ArrayList<>();
    for (int done = 0; done < rounds; done += ROUNDS_OF_A_TURN) {
      for (Row row : rows) {
        int from = Math.max(done, tally.held(row.name()));
        int to = Math.min(rounds, done + ROUNDS_OF_A_TURN);
        if (from < to) {
          turns.add(new Turn(row, to - from));
        }
      }
    }
    return turns;
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
