package dev.catwalk.raftstore.atomix;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.KvEntry;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.pki.Tls;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreStatus;
import dev.catwalk.raftstore.trial.Clients;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.UnaryOperator;

/**
 * One member as a process of its own, driven by lines on its standard input: {@code write COUNT
 * PREFIX}, {@code count PREFIX}, {@code history SEED CLIENTS OPERATIONS}, {@code try}, {@code status}; each is answered by one line.
 */
final class SoakMember {
  static final String CLUSTER = "soak";
  static final Duration VALIDITY = Duration.ofDays(60);
  private static final int WINDOW = 64;
  private static final int VALUE_BYTES = 100;

  private SoakMember() {}

  /** The value that the soak writes under this key. */
  static byte[] valueOf(String key) {
    return (key + " ").repeat(VALUE_BYTES).substring(0, VALUE_BYTES).getBytes(UTF_8);
  }

  /** Arguments: name, data directory, that of the certificates, then name=host:port of every member. */
  public static void main(String[] args) throws Exception {
    TreeMap<String, String> members = new TreeMap<>();
    for (String member : List.of(args).subList(3, args.length)) {
      members.put(
          member.substring(0, member.indexOf('=')), member.substring(member.indexOf('=') + 1));
    }
    String mine = members.get(args[0]);
    int colon = mine.lastIndexOf(':');
    InetSocketAddress listen = new InetSocketAddress(
        InetAddress.getAllByName(mine.substring(0, colon))[0],
        Integer.parseInt(mine.substring(colon + 1)));
    StoreConfig config = new StoreConfig(
        args[0],
        listen,
        members,
        Path.of(args[1]),
        CLUSTER,
        false,
        Tls.in(Path.of(args[2]), args[0]));
    Tuning tuning =
        new Tuning(256 * 1024, 192 * 1024, Duration.ofMillis(200), Duration.ofMillis(800));
    KvMachine local = new KvMachine();
    AtomixStore store = AtomixStore.open(
        config,
        List.of(new KvMachine()),
        tuning,
        error -> {
          error.printStackTrace();
          Runtime.getRuntime().halt(70);
        },
        UnaryOperator.identity());
    store.subscribe(0, change -> follow(local, change));
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      System.out.println(
          switch (words[0]) {
            case "write" -> write(store, Integer.parseInt(words[1]), words[2]);
            case "history" ->
              history(
                  store,
                  Integer.parseInt(words[1]),
                  Integer.parseInt(words[2]),
                  Integer.parseInt(words[3]));
            case "try" -> attempt(store);
            case "count" -> count(local, words[1]);
            case "status" -> status(store.status());
            default -> "what?";
          });
    }
    store.close();
  }

  private static String attempt(AtomixStore store) {
    try {
      return "revision "
          + store
              .submit(KvMachine.NAME, KvTransaction.put("try", new byte[1]).encode())
              .join();
    } catch (CompletionException e) {
      return e.getCause() instanceof StoreException refusal
              && refusal.kind() == StoreException.Kind.NO_QUORUM
          ? "refused " + refusal.getMessage()
          : "failed " + e.getCause();
    }
  }

  /** Clients at work, and what they saw; values begin at a million times the seed. */
  private static String history(AtomixStore store, int seed, int clients, int operations) {
    Clients all = new Clients(seed * 1_000_000, System::nanoTime);
    List<CompletableFuture<Void>> working = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      working.add(all.work(() -> store, new SplittableRandom(31L * seed + i), operations));
    }
    working.forEach(CompletableFuture::join);
    return all.text();
  }

  /** Writes until every write is acknowledged; says how many attempts failed on the way. */
  private static String write(AtomixStore store, int count, String prefix) throws Exception {
    Semaphore window = new Semaphore(WINDOW);
    ConcurrentLinkedQueue<String> again = new ConcurrentLinkedQueue<>();
    int failed = 0;
    for (int i = 0; i < count; i++) {
      put(store, prefix + i, window, again);
    }
    window.acquire(WINDOW);
    for (String key = again.poll(); key != null; key = again.poll()) {
      window.release(WINDOW);
      failed++;
      put(store, key, window, again);
      window.acquire(WINDOW);
    }
    return count + " " + failed;
  }

  private static void put(
      AtomixStore store, String key, Semaphore window, ConcurrentLinkedQueue<String> again)
      throws InterruptedException {
    window.acquire();
    var unused = store
        .submit(KvMachine.NAME, KvTransaction.put(key, valueOf(key)).encode())
        .whenComplete((applied, error) -> {
          if (error != null) {
            again.add(key);
          }
          window.release();
        });
  }

  /** How many keys of the prefix are here with the value that they should have. */
  private static String count(KvMachine local, String prefix) {
    int right = 0;
    synchronized (local) {
      for (KvEntry entry : local.list(prefix)) {
        right += Arrays.equals(entry.value(), valueOf(entry.key())) ? 1 : 0;
      }
    }
    return String.valueOf(right);
  }

  private static String status(StoreStatus status) {
    return status.revision() + " " + status.stateHash() + " " + status.role() + " "
        + status.quorum();
  }

  private static void follow(KvMachine local, Change change) {
    synchronized (local) {
      switch (change) {
        case Change.Committed committed -> local.apply(committed.revision(), committed.command());
        case Change.Replaced replaced -> local.restore(replaced.snapshots().get(KvMachine.NAME));
      }
    }
  }
}
