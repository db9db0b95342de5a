package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.machine.KvMachine;
import dev.catwalk.raftstore.machine.News;
import dev.catwalk.raftstore.machine.News.Ask;
import dev.catwalk.raftstore.machine.ReplicatedCore;
import dev.catwalk.raftstore.machine.StateMark;
import dev.catwalk.raftstore.pki.Identity;
import dev.catwalk.raftstore.store.StoreConfig;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Many clients of a store in one process, to measure what they cost its members: each has a
 * connection of its own and follows a member as {@link ClientStore} does, but keeps of its state
 * revision and hash alone. They begin with the store, and one that comes too late for what its
 * member holds is lost. State belongs to one event loop.
 */
public final class WatchingClients implements AutoCloseable {
  private static final long NEWS_MS = NewsDesk.HOLD_MS + 2000;
  private static final long AGAIN_MS = 200;

  private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(
      1, new DefaultThreadFactory("watching", true), NioIoHandler.newFactory());
  private final EventExecutor loop = loops.next();
  private final ChannelGroup channels = new DefaultChannelGroup(loop);
  private final List<Watching> all = new ArrayList<>();
  private final List<Awaited> awaited = new ArrayList<>();
  private int lost;
  private boolean closed;

  /** Whoever wants to know when all have come to a revision. */
  private static final class Awaited {
    private final long revision;
    private final CompletableFuture<Integer> future = new CompletableFuture<>();
    private int missing;

    Awaited(long revision) {
      this.revision = revision;
    }
  }

  /**
   * Begins to follow, by turns of the members.
   *
   * @param config of a client, whose name and certificate all of them bear
   */
  public WatchingClients(StoreConfig config, int count) {
    TlsGate tls = config.tls() == null
        ? null
        : new TlsGate(config.tls(), new Identity(config.clusterId(), config.memberName()));
    List<String> members = List.copyOf(config.members().keySet());
    for (int i = 0; i < count; i++) {
      all.add(new Watching(config, tls, members.get(i % members.size())));
    }
    loop.execute(() -> all.forEach(Watching::begin));
  }

  private final class Watching {
    private final PeerLink link;
    private StateMark at = Objects.requireNonNull(
        new ReplicatedCore(List.of(new KvMachine())).mark(0), "where every store begins");
    private String origin = "";
    private boolean asks = true;
    private boolean underWay;

    Watching(StoreConfig config, @Nullable TlsGate tls, String member) {
      int flags = Hello.CLIENT | (config.insecure() ? Hello.INSECURE : 0);
      Hello hello =
          new Hello(Hello.VERSION, flags, config.clusterId(), config.memberName(), member);
      String address = Objects.requireNonNull(config.members().get(member));
      this.link = new PeerLink(() -> hello, address, loops, channels, tls, theirs -> null);
    }

    void begin() {
      link.open(
          (from, packet) -> CompletableFuture.failedFuture(new IOException("nobody asks clients")),
          () -> {});
      link.dialNow();
      ask();
    }

    void ask() {
      if (!closed && asks && !underWay) {
        underWay = true;
        var unused = link.request(Packet.Kind.NEWS, new Ask(origin, at, false).bytes(), NEWS_MS)
            .whenCompleteAsync(
                (answer, error) -> heard(error == null ? News.of(answer) : null), loop);
      }
    }

    private void heard(@Nullable News news) {
      underWay = false;
      if (news == null) {
        var unused = loop.schedule(this::ask, AGAIN_MS, TimeUnit.MILLISECONDS);
      } else if (news.kind() != News.Kind.CHANGES) {
        lost++;
        asks = false;
        moved(at.revision(), Long.MAX_VALUE);
      } else {
        origin = news.origin();
        if (!news.changes().isEmpty()) {
          long before = at.revision();
          at = new StateMark(news.changes().getLast().revision(), news.hash());
          moved(before, at.revision());
        }
        ask();
      }
    }
  }

  private void moved(long from, long to) {
    Iterator<Awaited> each = awaited.iterator();
    while (each.hasNext()) {
      Awaited one = each.next();
      if (from < one.revision && to >= one.revision && --one.missing == 0) {
        each.remove();
        one.future.complete(lost);
      }
    }
  }

  /** Completed when each is at that revision or lost, with how many are lost. Any thread. */
  public CompletableFuture<Integer> reached(long revision) {
    Awaited one = new Awaited(revision);
    loop.execute(() -> {
      one.missing = (int) all.stream()
          .filter(client -> client.asks && client.at.revision() < revision)
          .count();
      if (one.missing == 0) {
        one.future.complete(lost);
      } else {
        awaited.add(one);
      }
    });
    return one.future;
  }

  /** Has one of them ask for nothing more, or go on. Any thread. */
  void rest(int client, boolean rests) {
    loop.execute(() -> {
      Watching one = all.get(client);
      boolean begins = !rests && !one.asks;
      one.asks = !rests;
      if (begins) {
        one.ask();
      }
    });
  }

  @Override
  public void close() {
    loop.execute(() -> {
      closed = true;
      all.forEach(client -> client.link.close());
    });
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
