package dev.catwalk.bgp.bfd;

/** What a session wants done. Times in microseconds. */
public sealed interface BfdAction {
  record Send(BfdPacket packet) implements BfdAction {}

  /** Say {@code transmitDue} after that time; in place of an earlier wish. */
  record ArmTransmit(long delay) implements BfdAction {}

  /** Nothing is to be sent until it says otherwise. */
  record DisarmTransmit() implements BfdAction {}

  /** Say {@code detectionOver} after that time; in place of an earlier wish. */
  record ArmDetection(long delay) implements BfdAction {}

  /**
   * The state is another one.
   *
   * @param failed whether it was up and fell by a failure: not because one of both sides was told to
   *     stop (RFC 5882 §3.2)
   * @param independent whether the other side's BFD outlives its control plane, so that the path
   *     itself must be gone (RFC 5882 §4.3.2)
   * @param why for people
   */
  record Changed(BfdState state, boolean failed, boolean independent, String why)
      implements BfdAction {}
}
