package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.KvTransaction;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.store.StoreConfig.Voting;
import dev.catwalk.raftstore.store.StoreStatus.Role;
import dev.catwalk.raftstore.voters.VoterRule;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of three racks that begin with one voter: real stores in this JVM. */
class ChosenStoreTest {
  private static final VoterRule RULE = new VoterRule(3, List.of("rack"), 1000);
  private static final Map<String, String> RACKS =
      Map.of("n1", "r1", "n2", "r1", "n3", "r2", "n4", "r2", "n5", "r3");

  @TempDir
  Path directory;

  private final TreeMap<String, Integer> ports = new TreeMap<>();
  private final TreeMap<String, ChosenStore> open = new TreeMap<>();

  /** What each was told of, in the order in which it was. */
  private final TreeMap<String, Queue<Change>> told = new TreeMap<>();

  @AfterEach
  void close() {
    open.values().forEach(Store::close);
  }

  private void start(String name) throws Exception {
    if (!ports.containsKey(name)) {
      ports.put(name, Cluster.freePort());
    }
    String address = "127.0.0.1:" + ports.get(name);
    StoreConfig config = new StoreConfig(
            name,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.get(name)),
            new TreeMap<>(Map.of("n1", "127.0.0.1:" + ports.get("n1"))),
            directory.resolve(name),
            "test",
            true,
            null)
        .with(new Voting(RULE, address, new TreeMap<>(Map.of("rack", RACKS.get(name)))));
    ChosenStore store = ChosenStore.open(config, () -> List.of(new KvMachine()), Cluster.SMALL);
    open.put(name, store);
    Queue<Change> changes = new ConcurrentLinkedQueue<>();
    told.put(name, changes);
    store.subscribe(0, changes::add);
  }

  private void stop(String name) {
    open.remove(name).close();
    told.remove(name);
  }

  private List<String> voters() {
    return open.firstEntry().getValue().roster().voters();
  }

  /** They are in a rack each, run, and are of one opinion. */
  private boolean spread() {
    List<String> voters = voters();
    return voters.size() == 3
        && voters.stream().map(RACKS::get).distinct().count() == 3
        && voters.stream().allMatch(open::containsKey)
        && open.values().stream().allMatch(store -> store.roster().voters().equals(voters));
  }

  /** Every voter is a member, and every other one a client. */
  private boolean settled() {
    return spread()
        && open.entrySet().stream()
            .allMatch(entry -> voters().contains(entry.getKey())
                == (entry.getValue().status().role() != Role.CLIENT))
        && open.values().stream().allMatch(store -> store.status().quorum());
  }

  private static CompletableFuture<Long> put(Store store, String key, int attempts) {
    CompletableFuture<Long> attempt = store
        .submit(KvMachine.NAME, KvTransaction.put(key, new byte[100]).encode())
        .thenApply(applied -> applied.revision());
    return attempts == 1
        ? attempt
        : attempt.exceptionallyCompose(refused -> put(store, key, attempts - 1));
  }

  /** Each store takes a write, and has told its follower of every change up to it, once, in order. */
  private void assertAllKnowAll(String keys) {
    long last = 0;
    for (Map.Entry<String, ChosenStore> entry : open.entrySet()) {
      last = Math.max(last, put(entry.getValue(), keys + entry.getKey(), 10).join());
    }
    long newest = last;
    for (Map.Entry<String, ChosenStore> entry : open.entrySet()) {
      Queue<Change> changes = told.get(entry.getKey());
      Cluster.await(
          entry.getKey() + " is told of " + newest,
          () -> changes.stream().anyMatch(change -> change.revision() >= newest));
      long at = 0;
      for (Change change : List.copyOf(changes)) {
        assertTrue(
            change instanceof Change.Replaced
                ? change.revision() > at
                : change.revision() == at + 1,
            entry.getKey() + " at " + at + ": " + change.revision());
        at = change.revision();
      }
    }
    Cluster.await(
        "one state",
        () -> open.values().stream()
                .map(store -> store.status().revision() + " " + store.status().stateHash())
                .distinct()
                .count()
            == 1);
  }

  /** From one voter to three in three racks; one that goes for good is replaced, and follows then. */
  @Test
  void votersAreChosenSpreadAndReplaced() throws Exception {
    start("n1");
    for (int i = 0; i < 20; i++) {
      put(open.get("n1"), "before" + i, 50).join();
    }
    for (String name : List.of("n2", "n3", "n4", "n5")) {
      start(name);
    }
    Cluster.await("three voters in three racks", this::settled);
    assertAllKnowAll("a/");
    List<String> first = voters();
    String dead =
        first.stream().filter(name -> !RACKS.get(name).equals("r3")).findFirst().get();
    assertFalse(open.get(dead).choice().isEmpty(), "it says what is done about voters");
    stop(dead);
    Cluster.await("the dead one is replaced", this::settled);
    assertFalse(voters().contains(dead));
    assertAllKnowAll("b/");

    // On a machine that stood still another voter may be taken for gone, and this one chosen again.
    start(dead);
    Cluster.await("what it was once it is no longer, and all know what it is", this::settled);
    assertAllKnowAll("c/");
    stop(dead);
    start(dead);
    Cluster.await("it begins as what it was last", this::settled);
    Cluster.await("all is well", () -> open.get(dead).status().problem() == null);
  }
}
