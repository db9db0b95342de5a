package dev.catwalk.acl.model;

/** A protocol that has ports. */
public enum Protocol {
  TCP(6),
  UDP(17),
  SCTP(132);

  private final int number;

  Protocol(int number) {
    this.number = number;
  }

  /** As in the IP header. */
  public int number() {
    return number;
  }
}
