package dev.catwalk.raftstore.machine;

/**
 * One key of {@link KvMachine}.
 *
 * @param modRevision the revision that last changed it
 * @param lease with which it was put, and ends; 0 if with none
 */
@SuppressWarnings("ArrayRecordComponent") // Opaque bytes on their way; nobody compares them.
public record KvEntry(String key, byte[] value, long modRevision, long lease) {
  /** A key without a lease. */
  public KvEntry(String key, byte[] value, long modRevision) {
    this(key, value, modRevision, 0);
  }
}
