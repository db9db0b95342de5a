package dev.catwalk.raftstore.machine;

/**
 * The state of one member at one revision. Members with equal hashes at a revision have the same
 * history up to it; members with different ones differ at every later revision too.
 *
 * @param hash the first 64 bits of the state hash
 */
public record StateMark(long revision, long hash) {}
