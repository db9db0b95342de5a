package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.DesiredKernel;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that keeps rules and address sets. */
final class RuleLoop implements Runnable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RuleLoop.class);

  /** How often the kernel's trace is asked for: what somebody else changed is seen by then. */
  private static final Duration PERIOD = Duration.ofMillis(800);

  /** How often all is read whatever the trace says. */
  private static final Duration THOROUGH = Duration.ofSeconds(60);

  private static final Duration FIRST_RETRY = Duration.ofMillis(200);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  private final Inbox inbox = new Inbox();
  private final RuleTracer tracer;
  private final SetWriter sets;
  private final RuleKeeper keeper;
  private final GuardTable guard;
  private final Board board;

  /** Who wants to know how it is; as many as the socket has connections, at most. */
  private final Queue<CompletableFuture<List<Difference>>> asked = new ConcurrentLinkedQueue<>();

  private Duration patience = PERIOD;
  private boolean failed;
  private long lookedAt = System.nanoTime() - PERIOD.toNanos();
  private long thoroughDue = System.nanoTime() + THOROUGH.toNanos();

  /** Opens its socket in the namespace of the calling thread, which must then call {@link #run}. */
  RuleLoop(Board board, IptablesChoice choice) throws KernelException {
    this.board = board;
    this.tracer = new RuleTracer(choice.backend());
    this.sets = new SetWriter();
    this.guard = new GuardTable(new Programs(), choice.backend());
    this.keeper = new RuleKeeper(new Programs(), choice.backend(), tracer, sets);
    board.chosen(choice);
    LOG.info("rules go into {}: {}", choice.backend().text(), choice.reason());
  }

  void desire(DesiredKernel desired) {
    inbox.desire(desired);
  }

  /** Compares before it writes the next time. */
  CompletableFuture<List<Difference>> inspect() {
    CompletableFuture<List<Difference>> answer = new CompletableFuture<>();
    asked.add(answer);
    inbox.wake();
    return answer;
  }

  private void answerInspections() {
    for (var answer = asked.poll(); answer != null; answer = asked.poll()) {
      try {
        answer.complete(
            keeper.isKept()
                ? List.of()
                : List.of(new Difference(
                    Difference.Kind.RULES, "rules or sets in the kernel are not as written")));
      } catch (KernelException e) {
        answer.completeExceptionally(e);
      }
    }
  }

  @Override
  public void close() {
    inbox.close();
  }

  @Override
  public void run() {
    try (tracer;
        sets) {
      while (!inbox.isClosed()) {
        Inbox.Work work = inbox.take(patience);
        answerInspections();
        if (work.desired().isPresent() && !inbox.isClosed()) {
          pass(work.desired().get());
        }
      }
    } catch (InterruptedException e) {
      inbox.close();
    }
  }

  private void pass(DesiredKernel desired) {
    if (System.nanoTime() - thoroughDue >= 0) {
      keeper.distrust();
      thoroughDue = System.nanoTime() + THOROUGH.toNanos();
    }
    boolean trusting = System.nanoTime() - lookedAt < PERIOD.toNanos();
    if (!trusting) {
      lookedAt = System.nanoTime();
    }
    try {
      keeper.reconcile(guard.possible(desired.rules()), trusting);
      board.rules(desired.revision(), keeper, guard.text());
      patience = PERIOD;
      failed = false;
    } catch (KernelException e) {
      LOG.warn("Rules not kept, trying again: {}", e.getMessage());
      board.rulesFailed(e.getMessage());
      Duration twice = patience.multipliedBy(2);
      patience = !failed ? FIRST_RETRY : twice.compareTo(LAST_RETRY) < 0 ? twice : LAST_RETRY;
      failed = true;
    }
  }
}
