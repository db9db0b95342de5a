package dev.catwalk.felix.cni;

/** A CNI request that is refused, as the specification's section "Error" has it. */
public final class CniException extends Exception {
  private static final long serialVersionUID = 1;

  /** The specification's error codes; those from 100 on are ours. */
  public enum Code {
    INCOMPATIBLE_VERSION(1),
    UNSUPPORTED_FIELD(2),
    UNKNOWN_CONTAINER(3),
    INVALID_ENVIRONMENT(4),
    IO_FAILURE(5),
    CANNOT_DECODE(6),
    INVALID_CONFIGURATION(7),
    TRY_AGAIN_LATER(11),
    /** No address is free, or the one asked for is not to be had. */
    NO_ADDRESS(101),
    /** The kernel refused the interface. */
    NOT_WIRED(102);

    private final int number;

    Code(int number) {
      this.number = number;
    }

    public int number() {
      return number;
    }
  }

  private final Code code;
  private final String details;

  /**
   * @param message one sentence
   * @param details what helps; may be empty
   */
  public CniException(Code code, String message, String details) {
    super(message);
    this.code = code;
    this.details = details;
  }

  public Code code() {
    return code;
  }

  public String details() {
    return details;
  }
}
