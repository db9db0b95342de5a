package dev.catwalk.raftstore.atomix;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.catwalk.raftstore.machine.MemberChange;
import dev.catwalk.raftstore.machine.Roster;
import dev.catwalk.raftstore.store.StoreConfig;
import dev.catwalk.raftstore.voters.Choice;
import dev.catwalk.raftstore.voters.Sightings;
import dev.catwalk.raftstore.voters.Situation;
import dev.catwalk.raftstore.voters.VoterChoice;
import dev.catwalk.raftstore.voters.VoterRule;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has voters chosen by {@link VoterChoice} while this member leads, and makes the changes, which
 * {@link Membership} may refuse. What it has seen it forgets with its lead. Raft thread, but for
 * {@link #why}.
 */
final class VoterKeeper {
  private static final Logger LOG = LoggerFactory.getLogger(VoterKeeper.class);
  private static final long MOST_MS = 10_000;
  private static final long LEAST_MS = 200;

  /** After a step that cannot be taken yet. */
  private static final long AGAIN_MS = 1000;

  /** An offer may be on its way for so long: its node's member may have just gone. */
  private static final long WAY_MS = 5000;

  /** Makes a change of members, as {@link Membership#decide} does. */
  @FunctionalInterface
  interface Maker {
    void make(MemberChange change, boolean force, CompletableFuture<byte[]> answer);
  }

  private final String name;
  private final StoreConfig.Voting voting;
  private final Predicate<String> answers;
  private final Maker maker;
  private final LongSupplier clockMs;
  private Sightings seen;
  private long term;
  private long lookedMs = Long.MIN_VALUE / 2;
  private CompletableFuture<byte[]> step = CompletableFuture.completedFuture(new byte[0]);
  private volatile String why = "nothing is known of the nodes yet";
  private volatile String last = "";

  /**
   * Nothing is seen yet.
   *
   * @param answers whether another member has answered this one, which leads, lately
   * @param clockMs only goes forward
   */
  VoterKeeper(
      String name,
      StoreConfig.Voting voting,
      Predicate<String> answers,
      Maker maker,
      LongSupplier clockMs) {
    this.name = name;
    this.voting = voting;
    this.answers = answers;
    this.maker = maker;
    this.clockMs = clockMs;
    this.seen = new Sightings(voting.rule());
  }

  /** So often a node says that it is there. */
  static long periodMs(VoterRule rule) {
    return Math.clamp(rule.steadyMs() / 3, LEAST_MS, MOST_MS);
  }

  private void inTerm(long now) {
    if (now != term) {
      term = now;
      seen = new Sightings(voting.rule());
      step = CompletableFuture.completedFuture(new byte[0]);
    }
  }

  /** A node is there. */
  void offered(MemberChange.Offer offer, long inTerm) {
    inTerm(inTerm);
    if (offer.bounded()) {
      seen.offered(offer.name(), offer.address(), offer.labels(), clockMs.getAsLong());
    }
  }

  /** This member leads, and all that was changed is committed. */
  void look(Roster roster, long inTerm) {
    long now = clockMs.getAsLong();
    inTerm(inTerm);
    if (now - lookedMs < LEAST_MS || !step.isDone()) {
      return;
    }
    lookedMs = now;
    seen.offered(name, voting.address(), voting.labels(), now);
    long patienceMs = 3 * periodMs(voting.rule()) + WAY_MS;
    Situation situation = seen.look(roster, name, true, answers, patienceMs, now);
    switch (VoterChoice.next(voting.rule(), situation)) {
      case Choice.Wait wait -> say(wait.why());
      case Choice.Step next -> {
        if (!why.startsWith(next.why())) {
          say(next.why());
        }
        seen.took(next, roster, now);
        last = next.why();
        step = new CompletableFuture<>();
        var unused = step.thenAccept(answer -> {
          if (answer.length > 0 && answer[0] != ClientRequests.DONE) {
            say(next.why() + "; not yet: " + new String(answer, 1, answer.length - 1, UTF_8));
            lookedMs += AGAIN_MS;
          }
        });
        maker.make(next.change(), false, step);
      }
    }
  }

  private void say(String now) {
    if (!now.equals(why)) {
      LOG.info("voters: {}", now);
      why = now;
    }
  }

  /** What a node says that does not lead itself. */
  static String elsewhere(@Nullable String leader) {
    return leader == null
        ? "nobody leads who could choose"
        : leader + " leads and chooses: see its status";
  }

  /** What is done, or waited for, and what was done last while this member led. Any thread. */
  String why() {
    return last.isEmpty() || why.startsWith(last) ? why : why + "; the last step: " + last;
  }
}
