/**
 * The speaker that an ExaBGP configuration describes: it announces to each neighbour what the file
 * and the processes say, decides nothing between routes and keeps none of them for itself. Sessions are
 * {@code bgp.fsm}'s; words, octets and events {@code bgp.exabgp}'s. Begin at {@link
 * dev.catwalk.bgp.exarun.ExaSpeaker}. Knows no socket, process or clock.
 */
@NullMarked
package dev.catwalk.bgp.exarun;

import org.jspecify.annotations.NullMarked;
