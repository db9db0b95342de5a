/**
 * The door to the replicated store, the same for every engine behind it: submit a command, wait for
 * what is committed, follow the changes, ask for the state of the store itself. Engines live in the
 * rooms beside this one. Begin at {@code Store}.
 */
@NullMarked
package dev.catwalk.raftstore.store;

import org.jspecify.annotations.NullMarked;
