package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.Change;
import dev.catwalk.raftstore.store.Feed;
import dev.catwalk.raftstore.store.Store;
import dev.catwalk.raftstore.store.Subscription;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Those who follow a store that may become another one with the same log: each goes on in the new
 * one behind the last change that it was told, without gap or duplicate.
 */
final class Followers {
  private final List<Follower> all = new ArrayList<>();
  private volatile Store store;

  /** Nobody follows it yet. */
  Followers(Store first) {
    store = first;
  }

  private final class Follower implements Subscription {
    private final Feed feed;

    /** Of the store of now; what an earlier one still says is not passed on. */
    private int turn;

    private long position;
    private boolean closed;
    private @Nullable Subscription inner;

    Follower(long position, Feed feed) {
      this.position = position;
      this.feed = feed;
    }

    private void changed(int inTurn, Change change) {
      synchronized (this) { // Nobody is told of a change while the store is changed.
        if (!closed && inTurn == turn && change.revision() > position) {
          position = change.revision();
          feed.changed(change);
        }
      }
    }

    /** The store of now: whoever takes the last turn sees the newest. */
    void follow() {
      Subscription before;
      int now;
      long from;
      synchronized (this) {
        if (closed) {
          return;
        }
        before = inner;
        now = ++turn;
        from = position;
        inner = null;
      }
      if (before != null) {
        before.close();
      }
      Subscription next = store.subscribe(from, change -> changed(now, change));
      synchronized (this) {
        if (!closed && turn == now) {
          inner = next;
          return;
        }
      }
      next.close();
    }

    @Override
    public void close() {
      Subscription last;
      synchronized (this) {
        closed = true;
        last = inner;
      }
      if (last != null) {
        last.close();
      }
      forget(this);
    }
  }

  private synchronized void forget(Follower follower) {
    all.remove(follower);
  }

  /** See {@link Store#subscribe}. */
  Subscription add(long fromRevision, Feed feed) {
    Follower follower = new Follower(fromRevision, feed);
    synchronized (this) {
      all.add(follower);
    }
    follower.follow();
    return follower;
  }

  /** All follow this one from now on. */
  void goTo(Store next) {
    List<Follower> now;
    synchronized (this) {
      store = next;
      now = List.copyOf(all);
    }
    now.forEach(Follower::follow);
  }
}
