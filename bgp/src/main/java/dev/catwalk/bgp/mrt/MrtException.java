package dev.catwalk.bgp.mrt;

/** Octets that are no MRT record. The message says what is wrong with them. */
public final class MrtException extends Exception {
  private static final long serialVersionUID = 1L;

  MrtException(String message) {
    super(message);
  }
}
