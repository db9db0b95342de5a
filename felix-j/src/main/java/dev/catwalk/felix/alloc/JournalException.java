package dev.catwalk.felix.alloc;

import java.io.IOException;

/** The node's own record cannot be used; the message names the file and the remedy. */
public final class JournalException extends IOException {
  private static final long serialVersionUID = 1;

  JournalException(String message) {
    super(message);
  }

  JournalException(String message, Throwable cause) {
    super(message, cause);
  }
}
