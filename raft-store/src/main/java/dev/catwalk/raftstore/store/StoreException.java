package dev.catwalk.raftstore.store;

/** The store cannot do what was asked of it; the message names the place and the remedy. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Kind {
    /** No majority answers: the command may be applied when it does again. */
    NO_QUORUM,
    /** The command exceeds {@link Store#MAX_COMMAND}; it was not sent. */
    TOO_LARGE,
    /** No machine has this name; nothing was applied. */
    UNKNOWN_MACHINE,
    /** A change of members that must not be, for a reason that the message names; nothing was done. */
    REFUSED,
    /** Too much is waiting already; this command was not sent. */
    OVERLOADED,
    /** This member's state is not the others': it takes no part until it is made anew. */
    DIVERGED,
    /** This store is closed or about to be. */
    CLOSED,
    /** Files, ports or configuration do not allow the store to open. */
    CANNOT_OPEN
  }

  private final Kind kind;

  public StoreException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public StoreException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
