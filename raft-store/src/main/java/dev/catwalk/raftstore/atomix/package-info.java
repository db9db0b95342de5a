/**
 * The store on Atomix Raft 3.1.12: its elections, log replication and log files, and nothing above
 * them. What Atomix does around them is known to lose data (see the module's README), so it is
 * replaced here: applying, snapshots, compaction, sessions, transport, and when a write counts as
 * durable. Atomix's own state manager, snapshot store and install requests never run.
 *
 * <p>All Raft state belongs to Atomix's one server thread, called "the Raft thread" here. Begin at
 * {@code AtomixStore}, then {@code RaftGuards}, which says what each guard is for.
 */
@NullMarked
package dev.catwalk.raftstore.atomix;

import org.jspecify.annotations.NullMarked;
