/**
 * ExaBGP's own formats, so that programs written for it work here unchanged: BGP messages as its JSON
 * (versions 4.0.1 and 5.0.0), its text commands as messages. Every address family that it knows is
 * read and written here straight from and to the bytes; what a session needs of BGP stands in {@code
 * bgp.wire}.
 *
 * <p>Begin at {@link dev.catwalk.bgp.exabgp.MessageJson}.
 */
@NullMarked
package dev.catwalk.bgp.exabgp;

import org.jspecify.annotations.NullMarked;
