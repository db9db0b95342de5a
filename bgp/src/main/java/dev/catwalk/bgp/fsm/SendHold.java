package dev.catwalk.bgp.fsm;

/**
 * The SendHoldTimer of RFC 9687: a session in which nothing can be sent to the peer any longer is
 * no session, though the peer may go on to say that it lives. Two watch over it. The kernel does so
 * while it has octets of ours that the peer does not take, be they few (a shut window): its own
 * timer starts with the first of them and again with each that is taken. {@link Timer#SEND_HOLD}
 * does so while a connection's buffer is full, unless messages go to the peer meanwhile.
 */
public final class SendHold {
  /** What a connection ends with whose peer has taken nothing for that time. */
  public static final String EXPIRED = "send hold timer expired";

  /** §6: the greater of this and twice the hold time. */
  private static final long STANDARD_MS = 480_000;

  private SendHold() {}

  /**
   * How long a peer may take nothing.
   *
   * @param configured in seconds; 0: as the RFC has it
   * @param holdTime negotiated, in seconds
   * @return in milliseconds; 0 where there is no hold time: for ever (§4.3)
   */
  public static long timeMs(int configured, int holdTime) {
    if (holdTime == 0) {
      return 0;
    }
    return configured > 0 ? configured * 1000L : Math.max(STANDARD_MS, 2000L * holdTime);
  }
}
