/**
 * MRT, the format in which collectors of routes keep what they heard: RFC 6396, 6397 (skipped), 8050.
 * Records come as whole byte arrays and go as such; who reads or writes files is elsewhere. Nothing
 * is judged here as a speaker would judge it: a dump says what was heard, however wrong it is.
 *
 * <p>Begin at {@link dev.catwalk.bgp.mrt.MrtDecoder}.
 */
@NullMarked
package dev.catwalk.bgp.mrt;

import org.jspecify.annotations.NullMarked;
