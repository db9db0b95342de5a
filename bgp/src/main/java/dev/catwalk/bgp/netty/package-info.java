/**
 * The speaker's shell. Sockets: {@link dev.catwalk.bgp.netty.Transport} listens and dials, a {@link
 * dev.catwalk.bgp.netty.Connection} carries messages, and all that happens goes to a {@link
 * dev.catwalk.bgp.netty.Receiver}. No decision is made here: what to answer, whom to trust and when
 * to give up is {@code fsm}'s and {@code speaker}'s.
 */
@NullMarked
package dev.catwalk.bgp.netty;

import org.jspecify.annotations.NullMarked;
