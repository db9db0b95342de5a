package dev.catwalk.raftstore.trial;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.catwalk.raftstore.machine.KvEntry;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvOutcome;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.trial.Operation.Deed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Clients who work on a few keys at once, one operation after the other each, and note all. */
public final class Clients {
  private static final int KEYS = 3;

  private final Map<String, List<Operation>> histories = new TreeMap<>();
  private final AtomicInteger values;
  private final LongSupplier clock;

  /**
   * Nobody works yet.
   *
   * @param firstValue the numbers from there on are nobody else's
   * @param clock goes on between a call and what its answer causes
   */
  public Clients(int firstValue, LongSupplier clock) {
    this.values = new AtomicInteger(firstValue);
    this.clock = clock;
  }

  /** Begins so many operations, one after the other; done when the last is answered. */
  public CompletableFuture<Void> work(
      Supplier<Store> store, SplittableRandom random, int operations) {
    return work(store, random, operations, new TreeMap<>());
  }

  private CompletableFuture<Void> work(
      Supplier<Store> store, SplittableRandom random, int left, Map<String, KvEntry> known) {
    if (left == 0) {
      return CompletableFuture.completedFuture(null);
    }
    String key = "k" + random.nextInt(KEYS);
    return one(store.get(), key, random.nextInt(3), known)
        .thenCompose(done -> work(store, random, left - 1, known));
  }

  /**
   * One operation, which is noted.
   *
   * @param kind 0: put; 1: get; 2: put if the entry is still the one that is known, else get
   * @param known what this client knows of the keys; one operation at a time changes it
   * @return whether it was answered
   */
  public CompletableFuture<Boolean> one(
      Store store, String key, int kind, Map<String, KvEntry> known) {
    int value = values.incrementAndGet();
    byte[] bytes = String.valueOf(value).getBytes(UTF_8);
    KvEntry before = known.get(key);
    KvTransaction transaction = kind == 0
        ? KvTransaction.put(key, bytes)
        : kind == 1 || before == null
            ? new KvTransaction(List.of(), List.of(new KvTransaction.Get(key)), List.of())
            : KvTransaction.putIf(key, before.modRevision(), bytes);
    boolean swap = !transaction.compares().isEmpty();
    boolean write = kind == 0;
    long begin = clock.getAsLong();
    if (!write && !swap && store instanceof KeyReader reader) {
      return reader.read(key).handle((entry, error) -> {
        known.remove(key);
        if (error != null) {
          return false;
        }
        entry.ifPresent(now -> known.put(key, now));
        Deed read = new Operation.Read(number(entry.orElse(null)));
        note(key, new Operation(begin, clock.getAsLong(), read));
        return true;
      });
    }
    return store.submit(KvMachine.NAME, transaction.encode()).handle((applied, error) -> {
      if (error != null) {
        if (write || swap) {
          note(
              key,
              new Operation(
                  begin,
                  Operation.UNKNOWN,
                  write
                      ? new Operation.Write(value)
                      : new Operation.Swapped(number(before), value)));
        }
        known.remove(key);
        return false;
      }
      KvOutcome.Done done = (KvOutcome.Done) KvOutcome.decode(applied.outcome());
      boolean wrote = write || swap && done.succeeded();
      KvEntry now =
          wrote ? new KvEntry(key, bytes, applied.revision()) : done.results().getFirst();
      known.remove(key);
      if (now != null) {
        known.put(key, now);
      }
      Deed deed = write
          ? new Operation.Write(value)
          : !swap
              ? new Operation.Read(number(now))
              : done.succeeded()
                  ? new Operation.Swapped(number(before), value)
                  : new Operation.NotSwapped(number(before), number(now));
      note(key, new Operation(begin, clock.getAsLong(), deed));
      return true;
    });
  }

  private static int number(@Nullable KvEntry entry) {
    return entry == null ? 0 : Integer.parseInt(new String(entry.value(), UTF_8));
  }

  private synchronized void note(String key, Operation operation) {
    histories.computeIfAbsent(key, k -> new ArrayList<>()).add(operation);
  }

  /** What was noted, as one line: key, begin, end, deed and its numbers, again and again. */
  public String text() {
    StringJoiner words = new StringJoiner(" ");
    histories().forEach((key, operations) -> {
      for (Operation operation : operations) {
        words.add(key).add(String.valueOf(operation.begin())).add(String.valueOf(operation.end()));
        words.add(
            switch (operation.deed()) {
              case Operation.Write write -> "w " + write.value() + " 0";
              case Operation.Read read -> "r " + read.value() + " 0";
              case Operation.Swapped swapped -> "s " + swapped.from() + " " + swapped.to();
              case Operation.NotSwapped not -> "f " + not.from() + " " + not.found();
            });
      }
    });
    return words.toString();
  }

  /**
   * Joins the histories of clients in several processes of one machine, and judges them.
   *
   * @param texts as {@link #text} wrote them
   * @return how many operations there were
   * @throws AssertionError naming the key whose history no order explains
   */
  public static int judge(List<String> texts) {
    Map<String, List<Operation>> all = new TreeMap<>();
    int count = 0;
    for (String text : texts) {
      String[] words = text.split(" ");
      for (int i = 0; i + 6 <= words.length; i += 6) {
        int first = Integer.parseInt(words[i + 4]);
        int second = Integer.parseInt(words[i + 5]);
        Deed deed = switch (words[i + 3]) {
          case "w" -> new Operation.Write(first);
          case "r" -> new Operation.Read(first);
          case "s" -> new Operation.Swapped(first, second);
          default -> new Operation.NotSwapped(first, second);
        };
        all.computeIfAbsent(words[i], key -> new ArrayList<>())
            .add(new Operation(Long.parseLong(words[i + 1]), Long.parseLong(words[i + 2]), deed));
        count++;
      }
    }
    judge(all);
    return count;
  }

  /**
   * Judges histories by key.
   *
   * @throws AssertionError naming the key whose history no order explains
   */
  public static void judge(Map<String, List<Operation>> all) {
    all.forEach((key, history) -> {
      if (!Linearizability.holds(history)) {
        throw new AssertionError("no order explains what clients saw of " + key + ": " + history);
      }
    });
  }

  /** What was noted, by key. */
  public synchronized Map<String, List<Operation>> histories() {
    Map<String, List<Operation>> all = new TreeMap<>();
    histories.forEach((key, operations) -> all.put(key, List.copyOf(operations)));
    return all;
  }
}
