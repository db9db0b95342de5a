package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.Happening;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.WireException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the speaker's thread. Any thread posts, that one takes. Messages of peers are
 * bounded by their connections, each of which stops reading while too many of its own wait here.
 */
final class Mailbox implements Receiver {
  /** So many letters are worked off before timers, deciding and telling get their turn. */
  private static final int BATCH = 512;

  /** Or as many as take that long: one letter may have ten thousand prefixes. */
  private static final long BATCH_NANOS = 20_000_000L;

  /** How often that is looked at: one letter in so many. */
  private static final int LOOK = 16;

  /** So many callers may wait to be looked at; the speaker does not see those beyond it. */
  static final int CALLERS = 1024;

  /** Something to be dealt with. */
  sealed interface Letter {}

  record Told(Happening happening) implements Letter {}

  record Question(Runnable answer) implements Letter {}

  record Accepted(Connection connection) implements Letter {}

  record Connected(Connection connection) implements Letter {}

  /** @param weight as {@link Connection#handedOn} has it */
  record Received(Connection connection, Message message, int weight) implements Letter {}

  record Malformed(Connection connection, WireException fault) implements Letter {}

  record Writable(Connection connection) implements Letter {}

  record Closed(Connection connection, String why) implements Letter {}

  private final ConcurrentLinkedQueue<Letter> letters = new ConcurrentLinkedQueue<>();
  private final AtomicInteger callers = new AtomicInteger();
  private volatile @Nullable Thread sleeper;

  void post(Happening happening) {
    post(new Told(happening));
  }

  void post(Letter letter) {
    letters.add(letter);
    Thread waiting = sleeper;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  /** Takes a batch; returns whether there was anything. */
  boolean drain(Consumer<Letter> reader) {
    int taken = 0;
    long end = System.nanoTime() + BATCH_NANOS;
    for (Letter letter = letters.poll(); letter != null; letter = letters.poll()) {
      if (letter instanceof Accepted) {
        callers.decrementAndGet();
      }
      reader.accept(letter);
      taken++;
      if (taken == BATCH || taken % LOOK == 0 && System.nanoTime() - end >= 0) {
        break;
      }
    }
    return taken > 0;
  }

  /** Sleeps until there is a letter, at most that long. */
  void await(long nanos) {
    sleeper = Thread.currentThread();
    if (letters.isEmpty() && nanos > 0) {
      LockSupport.parkNanos(this, nanos);
    }
    sleeper = null;
  }

  @Override
  public void accepted(Connection connection) {
    if (callers.incrementAndGet() > CALLERS) {
      callers.decrementAndGet();
      connection.refuse();
    } else {
      post(new Accepted(connection));
    }
  }

  @Override
  public void connected(Connection connection) {
    post(new Connected(connection));
  }

  @Override
  public void received(Connection connection, Message message, int octets) {
    int weight = Connection.weight(message, octets);
    connection.handedOn(weight);
    post(new Received(connection, message, weight));
  }

  @Override
  public void malformed(Connection connection, WireException fault) {
    post(new Malformed(connection, fault));
  }

  @Override
  public void blocked(Connection connection) {
    // the outbox has seen it when it wrote
  }

  @Override
  public void writable(Connection connection) {
    post(new Writable(connection));
  }

  @Override
  public void closed(Connection connection, String why) {
    post(new Closed(connection, why));
  }
}
