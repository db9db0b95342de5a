/**
 * Who should vote in a store whose voters are chosen from its nodes: one step at a time, from what
 * the member that leads has seen of them. Begin at {@link
 * dev.catwalk.raftstore.voters.VoterChoice#next}. Knows rosters; no clock, no network.
 */
@NullMarked
package dev.catwalk.raftstore.voters;

import org.jspecify.annotations.NullMarked;
