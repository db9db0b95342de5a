package dev.catwalk.raftstore.machine;

/**
 * A command is committed and applied.
 *
 * @param revision the store-wide number that it got
 * @param outcome what its machine answered, a refusal included
 */
@SuppressWarnings("ArrayRecordComponent") // Opaque bytes on their way; nobody compares them.
public record Applied(long revision, byte[] outcome) {}
