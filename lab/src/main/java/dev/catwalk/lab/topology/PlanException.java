package dev.catwalk.lab.topology;

/** The topology and the options do not go together; the message says which and what would. */
public final class PlanException extends Exception {
  private static final long serialVersionUID = 1;

  PlanException(String message) {
    super(message);
  }
}
