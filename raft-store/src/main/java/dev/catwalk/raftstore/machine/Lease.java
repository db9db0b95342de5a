package dev.catwalk.raftstore.machine;

import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A lease as it stands. Its keys go when nobody has kept it alive for longer than its time to live,
 * counted by the log's time, which passes only while somebody leads.
 *
 * @param id above 0
 * @param ttlMs as granted, {@link #MIN_TTL_MS} to {@link #MAX_TTL_MS}
 * @param remainingMs {@code ttlMs} until time has passed since it was granted or kept alive; 0 if it
 *     is due and goes next
 * @param keys that were put with it, at most {@link #MAX_KEYS}
 */
public record Lease(long id, long ttlMs, long remainingMs, SortedSet<String> keys) {
  /** Of a store, at most. */
  public static final int MAX_LEASES = 16_384;

  /** Of one lease, at most: they go in one revision, which has to fit into what members say. */
  public static final int MAX_KEYS = 256;

  public static final long MIN_TTL_MS = 1000;

  /** A week. */
  public static final long MAX_TTL_MS = 7 * 24 * 3600 * 1000L;

  /** The store's format with which programs know leases: see {@link Machine#format}. */
  public static final int FORMAT = 6;

  public Lease {
    keys = Collections.unmodifiableSortedSet(new TreeSet<>(keys));
  }
}
