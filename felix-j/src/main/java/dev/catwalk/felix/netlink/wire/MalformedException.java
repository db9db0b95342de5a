package dev.catwalk.felix.netlink.wire;

/** Bytes that are no netlink message: the sentence says what did not fit. */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedException(String message) {
    super(message);
  }
}
