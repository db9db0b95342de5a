package dev.catwalk.raftstore.atomix;

import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What another member was asked and has not answered: no more than so much, each for its time, and
 * since when nothing was heard of it. Its state belongs to the event loop.
 */
final class Outstanding {
  private static final int MOST = 256;

  /**
   * A connection on which requests stay without a word for so long is given up: the other host may
   * be gone, or TCP may wait longer for it than the way was away.
   */
  static final long SILENT_MS = 2000;

  private final String member;
  private final EventExecutor loop;
  private final Runnable late;
  private final Map<Long, Asked> requests = new HashMap<>();
  private long nextId = 1;

  /** When the first request was sent since the other side said something; 0 if none was. */
  private long unheardSinceMs;

  /** A request under way; its timer goes with it, or every heartbeat would wake the loop twice. */
  private record Asked(
      Channel channel, CompletableFuture<byte[]> future, ScheduledFuture<?> expiry) {}

  /** @param late runs after the time of a request is over */
  Outstanding(String member, EventExecutor loop, Runnable late) {
    this.member = member;
    this.loop = loop;
    this.late = late;
  }

  boolean isFull() {
    return requests.size() >= MOST;
  }

  /** Returns the number under which the request is to be sent. */
  long add(Channel channel, CompletableFuture<byte[]> future, long timeoutMs) {
    long id = nextId++;
    ScheduledFuture<?> expiry =
        loop.schedule(() -> expire(id, timeoutMs), timeoutMs, TimeUnit.MILLISECONDS);
    requests.put(id, new Asked(channel, future, expiry));
    if (unheardSinceMs == 0) {
      unheardSinceMs = Contact.nowMs();
    }
    return id;
  }

  /** @param packet an answer, or why there is none */
  void answered(Packet packet) {
    heard();
    CompletableFuture<byte[]> future = end(packet.id());
    if (future != null && packet.kind() == Packet.Kind.ANSWER) {
      future.complete(packet.body());
    } else if (future != null) {
      future.completeExceptionally(
          new IOException(new String(packet.body(), StandardCharsets.UTF_8)));
    }
  }

  /** The other side has said something, or is asked on another connection from now on. */
  void heard() {
    unheardSinceMs = 0;
  }

  boolean isSilent() {
    return unheardSinceMs != 0 && Contact.nowMs() - unheardSinceMs >= SILENT_MS;
  }

  /** Fails what is under way on a connection, or on all. */
  void fail(@Nullable Channel on, String why) {
    for (var asked : List.copyOf(requests.entrySet())) {
      if (on == null || asked.getValue().channel() == on) {
        Objects.requireNonNull(end(asked.getKey())).completeExceptionally(new IOException(why));
      }
    }
  }

  private @Nullable CompletableFuture<byte[]> end(long id) {
    Asked asked = requests.remove(id);
    if (asked == null) {
      return null;
    }
    var unused = asked.expiry().cancel(false);
    return asked.future();
  }

  private void expire(long id, long timeoutMs) {
    CompletableFuture<byte[]> future = end(id);
    if (future != null) {
      future.completeExceptionally(
          new TimeoutException(member + " did not answer within " + timeoutMs + " ms"));
    }
    late.run();
  }
}
