package dev.catwalk.raftstore.machine;

import dev.catwalk.raftstore.machine.KvTransaction.Compare;
import dev.catwalk.raftstore.machine.KvTransaction.Delete;
import dev.catwalk.raftstore.machine.KvTransaction.Get;
import dev.catwalk.raftstore.machine.KvTransaction.Op;
import dev.catwalk.raftstore.machine.KvTransaction.Put;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Keys (text) with values (bytes) and the revision that last changed each. Commands are {@link
 * KvTransaction}, outcomes {@link KvOutcome}. A replica that is fed from the store is read with
 * {@link #get} and {@link #list}. Not thread-safe.
 */
public final class KvMachine implements Machine {
  /** The name under which the store holds it. */
  public static final String NAME = "kv";

  /** A key may be no longer, characters. */
  public static final int MAX_KEY = 512;

  private static final int VERSION = 1;

  private TreeMap<String, KvEntry> entries = new TreeMap<>();

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

  @Override
  public byte[] apply(long revision, byte[] command) {
    KvTransaction transaction;
    try {
      transaction = KvTransaction.decode(command);
    } catch (MalformedException e) {
      return new KvOutcome.Refused(String.valueOf(e.getMessage())).encode();
    }
    return apply(revision, transaction).encode();
  }

  private KvOutcome apply(long revision, KvTransaction transaction) {
    boolean holds = true;
    for (Compare compare : transaction.compares()) {
      KvEntry entry = entries.get(compare.key());
      holds &= compare.modRevision() == (entry == null ? 0 : entry.modRevision());
    }
    List<Op> ops = holds ? transaction.then() : transaction.orElse();
    for (Op op : ops) {
      if (op.key().isEmpty() || op.key().length() > MAX_KEY) {
        return new KvOutcome.Refused("a key has 1 to " + MAX_KEY + " characters");
      }
    }
    List<@Nullable KvEntry> results = new ArrayList<>();
    for (Op op : ops) {
      results.add(
          switch (op) {
            case Put put -> {
              entries.put(put.key(), new KvEntry(put.key(), put.value(), revision));
              yield null;
            }
            case Delete delete -> entries.remove(delete.key());
            case Get get -> entries.get(get.key());
          });
    }
    return new KvOutcome.Done(holds, results);
  }

  @Override
  public byte[] snapshot() {
    Sink out = new Sink(64 * entries.size()).u8(VERSION).u32(entries.size());
    for (KvEntry entry : entries.values()) {
      out.text(entry.key()).u64(entry.modRevision()).blob(entry.value());
    }
    return out.bytes();
  }

  @Override
  public void restore(byte[] snapshot) {
    Source in = new Source(snapshot);
    in.version(VERSION, "kv snapshot");
    TreeMap<String, KvEntry> restored = new TreeMap<>();
    for (int left = in.count(16); left > 0; left--) {
      String key = in.text();
      long modRevision = in.u64();
      restored.put(key, new KvEntry(key, in.blob(), modRevision));
    }
    in.end();
    entries = restored;
  }
}
