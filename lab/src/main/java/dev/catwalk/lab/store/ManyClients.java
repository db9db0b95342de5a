package dev.catwalk.lab.store;

import dev.catwalk.lab.check.Measurement;
import dev.catwalk.lab.shell.AgentProcess;
import dev.catwalk.lab.shell.LabException;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.trial.Members;
import dev.catwalk.raftstore.trial.Members.Member;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * What nodes that follow the store cost its members: three members, a process that is so many
 * clients, each with a connection and TLS of its own, and changes at a steady rate, first with the
 * clients and then, when all code is compiled, without them.
 */
public final class ManyClients {
  private static final int MEMBERS = 3;
  private static final int ANSWER_S = 60;
  private static final int AFTER_S = 5;

  private final Members members;
  private final List<Member> voters;
  private final Member crowd;
  private final int clients;
  private final byte[] value = "x".repeat(100).getBytes(StandardCharsets.UTF_8);

  /** What was seen of one turn; times in ns. */
  private record Turn(List<Long> puts, List<Long> seen, double leaderSeconds, double leaderMb) {}

  private ManyClients(Members members, int clients) {
    this.members = members;
    this.clients = clients;
    List<Member> all = List.copyOf(members.all());
    this.crowd = all.getFirst(); // c4 comes before n1.
    this.voters = all.subList(1, all.size());
  }

  /**
   * Measures.
   *
   * @param clients at most 2,048 for each of three members
   * @param perSecond changes, of 100 bytes each
   * @param seconds of each turn
   * @param warmSeconds of load before
   */
  public static List<Measurement> of(
      Path directory,
      int clients,
      int perSecond,
      int seconds,
      int warmSeconds,
      Consumer<String> progress)
      throws IOException, LabException {
    try (Members members = new Members(
        directory,
        (command, errors) -> new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
            .start(),
        MEMBERS,
        1,
        Catwalk.JVM,
        "usual")) {
      members.startAll();
      members.awaitQuorum();
      return new ManyClients(members, clients).measure(perSecond, seconds, warmSeconds, progress);
    }
  }

  private List<Measurement> measure(
      int perSecond, int seconds, int warmSeconds, Consumer<String> progress) throws LabException {
    crowd.store().watch(clients); // They begin with the store.
    reached(progress);
    warm(perSecond, warmSeconds, true);
    Turn with = turn(perSecond, seconds, true);
    int lost = crowd.store().watched(0).join();
    crowd.kill();
    warm(perSecond, AFTER_S, false); // The ends of their connections are not what is measured.
    Turn without = turn(perSecond, seconds, false);
    progress.accept(String.format(
        Locale.ROOT, "  %d changes a second for %d s, with and without", perSecond, seconds));
    double each = 1e6 / (perSecond * (double) seconds);
    List<Measurement> rows = new ArrayList<>();
    both(rows, "put p50", "ms", ms(without.puts, 50), ms(with.puts, 50));
    both(rows, "put p99", "ms", ms(without.puts, 99), ms(with.puts, 99));
    both(
        rows,
        "leader's processor time for a change",
        "us",
        without.leaderSeconds * each,
        with.leaderSeconds * each);
    rows.add(Measurement.of(
        "of it for each client",
        (with.leaderSeconds - without.leaderSeconds) * each / clients * MEMBERS,
        "us"));
    rows.add(Measurement.of("leader's memory", with.leaderMb, "MB"));
    rows.add(Measurement.of("put to news at all clients, p50", ms(with.seen, 50), "ms"));
    rows.add(Measurement.of("put to news at all clients, p99", ms(with.seen, 99), "ms"));
    rows.add(Measurement.of("clients that came too late", lost, "").aim(0));
    return rows;
  }

  private static double ms(List<Long> times, int percent) {
    return Measurement.percentile(times, percent) / 1e6;
  }

  private void both(List<Measurement> rows, String what, String unit, double without, double with) {
    rows.add(Measurement.of(what + ", no clients", without, unit));
    rows.add(Measurement.of(what + ", " + clients + " clients", with, unit));
  }

  private CompletableFuture<Long> put(int number) {
    return voters
        .get(number % MEMBERS)
        .store()
        .submit(KvMachine.NAME, KvTransaction.put("k" + number % 1000, value).encode())
        .thenApply(applied -> applied.revision());
  }

  /** Waits until all clients have what is there now. */
  private void reached(Consumer<String> progress) throws LabException {
    long begin = System.nanoTime();
    try {
      int lost = put(0)
          .thenCompose(revision -> crowd.store().watched(revision))
          .orTimeout(ANSWER_S, TimeUnit.SECONDS)
          .join();
      progress.accept(String.format(
          Locale.ROOT,
          "  %d clients follow, %d came too late, after %.1f s",
          clients - lost,
          lost,
          (System.nanoTime() - begin) / 1e9));
    } catch (CompletionException e) {
      throw new LabException(
          "not all clients follow after " + ANSWER_S + " s: " + e.getMessage(), e);
    }
  }

  private void warm(int perSecond, int seconds, boolean watched) throws LabException {
    if (seconds > 0) {
      var unused = turn(perSecond, seconds, watched);
    }
  }

  private Turn turn(int perSecond, int seconds, boolean watched) throws LabException {
    ConcurrentLinkedQueue<Long> puts = new ConcurrentLinkedQueue<>();
    ConcurrentLinkedQueue<Long> seen = new ConcurrentLinkedQueue<>();
    AtomicInteger open = new AtomicInteger();
    AgentProcess leader = AgentProcess.numbered(members.leaderAmong(voters).pid());
    double before = leader.processorSeconds();
    long begin = System.nanoTime();
    for (int i = 0; i < perSecond * seconds; i++) {
      long due = begin + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      open.incrementAndGet();
      long called = System.nanoTime();
      var unused = put(i)
          .thenCompose(revision -> {
            puts.add(System.nanoTime() - called);
            return watched ? crowd.store().watched(revision) : CompletableFuture.completedFuture(0);
          })
          .whenComplete((lost, error) -> {
            if (error == null && watched) {
              seen.add(System.nanoTime() - called);
            }
            open.decrementAndGet();
          });
    }
    double used = leader.processorSeconds() - before;
    Members.await(ANSWER_S, "the last change at all clients", () -> open.get() == 0);
    if (puts.isEmpty() || watched && seen.isEmpty()) {
      throw new LabException("no change came through: " + Members.lastWords(voters.getFirst()));
    }
    return new Turn(List.copyOf(puts), List.copyOf(seen), used, leader.residentMb());
  }
}
