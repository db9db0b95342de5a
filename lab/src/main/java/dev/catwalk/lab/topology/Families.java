package dev.catwalk.lab.topology;

import dev.catwalk.net.addr.Family;
import java.util.List;

/** Which address families a lab speaks. */
public enum Families {
  FOUR("4"),
  SIX("6"),
  DUAL("dual");

  private final String word;

  Families(String word) {
    this.word = word;
  }

  /** Ascending. */
  public List<Family> all() {
    return switch (this) {
      case FOUR -> List.of(Family.IPV4);
      case SIX -> List.of(Family.IPV6);
      case DUAL -> List.of(Family.IPV4, Family.IPV6);
    };
  }

  /**
   * The one that is called so on the command line.
   *
   * @throws IllegalArgumentException with a sentence fit for a user
   */
  public static Families named(String word) {
    for (Families families : values()) {
      if (families.word.equals(word)) {
        return families;
      }
    }
    throw new IllegalArgumentException("'" + word + "' is no family: want 4, 6 or dual");
  }

  @Override
  public String toString() {
    return word;
  }
}
