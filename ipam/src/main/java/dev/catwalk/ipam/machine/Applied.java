package dev.catwalk.ipam.machine;

import dev.catwalk.ipam.model.IpamState;

/** What a command made of the state, and the answer to it. */
public record Applied(IpamState next, Outcome outcome) {}
