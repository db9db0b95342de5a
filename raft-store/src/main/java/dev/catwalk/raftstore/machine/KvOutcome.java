package dev.catwalk.raftstore.machine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link KvMachine} answers to a command. */
public sealed interface KvOutcome {
  int VERSION = 1;

  /** Added to the kind of an outcome of which an entry has a lease. */
  int LEASED = 2;

  /**
   * The transaction was done.
   *
   * @param succeeded whether every comparison held
   * @param results one for each operation done; null where there is no entry
   */
  record Done(boolean succeeded, List<@Nullable KvEntry> results) implements KvOutcome {
    public Done {
      results = Collections.unmodifiableList(new ArrayList<>(results));
    }
  }

  /** The command changed nothing, for this reason. */
  record Refused(String reason) implements KvOutcome {}

  default byte[] encode() {
    Sink out = new Sink(64).u8(VERSION);
    switch (this) {
      case Refused refused -> out.u8(0).text(refused.reason());
      case Done done -> {
        boolean leased =
            done.results().stream().anyMatch(entry -> entry != null && entry.lease() != 0);
        out.u8((done.succeeded() ? 1 : 2) + (leased ? LEASED : 0))
            .u32(done.results().size());
        for (KvEntry entry : done.results()) {
          out.u8(entry == null ? 0 : 1);
          if (entry != null) {
            out.text(entry.key()).u64(entry.modRevision()).blob(entry.value());
            if (leased) {
              out.u64(entry.lease());
            }
          }
        }
      }
    }
    return out.bytes();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws MalformedException naming the place
   */
  static KvOutcome decode(byte[] outcome) {
    Source in = new Source(outcome);
    in.version(VERSION, "kv outcome");
    int kind = in.u8();
    if (kind > 2 + LEASED) {
      throw new MalformedException("kv outcome " + kind + " is unknown");
    }
    if (kind == 0) {
      Refused refused = new Refused(in.text());
      in.end();
      return refused;
    }
    List<@Nullable KvEntry> results = new ArrayList<>();
    for (int left = in.count(1); left > 0; left--) {
      if (in.u8() == 0) {
        results.add(null);
      } else {
        String key = in.text();
        long modRevision = in.u64();
        byte[] value = in.blob();
        results.add(new KvEntry(key, value, modRevision, kind > LEASED ? in.u64() : 0));
      }
    }
    in.end();
    return new Done(kind % LEASED == 1, results);
  }
}
