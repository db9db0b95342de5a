package dev.catwalk.bgp.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;

/**
 * How a connection goes from one thread to another: what is asked of its channel meanwhile is done
 * when it is there, in order. Who asks also sees it off: one at a time.
 */
final class Move {
  private final ArrayDeque<Runnable> held = new ArrayDeque<>();
  private volatile boolean underWay;

  boolean isUnderWay() {
    return underWay;
  }

  /** Does that now, or on arrival. */
  void act(Runnable deed) {
    if (underWay) {
      synchronized (held) {
        if (underWay) {
          held.add(deed);
          return;
        }
      }
    }
    deed.run();
  }

  /**
   * Sends it off behind all that was asked of the channel until now. Where the other thread has ended
   * the channel is closed, and what is held is still done: it releases its buffers.
   *
   * @param arrived is done after what was held, on the other thread
   */
  @SuppressWarnings("FutureReturnValueIgnored") // what comes of it is told to the listener
  void begin(Channel channel, EventLoop to, Runnable arrived) {
    underWay = true;
    channel
        .eventLoop()
        .execute(() -> channel
            .deregister()
            .addListener(left -> to.register(channel).addListener(there -> {
              arrive();
              arrived.run();
            })));
  }

  private void arrive() {
    synchronized (held) {
      held.forEach(Runnable::run);
      held.clear();
      underWay = false;
    }
  }
}
