/**
 * The BGP session, RFC 4271 §8, as a pure function, and the peering that holds one or (while two
 * connections collide, §6.8) two of them. Start at {@link dev.catwalk.bgp.fsm.Peering#step}; {@link
 * dev.catwalk.bgp.fsm.Session#step} is the RFC's state table.
 *
 * <p>Knows {@code wire}; knows no channel, clock, RIB or policy. A timer is an action out ({@code
 * Arm}) and an event in ({@code Expired}). Left out of §8: DelayOpen and all of its events, and
 * automatic start and stop (a back-off takes their place).
 */
@NullMarked
package dev.catwalk.bgp.fsm;

import org.jspecify.annotations.NullMarked;
