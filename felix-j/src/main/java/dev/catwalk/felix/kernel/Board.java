package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.FoundPod;
import dev.catwalk.felix.calc.Leftover;
import dev.catwalk.felix.calc.RouteTarget;
import dev.catwalk.net.addr.Prefix;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** What the kernel threads say of themselves, and who waits for it. Any thread. */
final class Board {
  private record Waiter(long revision, boolean rulesOnly, CompletableFuture<Void> done) {}

  private final Executor callbacks;
  private final List<Waiter> waiters = new ArrayList<>();

  private Optional<IptablesChoice> iptables = Optional.empty();
  private long routeRevision = -1;
  private long ruleRevision = -1;
  private List<String> routeErrors = List.of();
  private SortedSet<Prefix> refusedRoutes = Collections.emptySortedSet();
  private Optional<String> routeFault = Optional.empty();
  private Optional<String> sysctlError = Optional.empty();
  private Optional<String> ruleError = Optional.empty();
  private long installed;
  private long routeWrites;
  private long ruleWrites;
  private String guard = "";
  private Repairs repairs = Repairs.NONE;
  private SortedSet<Prefix> connected = Collections.emptySortedSet();
  private Optional<SortedMap<Prefix, RouteTarget>> others = Optional.empty();
  private boolean connectedKnown;
  private Runnable connectedChanged = () -> {};
  private Optional<Leftover> leftover = Optional.empty();
  private List<FoundPod> foundPods = List.of();

  /**
   * Makes an empty board.
   *
   * @param callbacks runs what hangs on futures, so that no kernel thread is held up by it
   */
  Board(Executor callbacks) {
    this.callbacks = callbacks;
  }

  synchronized void routes(long revision, RouteKeeper keeper) {
    routeRevision = Math.max(routeRevision, revision);
    routeFault = Optional.empty();
    routeErrors =
        keeper.failures().values().stream().limit(KernelStatus.MAX_ERRORS).toList();
    refusedRoutes = keeper.refused();
    installed = keeper.installed();
    routeWrites = keeper.writes();
    repairs = new Repairs(
        keeper.routeRepairs(),
        keeper.linkRepairs(),
        repairs.sysctls(),
        repairs.rules(),
        repairs.sets());
    release();
  }

  synchronized SortedSet<Prefix> refusedRoutes() {
    return refusedRoutes;
  }

  synchronized void routesFailed(String why) {
    routeErrors = List.of();
    routeFault = Optional.of(why);
  }

  synchronized void connected(
      SortedSet<Prefix> now, Optional<SortedMap<Prefix, RouteTarget>> othersNow) {
    boolean same = now.equals(connected) && othersNow.equals(others);
    connected = now;
    others = othersNow;
    connectedKnown = true;
    notifyAll();
    if (!same) {
      callbacks.execute(connectedChanged);
    }
  }

  synchronized void whenConnectedChanges(Runnable task) {
    connectedChanged = task;
  }

  synchronized void chosen(IptablesChoice choice) {
    iptables = Optional.of(choice);
  }

  /** What the first look at the kernel found; later ones count no more. */
  synchronized void found(Leftover found, List<FoundPod> pods) {
    if (leftover.isEmpty()) {
      leftover = Optional.of(found);
      foundPods = List.copyOf(pods);
    }
  }

  synchronized List<FoundPod> foundPods() {
    return foundPods;
  }

  synchronized Leftover leftover() {
    return leftover.orElse(Leftover.NONE);
  }

  synchronized void sysctls(SysctlKeeper keeper, Optional<String> error) {
    sysctlError = error;
    repairs = new Repairs(
        repairs.routes(), repairs.links(), keeper.repairs(), repairs.rules(), repairs.sets());
  }

  synchronized void rules(long revision, RuleKeeper keeper, String guardTable) {
    guard = guardTable;
    ruleRevision = Math.max(ruleRevision, revision);
    ruleError = Optional.empty();
    ruleWrites = keeper.writes();
    repairs = new Repairs(
        repairs.routes(),
        repairs.links(),
        repairs.sysctls(),
        keeper.ruleRepairs(),
        keeper.setRepairs());
    release();
  }

  synchronized void rulesFailed(String why) {
    ruleError = Optional.of(why);
  }

  private void release() {
    waiters.removeIf(w -> {
      if (w.revision > (w.rulesOnly ? ruleRevision : Math.min(routeRevision, ruleRevision))) {
        return false;
      }
      if (w.rulesOnly) {
        w.done.complete(null); // whoever waits for it does so in a thread of its own
      } else {
        callbacks.execute(() -> w.done.complete(null));
      }
      return true;
    });
  }

  synchronized CompletableFuture<Void> applied(long revision) {
    return waiting(revision, false);
  }

  /** Of rules and sets alone; nothing may hang on it that takes time. */
  synchronized CompletableFuture<Void> rulesApplied(long revision) {
    return waiting(revision, true);
  }

  private CompletableFuture<Void> waiting(long revision, boolean rulesOnly) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    waiters.add(new Waiter(revision, rulesOnly, done));
    release();
    return done;
  }

  synchronized SortedSet<Prefix> connected() {
    return connected;
  }

  synchronized Optional<SortedMap<Prefix, RouteTarget>> others() {
    return others;
  }

  /** Waits for the first look at the kernel, at most that long. */
  synchronized void awaitConnected(long atMostMs) throws KernelException {
    long end = System.nanoTime() + atMostMs * 1_000_000;
    try {
      while (!connectedKnown && end > System.nanoTime()) {
        wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!connectedKnown) {
      throw new KernelException(
          "the kernel's routes could not be read: " + routeFault.orElse("no answer"));
    }
  }

  synchronized KernelStatus status() {
    List<String> hindrances = new ArrayList<>();
    ruleError.ifPresent(hindrances::add);
    sysctlError.ifPresent(hindrances::add);
    routeFault.ifPresent(hindrances::add);
    List<String> errors = new ArrayList<>(hindrances);
    errors.addAll(routeErrors);
    long revision = Math.min(routeRevision, ruleRevision);
    return new KernelStatus(
        iptables.map(c -> c.backend().text()).orElse(""),
        iptables.map(IptablesChoice::reason).orElse(""),
        revision,
        revision >= 0 && errors.isEmpty(),
        errors.stream().limit(KernelStatus.MAX_ERRORS).toList(),
        installed,
        routeWrites,
        ruleWrites,
        repairs,
        guard,
        hindrances);
  }
}
