package dev.catwalk.raftstore.machine;

/**
 * A machine in which something waits for time to pass. No clock is asked while a command is applied:
 * whoever leads says by a command of its own how much time has passed since it said so last, and
 * nobody else may say that.
 */
public interface TimedMachine extends Machine {
  /** So often this machine wants to be told, milliseconds; 0 while nothing waits. */
  long periodMs();

  /**
   * The command by which time passes.
   *
   * @param elapsedMs 1 or more
   */
  byte[] elapse(long elapsedMs);

  /** Whether a command is one of {@link #elapse}. */
  boolean elapses(byte[] command);
}
