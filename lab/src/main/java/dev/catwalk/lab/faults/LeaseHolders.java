package dev.catwalk.lab.faults;

import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvOutcome;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.store.KvLeases;
import dev.catwalk.raftstore.trial.Members.Member;
import dev.catwalk.raftstore.trial.RemoteStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Holders of leases, each with a key: some keep theirs alive, through any member that answers, the
 * others stand still when they are told to. Of each it is known when it submitted the last grant or
 * keep-alive that was acknowledged: for its time to live from then on the lease has to be there.
 */
final class LeaseHolders {
  static final long TTL_MS = 4000;
  private static final long PERIOD_MS = TTL_MS / 4;

  /** One that has not answered by then is passed by. */
  private static final long ANSWER_MS = PERIOD_MS / 2;

  private static final int EACH = 4;

  private final List<Member> members;
  private final String prefix;
  private final Queue<String> early = new ConcurrentLinkedQueue<>();
  private final Queue<Long> granted = new ConcurrentLinkedQueue<>();
  private final List<Thread> holders = new ArrayList<>();
  private volatile boolean someStand;
  private volatile boolean over;

  /**
   * Begins, and returns when all have a lease.
   *
   * @param prefix of the keys, on these members nobody else's
   */
  LeaseHolders(List<Member> members, String prefix) throws InterruptedException {
    this.members = members;
    this.prefix = prefix;
    for (int i = 0; i < EACH; i++) {
      hold(i, true);
      hold(i + EACH, false);
    }
    while (granted.size() < 2 * EACH && !over) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private void hold(int number, boolean living) {
    holders.add(Thread.ofVirtual().start(() -> {
      try {
        hold(number, prefix + (living ? "living/" : "dead/") + number, living);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }));
  }

  private boolean goesOn(boolean living) {
    return !over && (living || !someStand);
  }

  private void hold(int first, String key, boolean living) throws InterruptedException {
    int at = first;
    long lease = 0;
    long keptNs = 0;
    while (goesOn(living)) {
      long now = System.nanoTime();
      RemoteStore store = members.get(at % members.size()).store();
      try {
        if (lease == 0) {
          long fresh = answer(new KvLeases(store).grant(0, TTL_MS));
          if (put(store, key, fresh)) {
            lease = fresh;
            keptNs = now;
            granted.add(lease);
          }
          continue;
        }
        if (answer(new KvLeases(store).keepAlive(lease))) {
          keptNs = now;
        } else {
          long agoMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - keptNs);
          if (agoMs < TTL_MS) {
            early.add(key + " ended " + agoMs + " ms after it was kept alive for " + TTL_MS);
          }
          lease = 0;
          continue;
        }
        TimeUnit.MILLISECONDS.sleep(PERIOD_MS);
      } catch (ExecutionException | TimeoutException e) {
        at++;
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  private static <T> T answer(CompletableFuture<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    return future.get(ANSWER_MS, TimeUnit.MILLISECONDS);
  }

  private static boolean put(RemoteStore store, String key, long lease)
      throws InterruptedException, ExecutionException, TimeoutException {
    KvTransaction put = new KvTransaction(
        List.of(), List.of(new KvTransaction.Put(key, new byte[1], lease)), List.of());
    return KvOutcome.decode(answer(store.submit(KvMachine.NAME, put.encode())).outcome())
        instanceof KvOutcome.Done;
  }

  /** Half of them do nothing more, as if their process had been killed. */
  void killHalf() {
    someStand = true;
  }

  /** Whether nothing of those is left at any member. */
  boolean deadAreGone() {
    return members.stream().allMatch(member -> {
      try {
        return member.store().list(prefix + "dead/").get(3, TimeUnit.SECONDS).isEmpty();
      } catch (ExecutionException | TimeoutException e) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    });
  }

  /**
   * Ends all.
   *
   * @throws AssertionError if a lease ended before its time
   */
  void end() throws InterruptedException {
    over = true;
    for (Thread holder : holders) {
      holder.join();
    }
    if (!early.isEmpty()) {
      throw new AssertionError(early.size() + " leases ended early: " + early.peek());
    }
  }
}
