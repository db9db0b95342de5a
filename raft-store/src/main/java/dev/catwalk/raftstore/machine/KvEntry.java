package dev.catwalk.raftstore.machine;

/**
 * One key of {@link KvMachine}.
 *
 * @param modRevision the revision that last changed it
 */
@SuppressWarnings("ArrayRecordComponent") // Opaque bytes on their way; nobody compares them.
public record KvEntry(String key, byte[] value, long modRevision) {}
