package dev.catwalk.raftstore.store;

import dev.catwalk.raftstore.machine.Applied;
import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.Roster;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * The replicated store as one member sees it. Any thread may call it. Futures are completed on a
 * thread of the store, in no particular order; what depends on them must not block it.
 */
public interface Store extends AutoCloseable {

  /** A command may be no longer than this, bytes. */
  int MAX_COMMAND = 60 * 1024;

  /**
   * Commits one command, exactly once however often it has to be sent. Commands that one caller
   * submits without waiting may be applied in another order.
   *
   * @return its revision and outcome; or fails with {@link StoreException}, and then the command
   *     may or may not be applied later unless the kind says otherwise
   */
  CompletableFuture<Applied> submit(String machine, byte[] command);

  /**
   * A linearization point: completes with a revision that is at least that of every command that
   * was acknowledged anywhere before this call. A replica that has reached it reads nothing stale.
   */
  CompletableFuture<Long> barrier();

  /**
   * Follows the state of this member from the change after {@code fromRevision} on (0: from the
   * beginning), in order, without gap or duplicate.
   */
  Subscription subscribe(long fromRevision, Feed feed);

  /**
   * The whole state, with all that was acknowledged before this call, from which a new
   * store can begin; fails as {@link #barrier} does.
   */
  CompletableFuture<byte[]> backup();

  /** Who is in this store and who of them votes, as far as this member knows. */
  default Roster roster() {
    TreeMap<String, String> names = new TreeMap<>();
    status().members().forEach(name -> names.put(name, ""));
    return Roster.founders(names);
  }

  /**
   * Changes who is in this store, with no interruption. A change that was made already is done at
   * once.
   *
   * @param evenWithoutMajority makes the change though too few of those that would vote then answer:
   *     until they do, nothing can be written
   * @return who is in it then, once that is committed; or fails with {@link StoreException}
   */
  default CompletableFuture<Roster> change(MemberChange change, boolean evenWithoutMajority) {
    return CompletableFuture.failedFuture(new StoreException(
        StoreException.Kind.REFUSED,
        "this store is a cluster of one that opens no port: name its own address in store.members and"
            + " store.listen first"));
  }

  /**
   * Has every program in this store, and every one that comes to it, know this format from now on:
   * what is new in it may be submitted then, and must not before, since other programs would read it
   * differently. The format is a number that rises with every addition to commands and outcomes of
   * any machine. Done at once where it is so already.
   *
   * @return fails with {@link StoreException}: refused while a member runs an older program, or has
   *     not been met
   */
  default CompletableFuture<Void> require(int format) {
    return requires(format)
        ? CompletableFuture.completedFuture(null)
        : change(new MemberChange.Need(format), false).thenApply(roster -> null);
  }

  /** Whether {@link #require} was done, as far as this member knows. */
  default boolean requires(int format) {
    return true;
  }

  /** Which store this is: 16 hex digits that no other has; empty if that is not known. */
  default String origin() {
    return status().origin();
  }

  /** What the choice of voters does or waits for, as far as is known here; empty if none are chosen. */
  default String choice() {
    return "";
  }

  /** How this member is doing, at once and without asking anybody. */
  StoreStatus status();

  /** Leaves the cluster's work to the others, durably; waits until files and ports are free. */
  @Override
  void close();
}
