package dev.catwalk.lab.shell;

/** Something could not be done; the message says what, why, and what to do. */
public final class LabException extends Exception {
  private static final long serialVersionUID = 1;

  public LabException(String message) {
    super(message);
  }

  public LabException(String message, Throwable cause) {
    super(message, cause);
  }
}
