/**
 * Routing tables of RFC 4271 §3.2: Adj-RIB-In, Loc-RIB and Adj-RIB-Out of one family each, and the
 * decision process of §9.1 as a ladder of eliminations. Deterministic: what is selected depends on
 * the paths that are there and never on the order in which they came. Mutable and packed inside,
 * since it holds a million paths. Knows attributes ({@code wire}); knows no session, message, policy
 * or clock. Begin at {@link dev.catwalk.bgp.rib.Rib}; the ladder is {@link
 * dev.catwalk.bgp.rib.Rung}.
 */
@NullMarked
package dev.catwalk.bgp.rib;

import org.jspecify.annotations.NullMarked;
