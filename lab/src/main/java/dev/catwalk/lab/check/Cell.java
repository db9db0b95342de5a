package dev.catwalk.lab.check;

/**
 * A probe with what was expected of it and what came of it.
 *
 * @param expected whether the policies let it pass
 * @param answer what {@code cwprobe} printed
 */
public record Cell(Probe probe, boolean expected, String answer) {
  public boolean seen() {
    return answer.startsWith("ok ");
  }

  public boolean asExpected() {
    return seen() == expected;
  }

  /** Who the server said had called it; nothing of a ping. */
  public String caller() {
    String[] words = answer.split(" ");
    return words.length > 2 ? words[2] : "";
  }

  @Override
  public String toString() {
    return probe.protocol() + " " + probe.from() + " -> " + probe.to() + " (" + probe.address()
        + (probe.port() == 0 ? "" : ":" + probe.port()) + "): " + answer.strip() + ", expected "
        + (expected ? "to pass" : "to be stopped");
  }
}
