package dev.catwalk.raftstore.machine;

import dev.catwalk.raftstore.machine.Change.Committed;
import dev.catwalk.raftstore.machine.Change.Replaced;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All that a member computes from the log: the named machines and, over them, revisions, repeated
 * requests, the state hash and the newest changes. A function of the log entries alone, whatever
 * engine brings them. Not thread-safe.
 */
public final class ReplicatedCore {
  /** Changes that a follower may be behind before it is given a snapshot. */
  public static final int RING_CHANGES = 8192;

  /** Bytes of commands and outcomes that are held for followers. */
  public static final long RING_BYTES = 8L << 20;

  /** Revisions at which this member can still be compared with another. */
  private static final int HASHES = 8192;

  private static final int MAGIC = 0x4357_534e; // "CWSN"
  private static final int VERSION = 2;

  private final TreeMap<String, Machine> machines = new TreeMap<>();
  private final StateHash hash = new StateHash();
  private final HashRing hashes = new HashRing(HASHES);
  private final WatchRing ring;
  private Clients clients = new Clients();
  private long origin;
  private long index;
  private long revision;

  public ReplicatedCore(List<Machine> machines) {
    this(machines, RING_CHANGES, RING_BYTES);
  }

  ReplicatedCore(List<Machine> machines, int ringChanges, long ringBytes) {
    this.ring = new WatchRing(ringChanges, ringBytes);
    for (Machine machine : machines) {
      boolean valid = machine.name().matches("[A-Za-z]{1,32}");
      if (!valid || this.machines.put(machine.name(), machine) != null) {
        throw new IllegalArgumentException(
            "machine name \"" + machine.name() + "\" is used twice or is not 1 to 32 letters");
      }
    }
  }

  /** The number of the newest log entry that was applied; the log may skip numbers. */
  public long index() {
    return index;
  }

  /** Commands applied since the beginning. */
  public long revision() {
    return revision;
  }

  /** 16 hex digits over everything that was applied; equal on members at one revision. */
  public String stateHash() {
    return hash.text();
  }

  /**
   * This member's state at {@code revision}, or its newest if it is not there yet; null if that is
   * too long ago.
   */
  public @Nullable StateMark mark(long revision) {
    return hashes.atMost(revision);
  }

  /**
   * 16 hex digits that no other store has, drawn by chance by whoever wrote first; empty before that.
   * A store that was emptied is another one.
   */
  public String origin() {
    return origin == 0 ? "" : HexFormat.of().toHexDigits(origin);
  }

  /**
   * The state before the first change is that of the store with this origin.
   *
   * @throws MalformedException if it is none
   */
  public void begin(String ofStore) {
    assert revision == 0 : revision;
    try {
      origin = HexFormat.fromHexDigitsToLong(ofStore);
    } catch (IllegalArgumentException e) {
      throw new MalformedException("\"" + ofStore + "\" is no origin of a store", e);
    }
  }

  /** Whether a machine of this name is here. */
  public boolean knows(String machine) {
    return machines.containsKey(machine);
  }

  /** See {@link Machine#format}; any thread. */
  public int format(String machine, byte[] command) {
    Machine known = machines.get(machine);
    return known == null ? 1 : known.format(command);
  }

  /** Whether a command says that time has passed, see {@link TimedMachine}; any thread. */
  public boolean elapses(String machine, byte[] command) {
    return machines.get(machine) instanceof TimedMachine timed && timed.elapses(command);
  }

  /** The shortest of {@link TimedMachine#periodMs}; 0 if nothing waits for time to pass. */
  public long periodMs() {
    long shortest = 0;
    for (Machine machine : machines.values()) {
      long period = machine instanceof TimedMachine timed ? timed.periodMs() : 0;
      shortest = shortest == 0 || period != 0 && period < shortest ? period : shortest;
    }
    return shortest;
  }

  /** The commands by which time passes for the machines in which something waits, by their names. */
  public SortedMap<String, byte[]> elapse(long elapsedMs) {
    TreeMap<String, byte[]> commands = new TreeMap<>();
    for (Machine machine : machines.values()) {
      if (machine instanceof TimedMachine timed && timed.periodMs() > 0) {
        commands.put(machine.name(), timed.elapse(elapsedMs));
      }
    }
    return commands;
  }

  /**
   * Applies one log entry. An entry at or below {@link #index} was applied already and changes
   * nothing, so an engine may repeat itself.
   *
   * @return a reply for each command; empty for a repeated entry
   * @throws MalformedException if the entry is no frame: then this log is not ours
   */
  public List<Reply> apply(long entryIndex, byte[] entry) {
    if (entryIndex <= index) {
      return List.of();
    }
    Frame frame = Frame.decode(entry);
    index = entryIndex;
    origin = origin == 0 ? frame.client() : origin;
    clients.heard(frame.client(), frame.answered(), entryIndex);
    List<Reply> replies = new ArrayList<>(frame.items().size());
    for (Frame.Item item : frame.items()) {
      replies.add(apply(frame.client(), item));
    }
    return replies;
  }

  /** The engine's log went on to this entry with one that carries no commands. */
  public void skip(long entryIndex) {
    index = Math.max(index, entryIndex);
  }

  private Reply apply(long client, Frame.Item item) {
    if (item.machine().isEmpty()) {
      return new Reply.Done(item.sequence(), new Applied(revision, new byte[0]));
    }
    if (clients.forgotten(client, item.sequence())) {
      return new Reply.Forgotten(item.sequence());
    }
    Applied before = clients.answer(client, item.sequence());
    if (before != null) {
      return new Reply.Done(item.sequence(), before);
    }
    Machine machine = machines.get(item.machine());
    if (machine == null) {
      return new Reply.UnknownMachine(item.sequence());
    }
    byte[] outcome = machine.apply(++revision, item.command());
    hash.add(revision, item.machine(), item.command(), outcome);
    hashes.add(revision, hash.bits());
    ring.add(new Committed(revision, item.machine(), item.command(), outcome));
    Applied applied = new Applied(revision, outcome);
    clients.keep(client, item.sequence(), applied);
    return new Reply.Done(item.sequence(), applied);
  }

  /**
   * The next changes for a follower who knows the state at {@code from}: at most {@code limit} of
   * them, or one {@link Replaced} if the next change is no longer held; empty if there is none.
   */
  public List<Change> changesAfter(long from, int limit) {
    if (from >= revision) {
      return List.of();
    }
    List<Committed> held = ring.after(from, limit);
    return held == null ? List.of(replaced()) : Collections.unmodifiableList(held);
  }

  /**
   * The same for whoever fetches a whole state by other means: null if the next change is no longer
   * held.
   *
   * @param bytes the last of them is the one that exceeds this, if any does
   */
  public @Nullable List<Committed> committedAfter(long from, int limit, long bytes) {
    List<Committed> held = from >= revision ? List.of() : ring.after(from, limit);
    if (held == null) {
      return null;
    }
    long size = 0;
    int count = 0;
    while (count < held.size() && size <= bytes) {
      size += News.size(held.get(count++));
    }
    return Collections.unmodifiableList(held.subList(0, count));
  }

  /**
   * Applies the change next to this state, as a member has committed it.
   *
   * @return whether it came out here as it did there; if not, this state is not to be relied on
   * @throws MalformedException if it is not the next one, or of a machine that is not here; nothing
   *     was applied
   */
  public boolean follow(Committed change) {
    Machine machine = machines.get(change.machine());
    if (machine == null || change.revision() != revision + 1) {
      throw new MalformedException("change " + change.revision() + " of \"" + change.machine()
          + "\" cannot follow revision " + revision);
    }
    byte[] outcome = machine.apply(++revision, change.command());
    hash.add(revision, change.machine(), change.command(), outcome);
    hashes.add(revision, hash.bits());
    ring.add(change);
    return Arrays.equals(outcome, change.outcome());
  }

  private Replaced replaced() {
    TreeMap<String, byte[]> snapshots = new TreeMap<>();
    for (Machine machine : machines.values()) {
      snapshots.put(machine.name(), machine.snapshot());
    }
    return new Replaced(revision, Collections.unmodifiableSortedMap(snapshots));
  }

  /** The whole state at {@link #index}: magic, format version, length, content, SHA-256. */
  public byte[] snapshot() {
    Sink content = new Sink(1 << 16);
    content.u64(index).u64(revision).raw(hash.value()).u64(origin);
    clients.encode(content);
    content.u32(machines.size());
    for (Machine machine : machines.values()) {
      content.text(machine.name()).blob(machine.snapshot());
    }
    return sealed(content.bytes());
  }

  /**
   * Verifies a snapshot without touching anything.
   *
   * @return the log entry up to which it holds the state
   * @throws MalformedException saying what is wrong with it
   */
  public static long verify(byte[] snapshot) {
    return new Source(content(snapshot)).u64();
  }

  /**
   * The revision that a snapshot is of.
   *
   * @throws MalformedException saying what is wrong with it
   */
  public static long revisionOf(byte[] snapshot) {
    Source in = new Source(content(snapshot));
    in.u64();
    return in.u64();
  }

  /**
   * The same state for a new store: its origin is drawn anew by whoever writes first, and it has no
   * members and no clients as yet.
   *
   * @throws MalformedException if the snapshot is damaged
   */
  public static byte[] asNewStore(byte[] snapshot) {
    Source in = new Source(content(snapshot));
    Sink out = new Sink(snapshot.length);
    out.u64(in.u64()).u64(in.u64()).raw(in.raw(StateHash.LENGTH)).u64(0);
    in.u64();
    Clients.decode(in);
    new Clients().encode(out);
    TreeMap<String, byte[]> parts = new TreeMap<>();
    for (int left = in.count(8); left > 0; left--) {
      parts.put(in.text(), in.blob());
    }
    in.end();
    parts.put(MembersMachine.NAME, new MembersMachine().snapshot());
    out.u32(parts.size());
    parts.forEach((name, part) -> out.text(name).blob(part));
    return sealed(out.bytes());
  }

  private static byte[] sealed(byte[] content) {
    Sink out = new Sink(content.length + 64).u32(MAGIC).u8(VERSION).blob(content);
    return out.raw(StateHash.sha256().digest(content)).bytes();
  }

  private static byte[] content(byte[] snapshot) {
    Source in = new Source(snapshot);
    if (in.u32() != MAGIC) {
      throw new MalformedException("this is no snapshot: it does not begin with CWSN");
    }
    in.version(VERSION, "snapshot");
    byte[] content = in.blob();
    byte[] checksum = in.raw(StateHash.LENGTH);
    in.end();
    if (!Arrays.equals(checksum, StateHash.sha256().digest(content))) {
      throw new MalformedException("snapshot is damaged: its checksum does not fit");
    }
    return content;
  }

  /**
   * Replaces the whole state. Everything but the machines' own parts is verified before anything is
   * touched; if a machine refuses its part the state is half old and the process must stop.
   *
   * @throws MalformedException if the snapshot is damaged; nothing was touched
   * @throws IllegalArgumentException if a machine refuses its part
   */
  public void restore(byte[] snapshot) {
    Source in = new Source(content(snapshot));
    long newIndex = in.u64();
    long newRevision = in.u64();
    byte[] newHash = in.raw(StateHash.LENGTH);
    long newOrigin = in.u64();
    Clients newClients = Clients.decode(in);
    TreeMap<String, byte[]> parts = new TreeMap<>();
    for (int left = in.count(8); left > 0; left--) {
      parts.put(in.text(), in.blob());
    }
    in.end();
    for (String name : parts.keySet()) {
      if (!machines.containsKey(name)) {
        throw new MalformedException("snapshot holds a machine \"" + name
            + "\" that this program does not know: run the newer version");
      }
    }
    for (var part : parts.entrySet()) {
      Objects.requireNonNull(machines.get(part.getKey())).restore(part.getValue());
    }
    index = newIndex;
    revision = newRevision;
    hash.set(newHash);
    origin = newOrigin;
    hashes.restart(newRevision, hash.bits());
    clients = newClients;
    ring.restart(newRevision);
  }
}
