package dev.catwalk.bgp.speaker;

import dev.catwalk.bgp.wire.AfiSafi;
import dev.catwalk.bgp.wire.Capability;
import dev.catwalk.net.addr.Family;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The restarting side of RFC 4724 (§4.1): what we tell peers of our own restart, and whether their
 * routes are in.
 */
final class Startup {
  /**
   * A configured peer whose session is not up by then is absent, and not waited for; nor, from then
   * on, one that need not send End-of-RIB.
   */
  static final long ABSENT_MS = 10_000;

  private final boolean listened;
  private Restart restart = Restart.NONE;
  private boolean peersNamed = true;
  private boolean absenceOver;
  private boolean deferralOver;
  private boolean converged;
  private boolean originated;

  /** Of the newest {@code Remind} for {@code ABSENCE}. */
  private long absences;

  /**
   * @param listened whether somebody makes forwarding state of what is selected
   */
  Startup(boolean listened) {
    this.listened = listened;
  }

  /** Begins; what is to be reminded of goes to {@code deeds}. */
  void begin(Restart from, SpeakerConfig config, List<Deed> deeds) {
    restart = from;
    peersNamed = !from.peersToCome();
    long deferralMs = config.deferralTime() * 1000L;
    deeds.add(new Deed.Remind(0, Deadline.DEFERRAL, 0, deferralMs));
    awaitPeers(config, deeds);
  }

  /** Peers that were to come are named. */
  void named(SpeakerConfig config, List<Deed> deeds) {
    if (!peersNamed) {
      peersNamed = true;
      awaitPeers(config, deeds);
    }
  }

  private void awaitPeers(SpeakerConfig config, List<Deed> deeds) {
    absenceOver = false;
    long absentMs = Math.min(ABSENT_MS, config.deferralTime() * 1000L);
    deeds.add(new Deed.Remind(0, Deadline.ABSENCE, ++absences, absentMs));
  }

  void absenceIsOver(long generation) {
    absenceOver |= generation == absences;
  }

  void deferralIsOver() {
    deferralOver = true;
  }

  void originated() {
    originated = true;
  }

  /**
   * Whether peers may hear that we have told all that we have.
   *
   * @param carries whether we tell some what others told us
   */
  boolean isEndOfRibDue(boolean carries) {
    return deferralOver || originated && (converged || !carries);
  }

  boolean isRestarting() {
    return restart.restarting() && !converged;
  }

  /** Whether it is so from now on: true once. */
  boolean converges(Collection<Peer> peers, SpeakerConfig config) {
    if (converged || !deferralOver && waits(peers, config)) {
      return false;
    }
    converged = true;
    return true;
  }

  private boolean waits(Collection<Peer> peers, SpeakerConfig config) {
    boolean somebodyMayCome = !absenceOver
        && (config.peers().isEmpty()
            || config.isWaitingForNeighbours()
            || !config.dynamic().isEmpty()
            || peers.stream().anyMatch(p -> !p.dynamic && !p.isEstablished()));
    // one that will not end, or waits for us, may still have its routes on the way
    return !peersNamed
        || somebodyMayCome
        || peers.stream().anyMatch(p -> p.isTelling() && (!absenceOver || p.willEnd()));
  }

  /** RFC 9494 §4.1, of the same families; null where it is not wanted. */
  Capability.@Nullable LongLived longLived(SessionConfig session) {
    Capability.GracefulRestart restart = offer(session);
    int staleTime = session.extensions().longLivedStaleTime();
    if (restart == null || staleTime == 0) {
      return null;
    }
    return new Capability.LongLived(restart.families().stream()
        .map(f -> new Capability.Kept(f.family(), f.forwarding(), staleTime))
        .toList());
  }

  /** What an OPEN says of it by now; null where it is not wanted. */
  Capability.@Nullable GracefulRestart offer(SessionConfig session) {
    GracefulRestart terms = session.gracefulRestart();
    if (!terms.enabled()) {
      return null;
    }
    List<Capability.Restarted> families = new ArrayList<>();
    for (Family family : session.families()) {
      boolean forwarding = listened && (converged || restart.preserved().contains(family));
      families.add(new Capability.Restarted(AfiSafi.unicast(family), forwarding));
    }
    return new Capability.GracefulRestart(isRestarting(), true, terms.restartTime(), families);
  }
}
