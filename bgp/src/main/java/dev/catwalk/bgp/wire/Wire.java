package dev.catwalk.bgp.wire;

/** Whole BGP messages ⇄ bytes. */
public final class Wire {
  /** Largest message, RFC 4271 §4.1. */
  public static final int MESSAGE_LIMIT = 4096;

  /** Largest message where both sides have RFC 8654. */
  public static final int EXTENDED_MESSAGE_LIMIT = 65535;

  private Wire() {}
}
