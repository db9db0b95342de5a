package dev.catwalk.raftstore.memory;

import dev.catwalk.net.sim.VirtualTime;
import dev.catwalk.raftstore.machine.Machine;
import dev.catwalk.raftstore.machine.Reply;
import dev.catwalk.raftstore.store.LogClock;
import dev.catwalk.raftstore.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** All members of one simulated store, and what befalls them. Not thread-safe. */
public final class SimulatedStores {
  private static final long MIN_DELAY_MS = 1;
  private static final long MAX_DELAY_MS = 8;
  private static final long ELECTION_MS = 900;

  private final VirtualTime time;
  private final Supplier<List<Machine>> machines;
  private final TreeMap<String, SimulatedMember> members = new TreeMap<>();
  private final List<byte[]> log = new ArrayList<>();
  private @Nullable String leader;
  private long term = 1;
  private double twice;
  private boolean timed;

  /**
   * A store whose first member leads.
   *
   * @param machines makes fresh machines for one start of one member
   */
  public SimulatedStores(VirtualTime time, List<String> names, Supplier<List<Machine>> machines) {
    this.time = time;
    this.machines = machines;
    this.leader = names.getFirst();
    for (String name : names) {
      members.put(name, new SimulatedMember(this, name, machines.get()));
    }
  }

  /** The door of a member, of its present start. */
  public Store store(String name) {
    return member(name);
  }

  /** Who leads, if anybody does. */
  public @Nullable String leader() {
    return leader;
  }

  /** Log entries committed so far. */
  public int entries() {
    return log.size();
  }

  /** From now on a frame is committed twice with this chance, as after a lost answer. */
  public void commitTwice(double chance) {
    twice = chance;
  }

  /** Nobody leads for a while; whatever is under way goes unanswered, committed or not. */
  public void loseLeader() {
    leader = null;
    term++;
    elect();
  }

  /** Cuts a member off from all others. */
  public void cut(String name) {
    member(name).reachable = false;
    if (name.equals(leader)) {
      loseLeader();
    }
  }

  /** Ends a cut; what the member missed arrives. */
  public void heal(String name) {
    SimulatedMember member = member(name);
    member.reachable = true;
    replicate(member);
    elect();
  }

  /** Stops a member at once. */
  public void crash(String name) {
    SimulatedMember member = member(name);
    member.up = false;
    member.door().close();
    if (name.equals(leader)) {
      loseLeader();
    }
  }

  /**
   * Starts a crashed member again from its disk.
   *
   * @param torn so many of its newest entries are not on the disk; they come again from the others
   */
  public void restart(String name, int torn) {
    SimulatedMember old = member(name);
    assert !old.up : name;
    SimulatedMember fresh = new SimulatedMember(this, name, machines.get());
    members.put(name, fresh);
    long kept = Math.max(0, old.replica().index() - torn);
    while (fresh.replica().index() < kept) {
      applyNext(fresh);
    }
    replicate(fresh);
    elect();
  }

  VirtualTime time() {
    return time;
  }

  List<String> names() {
    return List.copyOf(members.keySet());
  }

  /** Whether this member sees a leader with a majority. */
  boolean quorum(SimulatedMember member) {
    return leader != null && member.reachable && member.up && majority();
  }

  /** One member's attempt to commit a frame. */
  CompletableFuture<List<Reply>> commit(SimulatedMember from, byte[] frame) {
    CompletableFuture<List<Reply>> future = new CompletableFuture<>();
    long sentIn = term;
    time.after(delay(), () -> {
      if (sentIn != term || !quorum(from)) {
        future.completeExceptionally(new IOException("no leader is known"));
        return;
      }
      List<Reply> replies = append(frame);
      if (twice > 0 && time.random().nextDouble() < twice) {
        append(frame);
      }
      time.after(delay(), () -> {
        if (sentIn == term && from.reachable) {
          future.complete(replies);
        } else {
          future.completeExceptionally(new IOException("the answer is lost"));
        }
      });
    });
    return future;
  }

  private List<Reply> append(byte[] frame) {
    SimulatedMember leading = member(Objects.requireNonNull(leader));
    log.add(frame);
    List<Reply> replies = List.of();
    while (leading.replica().index() < log.size()) {
      replies = applyNext(leading);
    }
    members.values().forEach(this::replicate);
    if (!timed && leading.replica().periodMs() > 0) {
      timed = true;
      time.after(LogClock.POLL_MS, this::passTime);
    }
    return replies;
  }

  /** Whoever leads says how much time has passed, while something waits for that. */
  private void passTime() {
    timed = leader == null || member(leader).replica().periodMs() > 0;
    if (timed) {
      time.after(LogClock.POLL_MS, this::passTime);
    }
    if (leader == null || !majority()) {
      return;
    }
    SimulatedMember leading = member(leader);
    byte[] frame = leading.clock().tick(term, time.nowMs());
    if (frame != null) {
      var unused = commit(leading, frame)
          .whenComplete((replies, error) -> leading.clock().answered());
    }
  }

  /** Brings a member what it lacks, entry by entry, each a little later. */
  private void replicate(SimulatedMember member) {
    if (member.replicating || member.replica().index() >= log.size()) {
      return;
    }
    member.replicating = true;
    time.after(delay(), () -> {
      member.replicating = false;
      if (member.up && member.reachable && member.replica().index() < log.size()) {
        applyNext(member);
        replicate(member);
      }
    });
  }

  private List<Reply> applyNext(SimulatedMember member) {
    long index = member.replica().index() + 1;
    return member.replica().apply(index, log.get((int) index - 1));
  }

  private void elect() {
    if (leader != null) {
      return;
    }
    long electedFor = term;
    time.after(ELECTION_MS, () -> {
      if (leader == null && term == electedFor && majority()) {
        leader = members.values().stream()
            .filter(member -> member.up && member.reachable)
            .map(SimulatedMember::name)
            .findFirst()
            .orElse(null);
      }
    });
  }

  private boolean majority() {
    long there = members.values().stream().filter(m -> m.up && m.reachable).count();
    return 2 * there > members.size();
  }

  private SimulatedMember member(String name) {
    return Objects.requireNonNull(members.get(name), name);
  }

  private long delay() {
    return time.random().nextLong(MIN_DELAY_MS, MAX_DELAY_MS + 1);
  }
}
