package dev.catwalk.bgp.bfd;

/** A datagram that RFC 5880 §6.8.6 has discarded. */
public final class BfdException extends Exception {
  private static final long serialVersionUID = 1L;

  BfdException(String message) {
    super(message);
  }
}
