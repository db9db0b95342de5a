package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.machine.Change;

/**
 * Follows the store. Called by one thread of the store at a time; must not block: it posts the
 * change to its own loop and returns. An exception ends the subscription and is logged.
 */
@FunctionalInterface
public interface Feed {
  void changed(Change change);
}
