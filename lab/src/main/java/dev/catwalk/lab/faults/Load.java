package dev.catwalk.lab.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.catwalk.raftstore.machine.KvEntry;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.trial.Clients;
import dev.catwalk.raftstore.trial.Members.Member;
import dev.catwalk.raftstore.trial.RemoteStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients at work until they are told to stop: three quarters put, get and swap on a few keys at once
 * and note what they see, the rest write keys that nobody else writes. Keys change as time goes by,
 * so that a history is short enough to be judged.
 */
final class Load {
  private static final int OPERATIONS_OF_A_KEY = 24;
  private static final int KEYS_AT_ONCE = 3;
  private static final long AFTER_A_FAILURE_MS = 20;

  private final List<Member> members;
  private final String prefix;
  private final Clients clients;
  private final AtomicLong operations = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean over;

  /**
   * Begins.
   *
   * @param number no other load on these members has it
   */
  Load(List<Member> members, int number, int clientCount, long seed) {
    this.members = members;
    this.prefix = "r" + number + "/";
    this.clients = new Clients(number * 1_000_000, System::nanoTime);
    for (int i = 0; i < clientCount; i++) {
      int mine = i;
      SplittableRandom random = new SplittableRandom(31 * seed + i);
      threads.add(Thread.ofVirtual().start(() -> work(mine, random)));
    }
  }

  private void work(int first, SplittableRandom random) {
    int at = first;
    long epoch = -1;
    Map<String, KvEntry> known = new TreeMap<>();
    while (!over) {
      RemoteStore store = members.get(at % members.size()).store();
      long number = operations.getAndIncrement();
      long now = number / (OPERATIONS_OF_A_KEY * KEYS_AT_ONCE);
      if (now != epoch) {
        epoch = now;
        known.clear();
      }
      boolean answered = random.nextInt(4) == 0
          ? write(store, prefix + "w/" + number)
          : clients
              .one(
                  store,
                  prefix + "k" + epoch + "-" + random.nextInt(KEYS_AT_ONCE),
                  random.nextInt(3),
                  known)
              .join();
      if (!answered) {
        failures.incrementAndGet();
        at++;
        pause();
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(AFTER_A_FAILURE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean write(RemoteStore store, String key) {
    try {
      store
          .submit(KvMachine.NAME, KvTransaction.put(key, key.getBytes(UTF_8)).encode())
          .join();
      acknowledged.add(key);
      return true;
    } catch (CompletionException e) {
      return false;
    }
  }

  /** Operations so far. */
  long operations() {
    return operations.get();
  }

  /** Operations that were not answered, or refused. */
  long failures() {
    return failures.get();
  }

  /** Lets every client end its operation. */
  void stop() throws InterruptedException {
    over = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /**
   * Judges what the clients saw, and looks for what was acknowledged at every member.
   *
   * @throws AssertionError if a history has no explanation or a write is lost
   */
  void judge() {
    Clients.judge(clients.histories());
    for (Member member : members) {
      Map<String, byte[]> there = member.store().list(prefix + "w/").join();
      List<String> lost = acknowledged.stream()
          .filter(key -> !key.equals(new String(there.getOrDefault(key, new byte[0]), UTF_8)))
          .toList();
      if (!lost.isEmpty()) {
        throw new AssertionError(
            member.name() + " lacks " + lost.size() + " acknowledged writes of "
                + acknowledged.size() + ", " + lost.getFirst() + " among them");
      }
    }
  }
}
