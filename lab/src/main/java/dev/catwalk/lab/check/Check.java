package dev.catwalk.lab.check;

/** One expectation: what should be, whether it is, and what was seen. */
public record Check(String what, boolean held, String seen) {
  @Override
  public String toString() {
    return (held ? "ok    " : "FAIL  ") + what + (seen.isEmpty() ? "" : ": " + seen);
  }
}
