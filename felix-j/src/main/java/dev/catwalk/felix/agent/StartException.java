package dev.catwalk.felix.agent;

/** The agent cannot start; the message names the place and the remedy on one line. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1;

  /** Whose fault it is, for the exit status. */
  public enum Kind {
    /** The configuration is wrong. */
    CONFIGURATION,
    /** Something that must be free is taken: a port, a data directory, a socket. */
    TAKEN,
    /** This machine lacks something. */
    MACHINE
  }

  private final Kind kind;

  public StartException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
