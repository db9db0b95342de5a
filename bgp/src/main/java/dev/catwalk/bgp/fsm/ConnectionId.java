package dev.catwalk.bgp.fsm;

/**
 * Names one transport connection of a peering.
 *
 * @param number unique within the peering and side: counted by the peering for those that it dials,
 *     by the shell for those that it accepts
 */
public record ConnectionId(Side side, long number) {

  /** Who opened it. */
  public enum Side {
    DIALLED,
    ACCEPTED
  }

  public static ConnectionId accepted(long number) {
    return new ConnectionId(Side.ACCEPTED, number);
  }

  /** {@code dialled-3}. */
  @Override
  public String toString() {
    return (side == Side.DIALLED ? "dialled-" : "accepted-") + number;
  }
}
