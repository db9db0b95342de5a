package dev.catwalk.bgp.bfd;

/**
 * A session as people and scripts see it. Times in microseconds.
 *
 * @param why it came into its state, in words; empty before it changed for the first time
 * @param remoteState what the peer last said of itself
 * @param remoteIndependent the C bit of the peer: its BFD outlives its control plane
 * @param interval between our datagrams, as agreed on
 * @param detection after how much silence the path has failed; 0 while nothing has come
 */
public record BfdStatus(
    BfdState state,
    String why,
    BfdState remoteState,
    boolean remoteIndependent,
    long interval,
    long detection) {}
