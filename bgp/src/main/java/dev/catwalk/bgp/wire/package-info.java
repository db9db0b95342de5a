/**
 * BGP-4 on the wire: messages, attributes and capabilities as records, and their codecs over {@code
 * ByteBuf}. Ruled by RFC 4271 §4 and §6, 4760, 6793, 2918, 7606, 7607, 6286, 1997, 4360, 8092, 4456,
 * 9003. Start at {@link dev.catwalk.bgp.wire.Wire}.
 *
 * <p>What a peer does wrong is either fatal ({@link dev.catwalk.bgp.wire.WireException}: the
 * NOTIFICATION to send) or data in the decoded UPDATE ({@link dev.catwalk.bgp.wire.Problem}). No
 * session, RIB, channel, thread or clock may enter.
 */
@NullMarked
package dev.catwalk.bgp.wire;

import org.jspecify.annotations.NullMarked;
