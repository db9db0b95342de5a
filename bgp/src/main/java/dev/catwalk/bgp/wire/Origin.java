package dev.catwalk.bgp.wire;

/** ORIGIN, RFC 4271 §5.1.1. The order is the decision process's: lower is preferred. */
public enum Origin implements Attribute {
  IGP(0),
  EGP(1),
  INCOMPLETE(2);

  private final int code;

  Origin(int code) {
    this.code = code;
  }

  /** The wire's number. */
  int code() {
    return code;
  }

  @Override
  public int type() {
    return AttributeType.ORIGIN;
  }
}
