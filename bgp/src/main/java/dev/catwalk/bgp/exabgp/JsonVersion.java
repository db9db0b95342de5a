package dev.catwalk.bgp.exabgp;

import java.util.Optional;

/** The forms of ExaBGP's JSON that exist in the field. */
public enum JsonVersion {
  /** Of ExaBGP 4: AS paths as bare lists, communities in the order of the wire. */
  V4("4.0.1"),
  /** Of ExaBGP 5. */
  V5("5.0.0");

  private final String number;

  JsonVersion(String number) {
    this.number = number;
  }

  /** As it stands in the member {@code exabgp} and behind {@code --json}. */
  public String number() {
    return number;
  }

  /** The version with that number. */
  public static Optional<JsonVersion> of(String number) {
    for (JsonVersion version : values()) {
      if (version.number.equals(number)) {
        return Optional.of(version);
      }
    }
    return Optional.empty();
  }
}
