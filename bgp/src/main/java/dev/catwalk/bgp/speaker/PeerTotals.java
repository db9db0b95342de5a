package dev.catwalk.bgp.speaker;

/**
 * What the peers of a speaker come to together, however many they are.
 *
 * @param peers that are wanted, those from ranges included
 * @param established of these, those with a session
 * @param routesIn prefixes of theirs that are accepted
 * @param routesOut prefixes that they are told, of each peer
 * @param bfdSessions peers whose path is watched
 * @param bfdUp of these, those whose path works
 */
public record PeerTotals(
    int peers, int established, long routesIn, long routesOut, int bfdSessions, int bfdUp) {
  /** Where there is no speaker. */
  public static final PeerTotals NONE = new PeerTotals(0, 0, 0, 0, 0, 0);

  /** With so many more that are wanted and cannot be called as yet. */
  public PeerTotals withUnknown(int more) {
    return new PeerTotals(peers + more, established, routesIn, routesOut, bfdSessions, bfdUp);
  }
}
