package dev.catwalk.raftstore.machine;

import java.util.ArrayList;
import java.util.List;

/**
 * A command of {@link KvMachine}: if every comparison holds, {@code then} is done, else {@code
 * orElse}; in either case as one, in order.
 */
public record KvTransaction(List<Compare> compares, List<Op> then, List<Op> orElse) {
  private static final int VERSION = 1;
  private static final int PUT = 1;
  private static final int DELETE = 2;
  private static final int GET = 3;
  private static final int PUT_WITH_LEASE = 4;

  /** Holds if the key was last changed by this revision; 0: if there is no such key. */
  public record Compare(String key, long modRevision) {}

  /** One deed of a transaction. */
  public sealed interface Op {
    String key();
  }

  /**
   * Sets a key; it has no result: its new revision is that of the command.
   *
   * @param lease has to be there, and takes the key with it when it ends; 0 for none
   */
  @SuppressWarnings("ArrayRecordComponent") // Opaque bytes on their way; nobody compares them.
  public record Put(String key, byte[] value, long lease) implements Op {
    /** Without a lease. */
    public Put(String key, byte[] value) {
      this(key, value, 0);
    }
  }

  /** Removes a key; its result is the entry that was there. */
  public record Delete(String key) implements Op {}

  /** Reads a key; its result is the entry, if there is one. */
  public record Get(String key) implements Op {}

  public KvTransaction {
    compares = List.copyOf(compares);
    then = List.copyOf(then);
    orElse = List.copyOf(orElse);
  }

  /** Sets a key whatever it was. */
  public static KvTransaction put(String key, byte[] value) {
    return new KvTransaction(List.of(), List.of(new Put(key, value)), List.of());
  }

  /** Removes a key whatever it was. */
  public static KvTransaction delete(String key) {
    return new KvTransaction(List.of(), List.of(new Delete(key)), List.of());
  }

  /** Sets a key if it is as {@code modRevision} left it (0: if it is absent), else reads it. */
  public static KvTransaction putIf(String key, long modRevision, byte[] value) {
    return new KvTransaction(
        List.of(new Compare(key, modRevision)),
        List.of(new Put(key, value)),
        List.of(new Get(key)));
  }

  public byte[] encode() {
    Sink out = new Sink(64);
    if (leased(then) || leased(orElse)) {
      out.u8(LeaseCommand.VERSION).u8(LeaseCommand.TRANSACTION);
    } else {
      out.u8(VERSION);
    }
    out.u32(compares.size());
    for (Compare compare : compares) {
      out.text(compare.key()).u64(compare.modRevision());
    }
    encode(then, out);
    encode(orElse, out);
    return out.bytes();
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws MalformedException naming the place
   */
  public static KvTransaction decode(byte[] command) {
    Source in = new Source(command);
    boolean leased = command.length > 1
        && command[0] == LeaseCommand.VERSION
        && command[1] == LeaseCommand.TRANSACTION;
    in.version(leased ? LeaseCommand.VERSION : VERSION, "kv command");
    if (leased) {
      in.u8();
    }
    List<Compare> compares = new ArrayList<>();
    for (int left = in.count(12); left > 0; left--) {
      compares.add(new Compare(in.text(), in.u64()));
    }
    KvTransaction transaction =
        new KvTransaction(compares, decodeOps(in, leased), decodeOps(in, leased));
    in.end();
    return transaction;
  }

  private static void encode(List<Op> ops, Sink out) {
    out.u32(ops.size());
    for (Op op : ops) {
      switch (op) {
        case Put put -> {
          out.u8(put.lease() == 0 ? PUT : PUT_WITH_LEASE).text(put.key()).blob(put.value());
          if (put.lease() != 0) {
            out.u64(put.lease());
          }
        }
        case Delete delete -> out.u8(DELETE).text(delete.key());
        case Get get -> out.u8(GET).text(get.key());
      }
    }
  }

  private static boolean leased(List<Op> ops) {
    return ops.stream().anyMatch(op -> op instanceof Put put && put.lease() != 0);
  }

  private static List<Op> decodeOps(Source in, boolean leased) {
    List<Op> ops = new ArrayList<>();
    for (int left = in.count(5); left > 0; left--) {
      int kind = in.u8();
      if (kind == PUT_WITH_LEASE && leased) {
        ops.add(new Put(in.text(), in.blob(), in.u64()));
        continue;
      }
      ops.add(
          switch (kind) {
            case PUT -> new Put(in.text(), in.blob());
            case DELETE -> new Delete(in.text());
            case GET -> new Get(in.text());
            default -> throw new MalformedException("kv operation " + kind + " is unknown");
          });
    }
    return ops;
  }
}
