/**
 * The BGP Monitoring Protocol: RFC 7854, and RFC 9069 for the Loc-RIB. Messages for a station, as
 * octets; who connects and what is told is decided elsewhere.
 *
 * <p>Begin at {@link dev.catwalk.bgp.bmp.BmpEncoder}.
 */
@NullMarked
package dev.catwalk.bgp.bmp;

import org.jspecify.annotations.NullMarked;
