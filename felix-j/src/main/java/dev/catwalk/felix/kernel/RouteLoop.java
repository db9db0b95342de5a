package dev.catwalk.felix.kernel;

import dev.catwalk.felix.calc.DesiredKernel;
import dev.catwalk.felix.kernel.NetlinkSocket.Group;
import dev.catwalk.felix.kernel.NetlinkSocket.OverflowException;
import dev.catwalk.felix.kernel.RouteKeeper.Heard;
import dev.catwalk.felix.netlink.wire.Inbound;
import dev.catwalk.net.addr.Family;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that keeps links, routes and forwarding switches. A second one listens to the kernel
 * for it, so that what somebody else changes is undone at once.
 */
final class RouteLoop implements Runnable, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RouteLoop.class);

  /** All is read anew that often though nothing was heard. */
  private static final Duration PERIOD = Duration.ofSeconds(60);

  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration LAST_RETRY = Duration.ofSeconds(5);

  /** Links that come and go in swarms do not make it read all routes for each of them. */
  private static final Duration RESYNC_GAP = Duration.ofMillis(500);

  /** So far apart it looks at what has come in: a pod's start brings six changes at once. */
  private static final Duration GAP = Duration.ofMillis(10);

  /** How long the listener may take to see that it shall end. */
  private static final Duration PATIENCE = Duration.ofMillis(200);

  /** How often the kernel's switches are looked at. */
  private static final Duration SYSCTLS = Duration.ofSeconds(1);

  private final Inbox inbox = new Inbox();
  private final SysctlKeeper sysctls = new SysctlKeeper();
  private SortedSet<Family> forwarded = Collections.emptySortedSet();
  private final NetlinkSocket monitor;
  private final NetlinkSocket requests;
  private final RouteKeeper keeper;
  private final Board board;
  private final PendingPods pods;
  private final Thread listener;

  private long sysctlsDue = System.nanoTime();
  private long passedAt = System.nanoTime();
  private long resyncDue = System.nanoTime();
  private boolean mustResync = true;
  private Duration retry = FIRST_RETRY;

  /**
   * Opens its sockets in the namespace of the calling thread, which must then call {@link #run}.
   *
   * @param pods asked before each pass for what CNI has done meanwhile
   */
  RouteLoop(Board board, PendingPods pods) throws KernelException {
    this.board = board;
    this.pods = pods;
    this.requests = NetlinkSocket.open();
    this.monitor = NetlinkSocket.open(PATIENCE, Arrays.asList(Group.values()), requests.port());
    this.keeper = new RouteKeeper(requests);
    this.listener = Thread.ofPlatform().name("cw-monitor").daemon().start(this::listen);
  }

  void desire(DesiredKernel desired) {
    inbox.desire(desired);
  }

  void wake() {
    inbox.wake();
  }

  @Override
  public void close() {
    inbox.close();
  }

  private void listen() {
    try (monitor) {
      while (!inbox.isClosed()) {
        try {
          long asked = inbox.asked();
          List<Inbound> changes = monitor.receiveNow();
          if (changes.isEmpty()) {
            inbox.heardUntil(asked);
            changes = monitor.receive();
          }
          if (!changes.isEmpty()) {
            inbox.hear(changes);
          }
        } catch (OverflowException e) {
          inbox.lost();
        } catch (KernelException e) {
          LOG.warn("Change of the kernel not understood, reading all: {}", e.getMessage());
          inbox.lost();
        }
      }
    }
  }

  @Override
  public void run() {
    try (requests) {
      while (!inbox.isClosed()) {
        LockSupport.parkNanos(passedAt + GAP.toNanos() - System.nanoTime());
        Duration patience = untilPass();
        Inbox.Work work = inbox.take(patience.compareTo(SYSCTLS) < 0 ? patience : SYSCTLS);
        work.desired().ifPresent(this::lookAtSysctls);
        if (!work.woken() && !untilPass().isZero()) {
          continue;
        }
        try {
          pass(work);
          passedAt = System.nanoTime();
          retry = keeper.failures().isEmpty() ? FIRST_RETRY : longer(retry);
        } catch (OverflowException e) {
          mustResync = true;
          resyncDue = System.nanoTime();
          inbox.wake();
        } catch (KernelException e) {
          LOG.warn("Routes not kept, trying again: {}", e.getMessage());
          board.routesFailed(e.getMessage());
          mustResync = true;
          retry = longer(retry);
          resyncDue = System.nanoTime() + retry.toNanos();
        }
      }
      listener.join();
    } catch (InterruptedException e) {
      inbox.close();
    }
  }

  private Duration untilPass() {
    long due = mustResync ? resyncDue : passedAt + PERIOD.toNanos();
    if (!keeper.failures().isEmpty()) {
      due = Math.min(due, passedAt + retry.toNanos());
    }
    return Duration.ofNanos(Math.max(0, due - System.nanoTime()));
  }

  private void lookAtSysctls(DesiredKernel desired) {
    // A family that is new is forwarded before its routes are said to be in.
    if (System.nanoTime() - sysctlsDue < 0 && desired.families().equals(forwarded)) {
      return;
    }
    sysctlsDue = System.nanoTime() + SYSCTLS.toNanos();
    try {
      sysctls.look(desired);
      forwarded = desired.families();
      board.sysctls(sysctls, Optional.empty());
    } catch (KernelException e) {
      LOG.warn("Switches not kept, trying again: {}", e.getMessage());
      board.sysctls(sysctls, Optional.of(String.valueOf(e.getMessage())));
    }
  }

  private static Duration longer(Duration retry) {
    Duration twice = retry.multipliedBy(2);
    return twice.compareTo(LAST_RETRY) < 0 ? twice : LAST_RETRY;
  }

  private void pass(Inbox.Work work) throws KernelException, OverflowException {
    if (work.overflow()) {
      mustResync = true;
      resyncDue = System.nanoTime();
    }
    for (Inbound message : work.heard()) {
      mustResync |= keeper.heard(message.payload()) == Heard.RESYNC;
    }
    keeper.heardUntil(work.heardUntil());
    boolean periodic = System.nanoTime() - resyncDue > PERIOD.toNanos();
    if ((mustResync || periodic) && System.nanoTime() - resyncDue >= 0) {
      resync();
    }
    if (work.desired().isPresent()) {
      DesiredKernel desired = work.desired().get();
      if (!keeper.reconcile(desired, pods)) {
        resync();
        keeper.reconcile(desired, pods);
      }
      inbox.ask(keeper.pass());
      pods.settled(desired);
      board.routes(desired.revision(), keeper);
    }
    board.connected(keeper.connected(), keeper.others());
  }

  private void resync() throws KernelException, OverflowException {
    keeper.resync();
    board.found(keeper.leftover(), keeper.pods());
    mustResync = false;
    resyncDue = System.nanoTime() + RESYNC_GAP.toNanos();
  }
}
