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
    /** STATUS: ADD cannot be served now. */
    NOT_AVAILABLE(50),
    /** STATUS: nor may the containers that are there have all their connections. */
    LIMITED(51),
    /** No address is free, or the one asked for is not to be had. */
    NO_ADDRESS(101),
    /** The kernel refused the interface. */
    NOT_WIRED(102),
    /** CHECK: the record of the node or of the cluster is not that of this container. */
    RECORD_DIFFERS(110),
    /** CHECK: the container has another result than the runtime remembers. */
    RESULT_DIFFERS(111),
    /** CHECK: a link is missing, down, or another one. */
    LINK_DIFFERS(112),
    /** CHECK: an address is missing. */
    ADDRESS_DIFFERS(113),
    /** CHECK: a route is missing or leads elsewhere, in the container or towards it. */
    ROUTE_DIFFERS(114),
    /** CHECK: the gateway's neighbour entry is missing or another one. */
    NEIGHBOUR_DIFFERS(115),
    /** CHECK: the rules in the kernel are not those of the policies. */
    POLICY_DIFFERS(116);

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
