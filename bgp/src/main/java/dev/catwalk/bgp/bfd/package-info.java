/**
 * Bidirectional Forwarding Detection, RFC 5880, for single hops (RFC 5881) and several (RFC 5883), in
 * asynchronous mode without echo and authentication. A machine for each session; time passes only by
 * what it is told. RFC 5882 says what a control protocol makes of it.
 *
 * <p>Begin at {@link dev.catwalk.bgp.bfd.BfdMachine}.
 */
@NullMarked
package dev.catwalk.bgp.bfd;

import org.jspecify.annotations.NullMarked;
