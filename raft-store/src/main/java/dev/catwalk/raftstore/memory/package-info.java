/**
 * Test kit: the store on a simulated log in virtual time. What the engines do to their callers
 * happens here on request and by seed: delay, loss of the leader before and after a commit, a frame
 * committed twice, members cut off, crashed, restarted with a torn disk. There is no consensus in
 * it: the log is one list. Everything runs on the caller's thread. Begin at {@code SimulatedStores}.
 */
@NullMarked
package dev.catwalk.raftstore.memory;

import org.jspecify.annotations.NullMarked;
