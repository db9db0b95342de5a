package dev.catwalk.bgp.netty;

import dev.catwalk.bgp.speaker.Happening;
import dev.catwalk.bgp.wire.Keepalive;
import dev.catwalk.bgp.wire.Message;
import dev.catwalk.bgp.wire.RouteRefresh;
import dev.catwalk.bgp.wire.Update;
import dev.catwalk.bgp.wire.WireException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the speaker. Any thread posts, who holds the {@link Baton} takes. Messages of peers
 * are bounded by their connections, each of which stops reading while too many of its own wait here.
 *
 * <p>The transport's thread does not wake the speaker's for a few UPDATEs: when it has read what was
 * there it says {@link #ended}, and they may be worked off where they are.
 */
final class Mailbox implements Receiver {
  /**
   * So many letters are worked off before timers, deciding and telling get their turn; more while
   * messages of several connections wait. What these say of the same prefixes is then decided once,
   * and nobody is told what another one is about to outdo.
   */
  static final int BATCH = 512;

  /** In any case no more than take that long: one letter may have ten thousand prefixes. */
  private static final long BATCH_NANOS = 20_000_000L;

  /** Nor are more connections than that looked at that have come or gone: a storm of callers. */
  static final int COMINGS = 16;

  /** How often that is looked at: one letter in so many. */
  private static final int LOOK = 16;

  /** From so many on of one look at the sockets the speaker's thread is woken for them. */
  static final int MANY = 32;

  /** Or so many octets of them. */
  static final int MANY_OCTETS = 8 << 10;

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
  private final AtomicInteger speaking = new AtomicInteger(); // connections whose messages wait
  private volatile @Nullable Thread sleeper;

  /** What is done when the sockets have been read, on their thread; false: it could not be. */
  private volatile BooleanSupplier ended = () -> false;

  private int read; // since then, on the transport's thread, as the octets
  private int readOctets;

  /** From now on that is tried, on the transport's thread, with a few messages that have come. */
  void whenRead(BooleanSupplier task) {
    ended = task;
  }

  void post(Happening happening) {
    post(new Told(happening));
  }

  void post(Letter letter) {
    letters.add(letter);
    wake();
  }

  private void wake() {
    Thread waiting = sleeper;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  /** Takes a batch; returns whether there was anything. */
  boolean drain(Consumer<Letter> reader) {
    return drain(reader, System.nanoTime() + BATCH_NANOS) > 0;
  }

  /** Takes a batch, which ends soon after that time; returns how many letters there were. */
  int drain(Consumer<Letter> reader, long endNanos) {
    int taken = 0;
    int comings = 0;
    for (Letter letter = letters.poll(); letter != null; letter = letters.poll()) {
      if (letter instanceof Accepted) {
        callers.decrementAndGet();
      }
      reader.accept(letter);
      taken++;
      comings += letter instanceof Accepted || letter instanceof Closed ? 1 : 0;
      if (comings >= COMINGS
          || taken >= BATCH && speaking.get() < 2
          || taken % LOOK == 0 && System.nanoTime() - endNanos >= 0) {
        break;
      }
    }
    return taken;
  }

  /**
   * Takes messages of sessions, {@link #MANY} at most, up to the first letter of another kind; returns
   * whether letters are left.
   */
  boolean drainFew(Consumer<Letter> reader) {
    for (int i = 0; i < MANY; i++) {
      if (!(letters.peek() instanceof Received received) || !isPlain(received.message())) {
        break;
      }
      letters.remove();
      reader.accept(received);
    }
    return !letters.isEmpty();
  }

  /** What no session begins or ends with, as a rule. */
  private static boolean isPlain(Message message) {
    return message instanceof Update || message instanceof Keepalive;
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
    if (connection.handedOn(weight)) {
      speaking.incrementAndGet();
    }
    Received letter = new Received(connection, message, weight);
    if (!isPlain(message)) {
      post(letter);
      return;
    }
    letters.add(letter);
    if (read == 0) {
      connection.channel.eventLoop().execute(this::ended); // behind all that is readable by now
    }
    read++;
    readOctets += octets;
    if (isMuch()) {
      wake();
    }
  }

  /** That message of a connection waits no more. On the speaker's thread. */
  void workedOff(Connection connection, Message message, int weight) {
    if (message instanceof RouteRefresh) {
      connection.workedOffLater(weight, speaking::decrementAndGet);
    } else if (connection.workedOff(weight)) {
      speaking.decrementAndGet();
    }
  }

  private boolean isMuch() {
    return read >= MANY || readOctets >= MANY_OCTETS;
  }

  private void ended() {
    boolean much = isMuch();
    read = 0;
    readOctets = 0;
    if (!much && !ended.getAsBoolean()) {
      wake();
    }
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
