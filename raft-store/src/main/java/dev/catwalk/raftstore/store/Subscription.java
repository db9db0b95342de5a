package dev.catwalk.raftstore.store;

/** A feed's place in the store. */
public interface Subscription extends AutoCloseable {

  /** Ends it; a call that is under way may still finish. */
  @Override
  void close();
}
