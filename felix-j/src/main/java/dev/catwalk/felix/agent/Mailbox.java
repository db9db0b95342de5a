package dev.catwalk.felix.agent;

import dev.catwalk.bgp.rib.Path;
import dev.catwalk.bgp.rib.RouteListener.RouteChange;
import dev.catwalk.net.addr.Prefix;
import dev.catwalk.raftstore.machine.Change;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the agent's loop will do next. Any thread may post and none is made to wait: routes are kept
 * as the newest state of each prefix, changes of the store are dropped as a whole when there are too
 * many (the loop then subscribes again from where it is), and a call too many is refused.
 */
final class Mailbox {
  /** Calls that may wait. */
  static final int MAX_CALLS = 1024;

  /** Changes of the store that may wait. */
  static final int MAX_CHANGES = 4096;

  /**
   * All that came since the last time.
   *
   * @param changes of the store, in the order of revisions
   * @param changesLost whether further ones were dropped
   * @param routes the newest selection of each prefix that changed; empty: the prefix is gone
   * @param converged whether peers have told all by now
   */
  record Batch(
      List<Change> changes,
      boolean changesLost,
      Map<Prefix, List<Path>> routes,
      boolean converged,
      List<Runnable> calls) {}

  private final ArrayDeque<Change> changes = new ArrayDeque<>();
  private boolean changesLost;
  private LinkedHashMap<Prefix, List<Path>> routes = new LinkedHashMap<>();
  private boolean converged;
  private final ArrayDeque<Runnable> calls = new ArrayDeque<>();

  synchronized void changed(Change change) {
    if (changesLost) {
      return;
    }
    if (change instanceof Change.Replaced) {
      changes.clear(); // it stands for all before it
    }
    if (changes.size() == MAX_CHANGES) {
      changesLost = true;
    } else {
      changes.add(change);
    }
    notifyAll();
  }

  synchronized void routesChanged(List<RouteChange> changed) {
    for (RouteChange change : changed) {
      routes.put(change.prefix(), change.paths());
    }
    notifyAll();
  }

  /** Peers have told all, and the routes that came of it are posted. */
  synchronized void converged() {
    converged = true;
    notifyAll();
  }

  /** Whether the call was taken: it is not when {@link #MAX_CALLS} wait already. */
  synchronized boolean call(Runnable call) {
    if (calls.size() == MAX_CALLS) {
      return false;
    }
    calls.add(call);
    notifyAll();
    return true;
  }

  /**
   * Takes all that is here.
   *
   * @param waitMs how long to wait for something; then the batch may be empty
   */
  synchronized Batch take(long waitMs) throws InterruptedException {
    long deadline = System.nanoTime() + waitMs * 1_000_000;
    while (changes.isEmpty() && !changesLost && routes.isEmpty() && !converged && calls.isEmpty()) {
      long leftMs = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        break;
      }
      wait(leftMs);
    }
    Batch batch = new Batch(
        new ArrayList<>(changes),
        changesLost,
        Collections.unmodifiableMap(routes),
        converged,
        new ArrayList<>(calls));
    changes.clear();
    changesLost = false;
    routes = new LinkedHashMap<>();
    converged = false;
    calls.clear();
    return batch;
  }
}
