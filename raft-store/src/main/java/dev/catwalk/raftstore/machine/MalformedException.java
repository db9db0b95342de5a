package dev.catwalk.raftstore.machine;

/** Bytes are not what their format says; the message names the place. */
public final class MalformedException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  MalformedException(String message) {
    super(message);
  }

  MalformedException(String message, Throwable cause) {
    super(message, cause);
  }
}
