package dev.catwalk.felix.cni;

/**
 * The agent's side of the socket. Called on a thread of the connection's own, which it may block;
 * many at a time.
 */
public interface Requests {

  /** Answers a question of the command line; what it cannot answer it refuses, never throws. */
  byte[] json(byte[] question);

  /**
   * Answers the CNI client.
   *
   * @param question what follows the kind, as {@link Frame} says
   */
  byte[] cni(byte[] question);
}
