package dev.catwalk.raftstore.machine;

import java.util.ArrayList;
import java.util.List;

/** What {@link KvMachine} answers to a {@link LeaseCommand}. */
public sealed interface LeaseOutcome {
  int VERSION = 1;

  /** The lease is there, with its whole time to live before it. */
  record Held(long id, long ttlMs) implements LeaseOutcome {}

  /** There is no such lease: it has ended, or never was. */
  record Gone(long id) implements LeaseOutcome {}

  /**
   * Leases have ended, and their keys were removed.
   *
   * @param leases none, if time has passed and none was due
   * @param keys of all of them
   */
  record Ended(List<Long> leases, List<String> keys) implements LeaseOutcome {
    public Ended {
      leases = List.copyOf(leases);
      keys = List.copyOf(keys);
    }
  }

  /** The command changed nothing, for this reason. */
  record Refused(String reason) implements LeaseOutcome {}

  default byte[] encode() {
    Sink out = new Sink(32).u8(VERSION);
    switch (this) {
      case Refused refused -> out.u8(0).text(refused.reason());
      case Held held -> out.u8(1).u64(held.id()).u64(held.ttlMs());
      case Gone gone -> out.u8(2).u64(gone.id());
      case Ended ended -> {
        out.u8(3).u32(ended.leases().size());
        ended.leases().forEach(out::u64);
        out.u32(ended.keys().size());
        ended.keys().forEach(out::text);
      }
    }
    return out.bytes();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws MalformedException naming the place
   */
  static LeaseOutcome decode(byte[] outcome) {
    Source in = new Source(outcome);
    in.version(VERSION, "outcome about a lease");
    int kind = in.u8();
    LeaseOutcome decoded = switch (kind) {
      case 0 -> new Refused(in.text());
      case 1 -> new Held(in.u64(), in.u64());
      case 2 -> new Gone(in.u64());
      case 3 -> ended(in);
      default -> throw new MalformedException("outcome " + kind + " about a lease is unknown");
    };
    in.end();
    return decoded;
  }

  private static Ended ended(Source in) {
    List<Long> leases = new ArrayList<>();
    for (int left = in.count(8); left > 0; left--) {
      leases.add(in.u64());
    }
    List<String> keys = new ArrayList<>();
    for (int left = in.count(4); left > 0; left--) {
      keys.add(in.text());
    }
    return new Ended(leases, keys);
  }
}
