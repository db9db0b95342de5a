package dev.catwalk.felix.alloc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.felix.alloc.AllocationJournal.Group;
import dev.catwalk.felix.model.ClusterState;
import dev.catwalk.ipam.machine.Command.SucceedNode;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.ipam.model.Registration;
import dev.catwalk.net.sim.VirtualTime;
import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.memory.SimulatedStores;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

/**
 * A node of an allocation story: a simulated member of the store, a journal on a real disk whose
 * steps are taken in virtual time, and the addresses on top. It can stop between any two steps.
 */
final class StoryNode {
  /** A slow disk: it leaves room for a crash between any two steps. */
  private static final long SLOWEST_STEP_MS = 25;

  private final String name;
  private final Path dir;
  private final VirtualTime time;
  private final SimulatedStores stores;
  private final BiConsumer<Long, ClusterState> witness;

  private NodeEpoch epoch;
  private AllocationJournal journal;
  private LocalAddresses addresses;
  private ClusterState cluster = ClusterState.empty();

  /** One more for each start: what an earlier start had under way does nothing any more. */
  private int starts;

  private boolean up;
  private boolean writing;

  /** Up to here the file is on disk for certain. */
  private long synced;

  /** Crashes that left something unfinished in the file. */
  private int torn;

  /**
   * @param witness is told every state that this member has seen, by its revision
   */
  StoryNode(
      String name,
      Path dir,
      VirtualTime time,
      SimulatedStores stores,
      BiConsumer<Long, ClusterState> witness)
      throws IOException {
    this.name = name;
    this.dir = dir;
    this.time = time;
    this.stores = stores;
    this.witness = witness;
    Files.createDirectories(dir);
    beginLife();
  }

  /** A new life on an empty disk. */
  void beginLife() throws IOException {
    epoch = new NodeEpoch(name, time.random().nextLong());
    AllocationJournal.create(dir, epoch);
  }

  String name() {
    return name;
  }

  NodeEpoch epoch() {
    return epoch;
  }

  boolean isUp() {
    return up;
  }

  LocalAddresses addresses() {
    return addresses;
  }

  ClusterState cluster() {
    return cluster;
  }

  void start() throws IOException {
    up = true;
    int start = ++starts;
    cluster = ClusterState.empty();
    journal = AllocationJournal.load(dir, epoch);
    synced = Files.size(file());
    writing = false;
    Submitter submitter = Submitter.to(stores.store(name));
    addresses = new LocalAddresses(
        epoch,
        journal,
        new StoreBinding(dir),
        submitter,
        task -> time.after(500, () -> ifStill(start, task)),
        task -> time.after(100, () -> ifStill(start, task)),
        time.random()::nextLong);
    stores.store(name).subscribe(0, change -> ifStill(start, () -> changed(change)));
  }

  private void changed(Change change) {
    cluster = cluster.apply(change);
    witness.accept(cluster.revision(), cluster);
    addresses.observe(cluster.ipam(), cluster.revision());
    Registration known = cluster.ipam().nodes().get(name);
    if (known != null
        && !known.current().equals(epoch)
        && !known.retired().contains(epoch.epoch())) {
      CompletableFuture<?> unused =
          Submitter.to(stores.store(name)).submit(new SucceedNode(epoch, known.current()));
    }
    drive();
  }

  private void ifStill(int start, Runnable task) {
    if (up && start == starts) {
      task.run();
      drive();
    }
  }

  /** Takes the journal's next step a little later, if it has anything to do. */
  void drive() {
    if (writing) {
      return;
    }
    Group group = journal.take();
    if (group != null) {
      writing = true;
      step(() -> {
        journal.write(group);
        group.written.complete(null);
        step(() -> {
          journal.sync();
          synced = Files.size(file());
          step(() -> {
            writing = false;
            group.synced.complete(null);
          });
        });
      });
    }
  }

  private interface DiskStep {
    void run() throws IOException;
  }

  private void step(DiskStep step) {
    int start = starts;
    time.after(
        time.random().nextLong(SLOWEST_STEP_MS),
        () -> ifStill(start, () -> {
          try {
            step.run();
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        }));
  }

  /** Stops at once. What was written since the last sync is on disk in part, or not at all. */
  void crash() throws IOException {
    up = false;
    stores.crash(name);
    journal.close();
    long size = Files.size(file());
    if (size > synced) {
      torn++;
      try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
        channel.truncate(time.random().nextLong(synced, size + 1));
      }
    }
  }

  void restart() throws IOException {
    stores.restart(name, time.random().nextInt(4));
    start();
  }

  int torn() {
    return torn;
  }

  void assertSettled() {
    assertEquals(0, addresses.pending(), name);
  }

  private Path file() {
    return dir.resolve(AllocationJournal.FILE);
  }
}
