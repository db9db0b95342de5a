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
 * What comes of one connection stays in order; connections are heard by turns, so that who says
 * little does not wait for all that another one has said before. Callers that have no session yet
 * wait in a row of their own, which has every second turn: however many come and go, a session's
 * word waits for one of them. But nobody is taken from there before what was asked from here, or
 * before the end of a session: who calls again is not to meet himself.
 *
 * <p>The thread of the sessions' connections does not wake the speaker's for a few UPDATEs: when it has read what was
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

  /** So much of one connection, in octets as they weigh, is worked off before the next one's. */
  static final int GO = 8 << 10;

  /** Nor are more connections than that looked at that have come or gone: a storm of callers. */
  static final int COMINGS = 16;

  /** From so many on of one look at the sockets the speaker's thread is woken for them. */
  static final int MANY = 32;

  /** Or so many octets of them. */
  static final int MANY_OCTETS = 8 << 10;

  /** So many callers may wait to be looked at; the speaker does not see those beyond it. */
  static final int CALLERS = 1024;

  /** What stands in the row: a letter, or a connection that has some. */
  private sealed interface Waiting {}

  /** Something to be dealt with. */
  sealed interface Letter extends Waiting {}

  record Told(Happening happening) implements Letter {}

  record Question(Runnable answer) implements Letter {}

  record Accepted(Connection connection) implements Letter {}

  record Connected(Connection connection) implements Letter {}

  /** @param weight as {@link Connection#handedOn} has it */
  record Received(Connection connection, Message message, int weight) implements Letter {}

  record Malformed(Connection connection, WireException fault) implements Letter {}

  record Writable(Connection connection) implements Letter {}

  record Closed(Connection connection, String why) implements Letter {}

  /** The letters of one connection; it stands in a row while there are some. */
  static final class Inbox implements Waiting {
    private final ConcurrentLinkedQueue<Letter> letters = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private boolean floods; // it stands there for what is more than a go; known to who takes
    private volatile boolean ends; // its connection was a session's, and is gone
    private volatile boolean ofSession;

    /** @param ofSession whether its turn is that of sessions; else that of callers */
    Inbox(boolean ofSession) {
      this.ofSession = ofSession;
    }

    /** It has the turn of sessions from the next time on. */
    void isOfSession() {
      ofSession = true;
    }
  }

  private final ConcurrentLinkedQueue<Waiting> row = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Inbox> callersRow = new ConcurrentLinkedQueue<>();
  private final AtomicInteger ahead = new AtomicInteger(); // of any caller, in the row
  private boolean callersTurn; // known to who takes
  private final AtomicInteger callers = new AtomicInteger();
  private final AtomicInteger speaking = new AtomicInteger(); // connections whose messages wait
  private volatile @Nullable Thread sleeper;

  /** What is done when the sockets of sessions have been read, on their thread; false: it could not be. */
  private volatile BooleanSupplier ended = () -> false;

  private int read; // since then, on the sessions' thread, as the octets
  private int readOctets;

  /** From now on that is tried, on the sessions' thread, with a few messages that have come. */
  void whenRead(BooleanSupplier task) {
    ended = task;
  }

  void post(Happening happening) {
    post(new Told(happening));
  }

  void post(Letter letter) {
    ahead.incrementAndGet();
    row.add(letter);
    wake();
  }

  private void post(Connection connection, Letter letter) {
    file(connection.inbox, letter);
    wake();
  }

  private void file(Inbox inbox, Letter letter) {
    inbox.letters.add(letter);
    if (inbox.count.getAndIncrement() == 0) {
      line(inbox);
    }
  }

  private void line(Inbox inbox) {
    if (inbox.ofSession) {
      row.add(inbox);
    } else {
      callersRow.add(inbox);
    }
  }

  /** It had its go, of so many letters. */
  private void backIn(Inbox inbox, int taken) {
    if (inbox.count.addAndGet(-taken) > 0) {
      line(inbox);
    }
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
    Batch batch = new Batch(reader, endNanos);
    while (!batch.isOver()) {
      switch (next()) {
        case null -> batch.end();
        case Letter letter -> {
          batch.take(letter);
          ahead.decrementAndGet();
        }
        case Inbox inbox -> backIn(inbox, batch.take(inbox));
      }
    }
    return batch.taken;
  }

  private @Nullable Waiting next() {
    callersTurn = !callersTurn && ahead.get() == 0;
    Waiting first = callersTurn ? callersRow.poll() : row.poll();
    return first != null ? first : callersTurn ? row.poll() : callersRow.poll();
  }

  private boolean isEmpty() {
    return row.isEmpty() && callersRow.isEmpty();
  }

  /** What is worked off before timers, deciding and telling get their turn. */
  private final class Batch {
    private final Consumer<Letter> reader;
    private final long endNanos;
    int taken;
    private int comings;
    private boolean heard; // somebody had little to say, and all of it is taken
    private boolean over;

    Batch(Consumer<Letter> reader, long endNanos) {
      this.reader = reader;
      this.endNanos = endNanos;
    }

    /**
     * What others have said beside somebody's flood is decided and told before more of that, and what
     * sessions have said before more callers.
     */
    boolean isOver() {
      return over
          || heard
              && switch (row.peek()) {
                case null -> !callersRow.isEmpty();
                case Inbox next -> next.floods;
                case Letter _ -> false;
              };
    }

    void end() {
      over = true;
    }

    void take(Letter letter) {
      if (letter instanceof Accepted(Connection caller) && caller.isAside()) {
        callers.decrementAndGet();
      }
      reader.accept(letter);
      taken++;
      comings += letter instanceof Accepted || letter instanceof Closed ? 1 : 0;
      over |= comings >= COMINGS
          || taken >= BATCH && speaking.get() < 2
          || System.nanoTime() - endNanos >= 0;
    }

    /** Returns how many of that connection's letters were taken. */
    int take(Inbox inbox) {
      int before = taken;
      boolean spoke = false;
      int left = GO;
      while (!over && left > 0) {
        Letter letter = inbox.letters.poll();
        if (letter == null) {
          break;
        }
        if (letter instanceof Received received) {
          spoke = true;
          left -= received.weight();
        }
        take(letter);
        if (letter instanceof Closed && inbox.ends) {
          ahead.decrementAndGet();
        }
      }
      boolean all = inbox.letters.isEmpty();
      heard |= all && spoke && inbox.ofSession && !inbox.floods;
      inbox.floods = !all;
      return taken - before;
    }
  }

  /**
   * Takes messages of sessions, {@link #MANY} at most, up to the first letter of another kind; returns
   * whether letters are left.
   */
  boolean drainFew(Consumer<Letter> reader) {
    for (int i = 0; i < MANY; i++) {
      if (!(row.peek() instanceof Inbox inbox)
          || !(inbox.letters.peek() instanceof Received received)
          || !isPlain(received.message())) {
        break;
      }
      row.remove();
      inbox.letters.remove();
      reader.accept(received);
      backIn(inbox, 1);
    }
    return !isEmpty();
  }

  /** What no session begins or ends with, as a rule. */
  private static boolean isPlain(Message message) {
    return message instanceof Update || message instanceof Keepalive;
  }

  /** Sleeps until there is a letter, at most that long. */
  void await(long nanos) {
    sleeper = Thread.currentThread();
    if (isEmpty() && nanos > 0) {
      LockSupport.parkNanos(this, nanos);
    }
    sleeper = null;
  }

  @Override
  public void accepted(Connection connection) {
    if (!connection.isAside()) { // as many as peers are expected
      post(connection, new Accepted(connection));
    } else if (callers.incrementAndGet() > CALLERS) {
      callers.decrementAndGet();
      connection.refuse();
    } else {
      post(connection, new Accepted(connection));
    }
  }

  @Override
  public void connected(Connection connection) {
    post(connection, new Connected(connection));
  }

  @Override
  public void received(Connection connection, Message message, int octets) {
    int weight = Connection.weight(message, octets);
    if (connection.handedOn(weight)) {
      speaking.incrementAndGet();
    }
    Received letter = new Received(connection, message, weight);
    if (!isPlain(message) || connection.isAside()) {
      post(connection, letter);
      return;
    }
    file(connection.inbox, letter);
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
    post(connection, new Malformed(connection, fault));
  }

  @Override
  public void blocked(Connection connection) {
    // the outbox has seen it when it wrote
  }

  @Override
  public void writable(Connection connection) {
    post(connection, new Writable(connection));
  }

  @Override
  public void closed(Connection connection, String why) {
    if (connection.inbox.ofSession) {
      connection.inbox.ends = true;
      ahead.incrementAndGet();
    }
    post(connection, new Closed(connection, why));
  }
}
