package dev.catwalk.raftstore.atomix;

import dev.catwalk.raftstore.store.LocalReplica;
import dev.catwalk.raftstore.store.LogClock;
import io.atomix.protocols.raft.RaftServer;
import io.atomix.protocols.raft.ReadConsistency;
import io.atomix.protocols.raft.protocol.OpenSessionRequest;
import io.atomix.protocols.raft.protocol.RaftResponse;
import java.security.SecureRandom;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Writes into the log how much time has passed, while this member leads and something waits for that.
 * An entry is written here and now or not at all: none goes to another leader.
 */
final class LeaderTime {
  private final String name;
  private final RaftEngine raft;
  private final Applier applier;
  private final LocalReplica replica;
  private final LogClock clock;

  LeaderTime(String name, RaftEngine raft, Applier applier, LocalReplica replica) {
    this.name = name;
    this.raft = raft;
    this.applier = applier;
    this.replica = replica;
    this.clock = new LogClock(replica, new SecureRandom().nextLong());
  }

  /** Begins to look whether there is something to say. */
  void start(ScheduledExecutorService helper) {
    var unused = helper.scheduleWithFixedDelay(
        () -> {
          if (raft.getRole() == RaftServer.Role.LEADER && replica.periodMs() > 0) {
            raft.getThreadContext().execute(this::tick);
          }
        },
        LogClock.POLL_MS,
        LogClock.POLL_MS,
        TimeUnit.MILLISECONDS);
  }

  /** Raft thread. */
  private void tick() {
    if (raft.getRole() != RaftServer.Role.LEADER || applier.appliedTerm() != raft.getTerm()) {
      return;
    }
    byte[] frame = clock.tick(raft.getTerm(), Contact.nowMs());
    if (frame == null) {
      return;
    }
    try {
      var unused = raft.getRaftRole()
          .onOpenSession(
              new OpenSessionRequest(name, "", "", frame, ReadConsistency.SEQUENTIAL, 0, 1))
          .whenComplete((response, error) -> {
            if (error == null && response.status() == RaftResponse.Status.OK) {
              var unusedReplies = applier.takeReplies(response.session());
            }
            clock.answered();
          });
    } catch (
        RuntimeException e) { // Atomix throws what its log says; time that is lost has not passed.
      clock.answered();
    }
  }
}
