package dev.catwalk.lab.faults;

/**
 * One fault of the matrix.
 *
 * @param name by which it is chosen
 * @param about in a line
 */
public record Row(String name, String about, Fault fault) {

  /** Strikes a store that is under load, and heals it again before it returns. */
  @FunctionalInterface
  public interface Fault {
    void strike(Trial trial) throws Exception;
  }
}
