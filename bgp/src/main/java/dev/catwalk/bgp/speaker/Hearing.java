package dev.catwalk.bgp.speaker;

/** How the routes that we keep of a peer stand to what it said. */
public enum Hearing {
  /** They are what it said. */
  KEPT,
  /** Our rules may have changed them, and the peer says them again when it is asked (RFC 2918). */
  REPEATABLE,
  /** Our rules may have changed them, and nobody can say them again. */
  CHANGED
}
