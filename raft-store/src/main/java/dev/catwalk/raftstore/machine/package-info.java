/**
 * What is replicated, as pure functions of the log: the {@code Machine} that an owner writes, the
 * core that composes named machines, and what hangs on their order (revisions, request
 * de-duplication, state hash, watch ring, snapshots). Knows no engine, thread, clock or file.
 * Begin at {@code Machine}, then {@code ReplicatedCore}.
 */
@NullMarked
package dev.catwalk.raftstore.machine;

import org.jspecify.annotations.NullMarked;
