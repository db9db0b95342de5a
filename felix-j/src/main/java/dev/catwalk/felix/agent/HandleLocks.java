package dev.catwalk.felix.agent;

import dev.catwalk.ipam.model.Handle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** What is done to one pod is done one thing at a time; to different pods mostly at once. */
final class HandleLocks {
  private static final int LOCKS = 64;

  private final List<ReentrantLock> locks = new ArrayList<>();

  HandleLocks() {
    for (int i = 0; i < LOCKS; i++) {
      locks.add(new ReentrantLock());
    }
  }

  /** Held until it is closed. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }

  Held take(Handle handle) throws InterruptedException {
    ReentrantLock lock = locks.get(Math.floorMod(handle.hashCode(), LOCKS));
    lock.lockInterruptibly();
    return lock::unlock;
  }

  /** For what concerns all pods. Nobody may hold one who asks for this. */
  Held takeAll() throws InterruptedException {
    List<ReentrantLock> taken = new ArrayList<>();
    try {
      for (ReentrantLock lock : locks) {
        lock.lockInterruptibly();
        taken.add(lock);
      }
    } catch (InterruptedException e) {
      taken.forEach(ReentrantLock::unlock);
      throw e;
    }
    return () -> taken.forEach(ReentrantLock::unlock);
  }
}
