/**
 * The log of this process: SLF4J's provider, one line an event. Silent until {@link
 * dev.catwalk.felix.log.Logs#start} has been called, so that a verb prints its answer only. Holds
 * no decision about what is worth a line; never sees a payload. Begin at {@code Logs}.
 */
@NullMarked
package dev.catwalk.felix.log;

import org.jspecify.annotations.NullMarked;
