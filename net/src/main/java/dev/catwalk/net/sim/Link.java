package dev.catwalk.net.sim;

import java.util.function.Consumer;

/**
 * One direction of a connection in virtual time. A stream keeps order and loses nothing unless cut;
 * a datagram link may also lose by chance. What is under way when the link is cut is lost.
 */
public final class Link<T> {
  private final VirtualTime time;
  private final Consumer<T> receiver;
  private final long minDelayMs;
  private final long maxDelayMs;
  private final double loss;
  private long lastArrivalMs;
  private long generation;
  private boolean cut;

  /**
   * @param loss chance of losing one message, 0 to 1; 0 for a stream
   */
  public Link(
      VirtualTime time, Consumer<T> receiver, long minDelayMs, long maxDelayMs, double loss) {
    assert 0 <= minDelayMs && minDelayMs <= maxDelayMs && 0 <= loss && loss <= 1;
    this.time = time;
    this.receiver = receiver;
    this.minDelayMs = minDelayMs;
    this.maxDelayMs = maxDelayMs;
    this.loss = loss;
  }

  public void send(T message) {
    if (cut || loss > 0 && time.random().nextDouble() < loss) {
      return;
    }
    long delay =
        minDelayMs == maxDelayMs ? minDelayMs : time.random().nextLong(minDelayMs, maxDelayMs + 1);
    lastArrivalMs = Math.max(lastArrivalMs, time.nowMs() + delay);
    long sentIn = generation;
    time.after(lastArrivalMs - time.nowMs(), () -> {
      if (sentIn == generation) {
        receiver.accept(message);
      }
    });
  }

  public void cut() {
    cut = true;
    generation++;
  }

  public void heal() {
    cut = false;
  }

  public boolean isCut() {
    return cut;
  }
}
