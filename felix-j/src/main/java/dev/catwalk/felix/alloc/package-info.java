/**
 * The node's own durable record: who it is ({@link dev.catwalk.felix.alloc.NodeIdentity}), what it
 * handed out ({@link dev.catwalk.felix.alloc.AllocationJournal}), and the service that answers from
 * its own blocks first and tells the store behind ({@link dev.catwalk.felix.alloc.LocalAddresses}).
 * What is to be decided is decided by {@code ipam.machine.Ledger}; here are the file, the lock and
 * the thread. Begin at {@code LocalAddresses}.
 */
@NullMarked
package dev.catwalk.felix.alloc;

import org.jspecify.annotations.NullMarked;
