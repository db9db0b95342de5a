package dev.catwalk.ipam.model;

/**
 * An allocation as the replicated state knows it.
 *
 * @param revision the revision that brought it
 */
public record Held(Allocation allocation, long revision) {}
