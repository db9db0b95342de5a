package dev.catwalk.felix.cli;

/** A verb ends with this exit status and this line on stderr. */
public final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Everything went well. */
  public static final int OK = 0;
  /** The answer is no: an expectation failed, a manifest is invalid. */
  public static final int NO = 1;
  /** The command line is wrong. */
  public static final int USAGE = 2;
  /** No agent answers at that socket. */
  public static final int NO_AGENT = 3;
  /** The agent refused. */
  public static final int REFUSED = 4;
  /** This machine lacks something. */
  public static final int MACHINE = 5;

  private final int status;

  public CliException(int status, String message) {
    super(message);
    this.status = status;
  }

  public int status() {
    return status;
  }
}
