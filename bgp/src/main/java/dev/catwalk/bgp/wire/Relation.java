package dev.catwalk.bgp.wire;

import java.util.Arrays;
import java.util.Optional;

/** What a speaker is to its peer, RFC 9234 §4.1. */
public enum Relation {
  PROVIDER(0),
  ROUTE_SERVER(1),
  ROUTE_SERVER_CLIENT(2),
  CUSTOMER(3),
  PEER(4);

  private final int value;

  Relation(int value) {
    this.value = value;
  }

  /** Of a role capability; empty where no such relation is known. */
  public static Optional<Relation> of(int value) {
    return Arrays.stream(values()).filter(r -> r.value == value).findFirst();
  }

  public int value() {
    return value;
  }

  /** What the other side must be: RFC 9234 §4.2. */
  public Relation counterpart() {
    return switch (this) {
      case PROVIDER -> CUSTOMER;
      case CUSTOMER -> PROVIDER;
      case ROUTE_SERVER -> ROUTE_SERVER_CLIENT;
      case ROUTE_SERVER_CLIENT -> ROUTE_SERVER;
      case PEER -> PEER;
    };
  }

  /** {@code routeServer}. */
  public String text() {
    return switch (this) {
      case PROVIDER -> "provider";
      case ROUTE_SERVER -> "routeServer";
      case ROUTE_SERVER_CLIENT -> "routeServerClient";
      case CUSTOMER -> "customer";
      case PEER -> "peer";
    };
  }
}
