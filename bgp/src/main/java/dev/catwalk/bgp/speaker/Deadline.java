package dev.catwalk.bgp.speaker;

/** What a speaker waits for beside the timers of its sessions. */
public enum Deadline {
  /** A peer whose session fell has not come back in its restart time. Of a peer. */
  PEER_RESTART,
  /** A peer has not named its routes again in the time that we keep them. Of a peer. */
  PEER_STALE,
  /** Routes that outlive a peer's restart time have had their long life (RFC 9494). Of a peer. */
  PEER_LONG_LIVED,
  /** A peer that had too many prefixes may come again. Of a peer. */
  PEER_PENANCE,
  /** A peer that has asked for all our routes again and again may be told them again. Of a peer. */
  PEER_ANSWERS,
  /** Configured peers that are not up by now are absent. Of the speaker. */
  ABSENCE,
  /** Nobody's routes are waited for any longer. Of the speaker. */
  DEFERRAL,
  /** Those who heard that we leave have had time to look for other ways. Of the speaker. */
  DEPARTURE
}
