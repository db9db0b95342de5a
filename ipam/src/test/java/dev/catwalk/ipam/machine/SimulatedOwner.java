package dev.catwalk.ipam.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.ipam.model.Allocation;
import dev.catwalk.ipam.model.Block;
import dev.catwalk.ipam.model.Handle;
import dev.catwalk.ipam.model.NodeEpoch;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A node of a simulation: its ledger, its disk with what is not yet synced, its pods. */
final class SimulatedOwner {
  /** Entries that go to disk together, and what happens when they are there. */
  private record Write(boolean image, List<LedgerEntry> entries, Runnable then) {}

  final String name;
  NodeEpoch epoch;
  Ledger ledger;

  /** The pods that somebody was told of, with their addresses. */
  final TreeMap<Handle, List<IpAddress>> pods = new TreeMap<>();

  /** The revision that this node has seen. */
  int seen;

  /** It serves nobody before it has seen this much. */
  int barrier;

  /** Earlier lives of this very machine, whose disk was lost while its pods went on. */
  final TreeSet<Long> past = new TreeSet<>();

  /** Another machine has its name by now; this one was off meanwhile. */
  boolean replaced;

  boolean up = true;
  boolean cut;

  /** One more for each start: what an earlier start waits for does not come. */
  int start;

  long requests;

  private List<byte[]> disk = new ArrayList<>();
  private final ArrayDeque<Write> unsynced = new ArrayDeque<>();

  SimulatedOwner(String name, long epoch) {
    this.name = name;
    begin(epoch);
  }

  /** A new machine of the old name: no pod, no disk. */
  void begin(long newEpoch) {
    epoch = new NodeEpoch(name, newEpoch);
    disk = new ArrayList<>();
    pods.clear();
    past.clear();
    requests = 0;
    restart();
  }

  /** The disk is lost and nothing else: its pods go on. */
  void wipe(long newEpoch) {
    past.add(epoch.epoch());
    epoch = new NodeEpoch(name, newEpoch);
    disk = new ArrayList<>();
    requests = 0;
    restart();
  }

  /** The same machine without its pods, switched off. */
  SimulatedOwner switchedOff() {
    SimulatedOwner off = new SimulatedOwner(name, epoch.epoch());
    off.disk = new ArrayList<>(disk);
    off.up = false;
    off.seen = seen;
    off.replaced = true;
    return off;
  }

  void write(List<LedgerEntry> entries, Runnable then) {
    unsynced.add(new Write(false, List.copyOf(entries), then));
  }

  void rewrite() {
    unsynced.add(new Write(true, ledger.image(), () -> {}));
  }

  boolean hasUnsynced() {
    return !unsynced.isEmpty();
  }

  /** The oldest write is on disk. */
  void sync() {
    Write write = unsynced.poll();
    if (write != null) {
      onDisk(write);
      ledger.onDisk(write.entries());
      write.then().run();
    }
  }

  private void onDisk(Write write) {
    if (write.image()) {
      disk = new ArrayList<>();
    }
    write.entries().forEach(entry -> disk.add(entry.encode()));
  }

  /**
   * Stops at once.
   *
   * @param survive so many of the writes under way are on disk all the same, and nobody hears of it
   */
  void crash(int survive) {
    up = false;
    start++;
    for (int i = 0; i < survive && !unsynced.isEmpty(); i++) {
      onDisk(unsynced.remove());
    }
    unsynced.clear();
  }

  void restart() {
    up = true;
    start++;
    unsynced.clear();
    ledger = new Ledger(epoch);
    disk.forEach(bytes -> ledger.replay(LedgerEntry.decode(bytes)));
    List<Allocation> lost = new ArrayList<>();
    pods.forEach((handle, ips) -> ips.forEach(ip -> {
      if (ledger.heldBy(handle).stream().noneMatch(a -> a.ip().equals(ip))) {
        lost.add(new Allocation(ip, handle, "shop", "p", 1));
      }
    }));
    write(ledger.adopt(lost), () -> {});
  }

  boolean serves() {
    return up && seen >= barrier;
  }

  /** What was told is in the ledger, and in each block all addresses are somewhere. */
  void check(long nowMs) {
    if (!up) {
      return;
    }
    pods.forEach((handle, ips) -> assertTrue(
        Stream.concat(ledger.heldBy(handle).stream(), ledger.remains().stream())
            .map(Allocation::ip)
            .toList()
            .containsAll(ips),
        () -> epoch + " has told " + handle + " of " + ips + " and has " + ledger.heldBy(handle)));
    for (Stock stock : ledger.stock(nowMs)) {
      assertEquals(
          Block.usable(stock.block()),
          stock.used() + stock.free() + stock.cooling(),
          () -> epoch + ": " + stock);
    }
  }
}
