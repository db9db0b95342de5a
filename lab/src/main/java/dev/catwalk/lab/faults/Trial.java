package dev.catwalk.lab.faults;

import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.store.StoreStatus;
import dev.catwalk.raftstore.trial.Members;
import dev.catwalk.raftstore.trial.Members.Member;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * One store on which faults are tried. After each: no acknowledged write is missing at any member,
 * what clients saw of every key is linearizable, all members are at one revision with one state
 * hash, none is fenced off, and a write passed through every member within 10 s of the healing.
 */
public final class Trial implements AutoCloseable {
  private static final int CLIENTS = 6;
  private static final int WARM_OPERATIONS = 200;
  private static final int AFTER_OPERATIONS = 200;
  /** Within this a write has to pass through every member after the healing. */
  public static final long PROGRESS_S = 10;

  /** So many times as long a process may take to start. */
  private static final int STARTS = 6;

  private static final long AGREEMENT_S = 30;

  /** As little as a member of a store this small needs. */
  private static final List<String> JVM = List.of(
      "-Xmx128m",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-XX:-UsePerfData",
      "-ea",
      "--sun-misc-unsafe-memory-access=allow");

  private final Members members;
  private final SplittableRandom random;
  private final long seed;
  private final Path library;
  private final long progressS;
  private int rounds;

  /** What became of one fault. */
  public record Verdict(
      String row, int rounds, long operations, long failures, double slowestS, String failure) {
    /** Whether all held. */
    public boolean held() {
      return failure.isEmpty();
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%-20s %3d rounds %7d operations %5d refused  progress after %4.1f s  %s",
          row,
          rounds,
          operations,
          failures,
          slowestS,
          held() ? "held" : "FAILED: " + failure);
    }
  }

  /**
   * Starts three members.
   *
   * @param directory theirs, empty
   * @param library that shifts a process's wall clock and slows its disk
   * @param progressS limit of the time until a write passes; {@link #PROGRESS_S} but for tests
   */
  public Trial(Path directory, long seed, Path library, long progressS) throws IOException {
    this.progressS = progressS;
    this.seed = seed;
    this.library = library;
    this.random = new SplittableRandom(seed);
    this.members = new Members(
        directory,
        (command, errors) -> new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
            .start(),
        3,
        JVM,
        "small");
    members.beginWith(LoggedMember.class);
    members.startAll();
    members.awaitQuorum();
  }

  public Members members() {
    return members;
  }

  /** Whatever is left to chance. */
  public SplittableRandom random() {
    return random;
  }

  /** Of the process that it is preloaded into, files CW_CLOCK and CW_SYNC set clock and disk. */
  Path library() {
    return library;
  }

  /** Any member. */
  Member any() {
    List<Member> all = List.copyOf(members.all());
    return all.get(random.nextInt(all.size()));
  }

  /** A member that does not lead. */
  Member follower() {
    return members.without(members.leader()).get(random.nextInt(2));
  }

  /** Lets the load go on for so long. */
  void goOn(int ms) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(ms);
  }

  /** Strikes so often and judges each time; ends with the first round that fails. */
  public Verdict run(Row row, int times) {
    long operations = 0;
    long failures = 0;
    double slowest = 0;
    for (int round = 1; round <= times; round++) {
      try {
        row.before().strike(this);
      } catch (AssertionError | Exception e) {
        String failure = "before round " + round + ": " + e;
        return new Verdict(row.name(), round - 1, operations, failures, slowest, failure);
      }
      Load load = new Load(List.copyOf(members.all()), ++rounds, CLIENTS, seed + rounds);
      String failure = "";
      try {
        Members.await(60, "load", () -> load.operations() - load.failures() > WARM_OPERATIONS);
        row.fault().strike(this);
        slowest = Math.max(slowest, progress());
        long after = load.operations() - load.failures() + AFTER_OPERATIONS;
        Members.await(60, "load again", () -> load.operations() - load.failures() > after);
        load.stop();
        agree();
        load.judge();
      } catch (AssertionError | Exception e) {
        failure = "round " + round + ": " + e;
        try {
          load.stop();
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
        }
      }
      operations += load.operations();
      failures += load.failures();
      if (!failure.isEmpty()) {
        return new Verdict(row.name(), round, operations, failures, slowest, failure);
      }
    }
    return new Verdict(row.name(), times, operations, failures, slowest, "");
  }

  /** Seconds until a write has passed through every member. */
  private double progress() {
    // A process that was started has to come up first, however busy the machine is.
    Members.await(
        STARTS * progressS,
        "every process to answer",
        () -> members.all().stream()
            .noneMatch(member -> member.store().status().role() == StoreStatus.Role.STOPPED));
    long begin = System.nanoTime();
    byte[] put = KvTransaction.put("progress", new byte[1]).encode();
    for (Member member : members.all()) {
      Members.await(progressS, "a write through " + member.name(), () -> {
        try {
          member.store().submit(KvMachine.NAME, put).join();
          return true;
        } catch (CompletionException e) {
          return false;
        }
      });
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    if (seconds > progressS) {
      throw new AssertionError("no progress for " + seconds + " s after the healing");
    }
    return seconds;
  }

  /** Waits until all are at one revision, where they have to have one hash. */
  private void agree() {
    List<StoreStatus> last = new ArrayList<>();
    Members.await(AGREEMENT_S, "one revision at all members", () -> {
      last.clear();
      members.all().forEach(member -> last.add(member.store().status()));
      return last.stream().map(StoreStatus::revision).distinct().count() == 1;
    });
    for (StoreStatus status : last) {
      if (status.role() == StoreStatus.Role.STOPPED
          || !status.stateHash().equals(last.getFirst().stateHash())) {
        throw new AssertionError("members differ: " + last);
      }
    }
  }

  @Override
  public void close() throws IOException {
    members.close();
  }
}
