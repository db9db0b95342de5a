package dev.catwalk.raftstore.machine;

/** A command of {@link KvMachine} about leases; its outcome is a {@link LeaseOutcome}. */
public sealed interface LeaseCommand {
  /** Of commands that programs know since there are leases, transactions with leases among them. */
  int VERSION = 2;

  /** A transaction that puts keys with leases follows. */
  int TRANSACTION = 1;

  /** The kind of an {@link Elapse}. */
  int ELAPSE = 5;

  /**
   * Begins a lease.
   *
   * @param id above 0, and no other lease's; 0 to be given one
   * @param ttlMs {@link Lease#MIN_TTL_MS} to {@link Lease#MAX_TTL_MS}
   */
  record Grant(long id, long ttlMs) implements LeaseCommand {}

  /** Its time to live begins anew. */
  record KeepAlive(long id) implements LeaseCommand {}

  /** Ends a lease, and removes its keys. */
  record Revoke(long id) implements LeaseCommand {}

  /** Time has passed: said by whoever leads, see {@link TimedMachine}. */
  record Elapse(long elapsedMs) implements LeaseCommand {}

  default byte[] encode() {
    Sink out = new Sink(24).u8(VERSION);
    return switch (this) {
      case Grant grant -> out.u8(2).u64(grant.id()).u64(grant.ttlMs()).bytes();
      case KeepAlive keep -> out.u8(3).u64(keep.id()).bytes();
      case Revoke revoke -> out.u8(4).u64(revoke.id()).bytes();
      case Elapse elapse -> out.u8(ELAPSE).u64(elapse.elapsedMs()).bytes();
    };
  }

  /** Whether a command of {@link KvMachine} is one of these, and no transaction. */
  static boolean is(byte[] command) {
    return command.length > 1 && command[0] == VERSION && command[1] != TRANSACTION;
  }

  /** Whether it is an {@link Elapse}. */
  static boolean elapses(byte[] command) {
    return is(command) && command[1] == ELAPSE;
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws MalformedException naming the place
   */
  static LeaseCommand decode(byte[] command) {
    Source in = new Source(command);
    in.version(VERSION, "command about a lease");
    int kind = in.u8();
    LeaseCommand decoded = switch (kind) {
      case 2 -> new Grant(in.u64(), in.u64());
      case 3 -> new KeepAlive(in.u64());
      case 4 -> new Revoke(in.u64());
      case ELAPSE -> new Elapse(in.u64());
      default -> throw new MalformedException("command " + kind + " about a lease is unknown");
    };
    in.end();
    return decoded;
  }
}
