package dev.catwalk.bgp.wire;

/** A peer's message after which the session must end. It carries what the peer must be told. */
public final class WireException extends Exception {
  private static final long serialVersionUID = 1;

  private final Fault fault;
  private final transient Octets data;

  /**
   * @param data the NOTIFICATION's data field, as RFC 4271 §6 asks for it
   * @param what one sentence for the log and {@code status}
   */
  WireException(Fault fault, Octets data, String what) {
    super(what, null, false, false); // a peer can cause these at will: no stack traces
    this.fault = fault;
    this.data = data;
  }

  WireException(Fault fault, String what) {
    this(fault, Octets.EMPTY, what);
  }

  public Fault fault() {
    return fault;
  }

  public Octets data() {
    return data;
  }

  /** The NOTIFICATION that answers it. */
  public Notification notification() {
    return new Notification(fault.code(), fault.subcode(), data);
  }
}
