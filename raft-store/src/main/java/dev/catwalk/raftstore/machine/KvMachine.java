package dev.catwalk.raftstore.machine;

import dev.catwalk.raftstore.machine.KvTransaction.Compare;
import dev.catwalk.raftstore.machine.KvTransaction.Delete;
import dev.catwalk.raftstore.machine.KvTransaction.Get;
import dev.catwalk.raftstore.machine.KvTransaction.Op;
import dev.catwalk.raftstore.machine.KvTransaction.Put;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keys (text) with values (bytes) and the revision that last changed each, and leases, with which
 * keys end. Commands are {@link KvTransaction} with outcomes {@link KvOutcome}, and {@link
 * LeaseCommand} with outcomes {@link LeaseOutcome}. A replica that is fed from the store is read with
 * {@link #get}, {@link #list} and {@link #lease}. Not thread-safe.
 */
public final class KvMachine implements TimedMachine {
  /** The name under which the store holds it. */
  public static final String NAME = "kv";

  /** A key may be no longer, characters. */
  public static final int MAX_KEY = 512;

  private static final int VERSION = 1;

  /** Of a snapshot that has leases in it. */
  private static final int LEASED = 2;

  private TreeMap<String, KvEntry> entries = new TreeMap<>();
  private Leases leases = new Leases();

  @Override
  public String name() {
    return NAME;
  }

  /** The entry of this key, if there is one. */
  public @Nullable KvEntry get(String key) {
    return entries.get(key);
  }

  /** The entries whose keys begin with {@code prefix}, in the order of their keys. */
  public List<KvEntry> list(String prefix) {
    List<KvEntry> found = new ArrayList<>();
    for (KvEntry entry : entries.tailMap(prefix, true).values()) {
      if (!entry.key().startsWith(prefix)) {
        break;
      }
      found.add(entry);
    }
    return found;
  }

  /** The lease with this id, if there is one. */
  public @Nullable Lease lease(long id) {
    return leases.lease(id);
  }

  /** All leases by their ids. */
  public List<Lease> leases() {
    return leases.all();
  }

  @Override
  public int format(byte[] command) {
    return command.length > 0 && command[0] == LeaseCommand.VERSION ? Lease.FORMAT : 1;
  }

  @Override
  public long periodMs() {
    return leases.periodMs();
  }

  @Override
  public byte[] elapse(long elapsedMs) {
    return new LeaseCommand.Elapse(elapsedMs).encode();
  }

  @Override
  public boolean elapses(byte[] command) {
    return LeaseCommand.elapses(command);
  }

  @Override
  public byte[] apply(long revision, byte[] command) {
    if (LeaseCommand.is(command)) {
      try {
        return apply(revision, LeaseCommand.decode(command)).encode();
      } catch (MalformedException e) {
        return new LeaseOutcome.Refused(String.valueOf(e.getMessage())).encode();
      }
    }
    KvTransaction transaction;
    try {
      transaction = KvTransaction.decode(command);
    } catch (MalformedException e) {
      return new KvOutcome.Refused(String.valueOf(e.getMessage())).encode();
    }
    return apply(revision, transaction).encode();
  }

  private LeaseOutcome apply(long revision, LeaseCommand command) {
    return switch (command) {
      case LeaseCommand.Grant grant -> grant(revision, grant);
      case LeaseCommand.KeepAlive keep -> {
        Long ttlMs = leases.keepAlive(keep.id());
        yield ttlMs == null
            ? new LeaseOutcome.Gone(keep.id())
            : new LeaseOutcome.Held(keep.id(), ttlMs);
      }
      case LeaseCommand.Revoke revoke ->
        leases.has(revoke.id()) ? end(List.of(revoke.id())) : new LeaseOutcome.Gone(revoke.id());
      case LeaseCommand.Elapse elapse -> end(leases.elapse(elapse.elapsedMs()));
    };
  }

  private LeaseOutcome grant(long revision, LeaseCommand.Grant grant) {
    if (grant.ttlMs() < Lease.MIN_TTL_MS || grant.ttlMs() > Lease.MAX_TTL_MS || grant.id() < 0) {
      return new LeaseOutcome.Refused("a lease has an id above 0 and lives for " + Lease.MIN_TTL_MS
          + " to " + Lease.MAX_TTL_MS + " ms, not " + grant.ttlMs());
    }
    if (leases.size() == Lease.MAX_LEASES) {
      return new LeaseOutcome.Refused("there are " + Lease.MAX_LEASES + " leases: revoke some");
    }
    long id = grant.id() == 0 ? revision : grant.id();
    while (grant.id() == 0 && leases.has(id)) {
      id++;
    }
    if (leases.has(id)) {
      return new LeaseOutcome.Refused("there is a lease " + id + ": choose another id");
    }
    leases.grant(id, grant.ttlMs());
    return new LeaseOutcome.Held(id, grant.ttlMs());
  }

  private LeaseOutcome end(List<Long> ids) {
    List<String> removed = new ArrayList<>();
    for (long id : ids) {
      removed.addAll(Objects.requireNonNull(leases.revoke(id)));
    }
    removed.forEach(entries::remove);
    return new LeaseOutcome.Ended(ids, removed);
  }

  /** Why these cannot be done; null if they can. */
  private @Nullable String refusal(List<Op> ops) {
    TreeMap<Long, TreeSet<String>> leased = new TreeMap<>();
    for (Op op : ops) {
      if (op.key().isEmpty() || op.key().length() > MAX_KEY) {
        return "a key has 1 to " + MAX_KEY + " characters";
      }
      if (op instanceof Put put && put.lease() != 0) {
        if (!leases.has(put.lease())) {
          return "there is no lease " + put.lease() + ": it has ended, or was never granted";
        }
        leased.computeIfAbsent(put.lease(), id -> new TreeSet<>()).add(put.key());
      }
    }
    for (var entry : leased.entrySet()) {
      if (!leases.hasRoom(entry.getKey(), entry.getValue())) {
        return "a lease has at most " + Lease.MAX_KEYS + " keys: have another one granted";
      }
    }
    return null;
  }

  private @Nullable KvEntry set(@Nullable KvEntry next, String key) {
    KvEntry before = next == null ? entries.remove(key) : entries.put(key, next);
    if (before != null && before.lease() != 0) {
      leases.detach(before.lease(), key);
    }
    if (next != null && next.lease() != 0) {
      leases.attach(next.lease(), key);
    }
    return before;
  }

  private KvOutcome apply(long revision, KvTransaction transaction) {
    boolean holds = true;
    for (Compare compare : transaction.compares()) {
      KvEntry entry = entries.get(compare.key());
      holds &= compare.modRevision() == (entry == null ? 0 : entry.modRevision());
    }
    List<Op> ops = holds ? transaction.then() : transaction.orElse();
    String refusal = refusal(ops);
    if (refusal != null) {
      return new KvOutcome.Refused(refusal);
    }
    List<@Nullable KvEntry> results = new ArrayList<>();
    for (Op op : ops) {
      results.add(
          switch (op) {
            case Put put -> {
              set(new KvEntry(put.key(), put.value(), revision, put.lease()), put.key());
              yield null;
            }
            case Delete delete -> set(null, delete.key());
            case Get get -> entries.get(get.key());
          });
    }
    return new KvOutcome.Done(holds, results);
  }

  @Override
  public byte[] snapshot() {
    boolean leased = !leases.isEmpty();
    Sink out = new Sink(64 * entries.size()).u8(leased ? LEASED : VERSION).u32(entries.size());
    for (KvEntry entry : entries.values()) {
      out.text(entry.key()).u64(entry.modRevision()).blob(entry.value());
      if (leased) {
        out.u64(entry.lease());
      }
    }
    if (leased) {
      leases.encode(out);
    }
    return out.bytes();
  }

  @Override
  public void restore(byte[] snapshot) {
    Source in = new Source(snapshot);
    boolean leased = snapshot.length > 0 && snapshot[0] == LEASED;
    in.version(leased ? LEASED : VERSION, "kv snapshot");
    TreeMap<String, KvEntry> restored = new TreeMap<>();
    for (int left = in.count(16); left > 0; left--) {
      String key = in.text();
      long modRevision = in.u64();
      byte[] value = in.blob();
      restored.put(key, new KvEntry(key, value, modRevision, leased ? in.u64() : 0));
    }
    Leases held = leased ? Leases.decode(in) : new Leases();
    in.end();
    for (KvEntry entry : restored.values()) {
      if (entry.lease() != 0) {
        if (!held.has(entry.lease())) {
          throw new MalformedException("key \"" + entry.key() + "\" is of lease " + entry.lease()
              + ", which the kv snapshot does not have");
        }
        held.attach(entry.lease(), entry.key());
      }
    }
    entries = restored;
    leases = held;
  }
}
