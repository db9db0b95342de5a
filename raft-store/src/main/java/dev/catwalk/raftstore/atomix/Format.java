package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Lease;
import dev.catwalk.raftstore.store.Store;

/**
 * What a program understands in the log and of other members, as a number that rises with every
 * addition. Members tell each other theirs when they meet; what is new in a number is said only to
 * members that know it, so that programs of two versions are in one cluster while it is upgraded.
 */
public final class Format {
  /** Members that do not say a number know this. */
  public static final int OLDEST = 1;

  /** A leader answers {@link Packet.Kind#READ}. */
  static final int READS = 2;

  /** A roster may be in the log, and a leader answers {@link Packet.Kind#CHANGE}. */
  public static final int MEMBERSHIP = 3;

  /** Clients are served, see {@link Packet.Kind#NEWS}. */
  static final int CLIENTS = 4;

  /** A roster may say what its readers have to know, see {@link Store#require}. */
  static final int NEEDS = 5;

  /** Keys may have leases, see {@link dev.catwalk.raftstore.machine.LeaseCommand}. */
  public static final int LEASES = Lease.FORMAT;

  /** A leader answers {@link dev.catwalk.raftstore.machine.MemberChange.Offer}. */
  static final int CHOICE = 7;

  /** What this program knows. */
  public static final int NEWEST = CHOICE;

  private Format() {}
}
