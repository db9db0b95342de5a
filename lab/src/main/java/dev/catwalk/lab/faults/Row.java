package dev.catwalk.lab.faults;

/**
 * One fault of the matrix.
 *
 * @param name by which it is chosen
 * @param about in a line
 * @param before what the members have to be like, without load
 */
public record Row(String name, String about, Fault before, Fault fault) {

  /** A fault that may befall any members. */
  public Row(String name, String about, Fault fault) {
    this(name, about, trial -> {}, fault);
  }

  /** Strikes a store that is under load, and heals it again before it returns. */
  @FunctionalInterface
  public interface Fault {
    void strike(Trial trial) throws Exception;
  }
}
