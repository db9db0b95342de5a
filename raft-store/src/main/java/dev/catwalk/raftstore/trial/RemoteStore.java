package dev.catwalk.raftstore.trial;

import dev.catwalk.raftstore.atomix.WatchingClients;
import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.KvEntry;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.Feed;
import dev.catwalk.raftstore.store.StoreException;
import dev.catwalk.raftstore.store.StoreException.Kind;
import dev.catwalk.raftstore.store.StoreStatus;
import dev.catwalk.raftstore.store.Subscription;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The store of a member that is another process. Futures are completed and feeds called on one
 * thread, which must not be blocked. When the process ends all that is open fails as {@code CLOSED}.
 */
public final class RemoteStore implements KeyReader {
  private static final long STATUS_S = 3;

  /** A member that has not answered a command by now hangs. */
  private static final long COMMAND_S = 12;

  /** A change of members is tried for a quarter of a minute. */
  private static final long CHANGE_S = 20;

  private static final long RESET_S = 30;

  private static final StoreStatus GONE =
      new StoreStatus(StoreStatus.Role.STOPPED, null, List.of(), 0, "", "", false, "", "no answer");

  private final Pipe pipe;
  private final AtomicLong ids = new AtomicLong();
  private final Map<Long, CompletableFuture<byte[]>> asked = new ConcurrentHashMap<>();
  private final Map<Long, Feed> feeds = new ConcurrentHashMap<>();
  private volatile boolean gone;

  /** Drives the process with this standard output and input. */
  RemoteStore(String name, InputStream from, OutputStream to) {
    this.pipe = new Pipe(name, from, to);
    Thread.ofPlatform().daemon().name(name + "-read").start(() -> {
      pipe.read(this::heard);
      gone = true;
      asked.values().forEach(RemoteStore::fail);
    });
  }

  private static void fail(CompletableFuture<?> future) {
    future.completeExceptionally(new StoreException(Kind.CLOSED, "the member's process has ended"));
  }

  private void heard(Pipe.Message message) {
    try {
      DataInputStream in = Pipe.body(message.body());
      switch (message.kind()) {
        case CHANGED -> {
          Feed feed = feeds.get(message.id());
          if (feed != null) {
            feed.changed(Pipe.change(in));
          }
        }
        case FAILED -> {
          CompletableFuture<byte[]> future = asked.remove(message.id());
          if (future != null) {
            future.completeExceptionally(
                new StoreException(Kind.valueOf(in.readUTF()), in.readUTF()));
          }
        }
        default -> {
          CompletableFuture<byte[]> future = asked.remove(message.id());
          if (future != null) {
            future.complete(message.body());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private CompletableFuture<byte[]> ask(Pipe.Kind kind, Pipe.Body body) {
    CompletableFuture<byte[]> future = new CompletableFuture<>();
    long id = ids.incrementAndGet();
    asked.put(id, future);
    pipe.send(id, kind, body);
    if (gone) {
      fail(future);
    }
    return future;
  }

  /** What a body of ours says. */
  @FunctionalInterface
  private interface Reader<T> {
    T read(DataInputStream in) throws IOException;
  }

  private static <T> T read(byte[] body, Reader<T> reader) {
    try {
      return reader.read(Pipe.body(body));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public CompletableFuture<Applied> submit(String machine, byte[] command) {
    return ask(Pipe.Kind.SUBMIT, out -> {
          out.writeUTF(machine);
          Pipe.blob(out, command);
        })
        .orTimeout(COMMAND_S, TimeUnit.SECONDS)
        .thenApply(body -> read(body, in -> new Applied(in.readLong(), Pipe.blob(in))));
  }

  @Override
  public CompletableFuture<Long> barrier() {
    return ask(Pipe.Kind.BARRIER, out -> {})
        .thenApply(body -> read(body, DataInputStream::readLong));
  }

  @Override
  public CompletableFuture<byte[]> backup() {
    return ask(Pipe.Kind.BACKUP, out -> {});
  }

  @Override
  public Subscription subscribe(long fromRevision, Feed feed) {
    long id = ids.incrementAndGet();
    feeds.put(id, feed);
    pipe.send(id, Pipe.Kind.SUBSCRIBE, out -> out.writeLong(fromRevision));
    return () -> {
      feeds.remove(id);
      pipe.send(id, Pipe.Kind.UNSUBSCRIBE, new byte[0]);
    };
  }

  /** Asks, and waits for the answer up to 3 s: a member without one knows nobody. */
  @Override
  public Roster roster() {
    try {
      return ask(Pipe.Kind.ROSTER, out -> {})
          .orTimeout(STATUS_S, TimeUnit.SECONDS)
          .thenApply(Roster::of)
          .join();
    } catch (CompletionException e) {
      return Roster.founders(Map.of());
    }
  }

  @Override
  public CompletableFuture<Roster> change(MemberChange change, boolean evenWithoutMajority) {
    return ask(Pipe.Kind.CHANGE, out -> {
          out.writeBoolean(evenWithoutMajority);
          Pipe.blob(out, change.bytes());
        })
        .orTimeout(CHANGE_S, TimeUnit.SECONDS)
        .thenApply(Roster::of);
  }

  /** Asks, and waits for the answer up to 3 s: a member without one counts as stopped. */
  @Override
  public StoreStatus status() {
    try {
      return ask(Pipe.Kind.STATUS, out -> {})
          .orTimeout(STATUS_S, TimeUnit.SECONDS)
          .thenApply(body -> read(body, Pipe::status))
          .join();
    } catch (CompletionException e) {
      return GONE;
    }
  }

  /**
   * The keys below a prefix with their values, as this member's own replica has them when it has
   * come to all that was acknowledged before the call; fails as {@link #barrier} does.
   */
  public CompletableFuture<Map<String, byte[]>> list(String prefix) {
    return ask(Pipe.Kind.LIST, out -> out.writeUTF(prefix))
        .thenApply(body -> read(body, in -> {
          Map<String, byte[]> found = new TreeMap<>();
          for (int left = in.readInt(); left > 0; left--) {
            found.put(in.readUTF(), Pipe.blob(in));
          }
          return found;
        }));
  }

  @Override
  public CompletableFuture<Optional<KvEntry>> read(String key) {
    return ask(Pipe.Kind.READ, out -> out.writeUTF(key))
        .orTimeout(COMMAND_S, TimeUnit.SECONDS)
        .thenApply(body -> read(body, in -> {
          long revision = in.readLong();
          byte[] value = Pipe.blob(in);
          return revision == 0 ? Optional.empty() : Optional.of(new KvEntry(key, value, revision));
        }));
  }

  /** Reads one key from the member's own replica, in its process, so long; how often it could. */
  public long readLocally(String key, int ms) {
    return ask(Pipe.Kind.READ_LOCALLY, out -> {
          out.writeUTF(key);
          out.writeInt(ms);
        })
        .thenApply(body -> read(body, DataInputStream::readLong))
        .join();
  }

  /** Has its process, a client's, open so many more clients: {@link WatchingClients}. */
  public void watch(int clients) {
    ask(Pipe.Kind.WATCH, out -> out.writeInt(clients)).join();
  }

  /** Completed when all those have come to a revision, or are lost, with how many are lost. */
  public CompletableFuture<Integer> watched(long revision) {
    return ask(Pipe.Kind.WATCHED, out -> out.writeLong(revision))
        .thenApply(body -> read(body, DataInputStream::readInt));
  }

  /** Closes the member's store, empties its directory and opens it again. */
  CompletableFuture<?> reset() {
    feeds.clear();
    return ask(Pipe.Kind.RESET, out -> {}).orTimeout(RESET_S, TimeUnit.SECONDS);
  }

  /** Nothing: the process is ended by whoever started it. */
  @Override
  public void close() {}
}
