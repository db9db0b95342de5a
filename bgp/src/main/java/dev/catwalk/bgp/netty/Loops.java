package dev.catwalk.bgp.netty;

import dev.catwalk.net.addr.IpAddress;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The threads of connections: one of those that have a session or are to have it, which are those
 * that we dial and that expected peers open; one of the listeners and of all other callers. The
 * kernel tells of sockets in the order in which something came there, so that on one thread a peer's
 * word would stand behind a thousand callers' coming and going.
 */
final class Loops extends MultiThreadIoEventLoopGroup {
  /**
   * So many connections that an expected peer has opened are with the sessions at once, further ones
   * with the callers: one that lasts, two that collide, and one that is being closed.
   */
  static final int OF_ONE_PEER = 4;

  private final EventLoop sessions;
  private final EventLoop callers;

  /** How many connections that were accepted are with the sessions. */
  private final ConcurrentHashMap<IpAddress, Integer> present = new ConcurrentHashMap<>();

  private volatile Set<IpAddress> expected = Set.of();

  /** @param apart whether callers have a thread of their own; else there is one for all */
  Loops(boolean apart, IoHandlerFactory io) {
    super(apart ? 2 : 1, new DefaultThreadFactory("bgp-io", true), io);
    Iterator<EventExecutor> loops = iterator();
    this.sessions = (EventLoop) loops.next();
    this.callers = apart ? (EventLoop) loops.next() : sessions;
  }

  /** Whoever calls from there from now on is no stranger. */
  void expect(Set<IpAddress> peers) {
    expected = Set.copyOf(peers);
  }

  EventLoop sessions() {
    return sessions;
  }

  /** Whether that connection is with the callers. */
  boolean isAside(Channel channel) {
    return channel.eventLoop() != sessions;
  }

  @Override
  public ChannelFuture register(Channel channel) {
    if (channel instanceof ServerChannel) {
      return callers.register(channel);
    }
    if (callers == sessions || channel.remoteAddress() == null) { // it is to be dialled
      return sessions.register(channel);
    }
    return accept(channel);
  }

  /** Who has closed a session and calls again is heard in that order. On the callers' thread. */
  @SuppressWarnings("FutureReturnValueIgnored") // it is the promise
  private ChannelFuture accept(Channel channel) {
    IpAddress from = Connection.address(channel.remoteAddress());
    int connections = present.getOrDefault(from, 0);
    boolean aside = !expected.contains(from) || connections >= OF_ONE_PEER;
    if (!aside) {
      admit(channel, from);
    }
    EventLoop loop = aside ? callers : sessions;
    if (connections == 0) {
      return loop.register(channel);
    }
    ChannelPromise registered = new DefaultChannelPromise(channel, loop);
    afterReading(0, () -> loop.register(registered));
    return registered;
  }

  /** That connection of a caller has a session, and belongs to these. */
  void admit(Channel channel) {
    admit(channel, Connection.address(channel.remoteAddress()));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // it is the channel's own
  private void admit(Channel channel, IpAddress from) {
    present.merge(from, 1, Integer::sum);
    channel
        .closeFuture()
        .addListener(closed -> present.computeIfPresent(from, (peer, n) -> n > 1 ? n - 1 : null));
  }

  /** Runs it on the sessions' thread when all has been read that lies in the sockets of both. */
  @SuppressWarnings("FutureReturnValueIgnored") // nothing of it can fail
  void whenRead(Runnable task) {
    if (callers == sessions) {
      afterReading(1, task);
    } else {
      callers.execute(
          () -> callers.schedule(() -> afterReading(1, task), 1, TimeUnit.MILLISECONDS));
    }
  }

  /** A task that is scheduled runs after the sockets have been looked at once more. */
  @SuppressWarnings("FutureReturnValueIgnored") // as above
  private void afterReading(long ms, Runnable task) {
    sessions.execute(() -> sessions.schedule(task, ms, TimeUnit.MILLISECONDS));
  }
}
