package dev.catwalk.raftstore.machine;

/**
 * A replicated state machine: a function of its log. Every member applies the same commands in the
 * same order and must reach the same state and the same outcomes to the byte, so an implementation
 * reads no clock, file or chance and iterates over nothing whose order differs between two starts.
 *
 * <p>Called by one thread at a time. Arrays that are passed in must not be changed or kept to be
 * changed later; arrays that are returned belong to the caller and stay as they are.
 */
public interface Machine {

  /** Names this machine in every command and snapshot: fixed for ever, 1 to 32 ASCII letters. */
  String name();

  /**
   * Applies one command.
   *
   * @param revision the store-wide number of this command, rising by one per command of any machine
   * @return the outcome. A refusal, a malformed command included, is an outcome like any other; an
   *     exception means a defect and stops the process.
   */
  byte[] apply(long revision, byte[] command);

  /**
   * The store's format that a program has to know to apply a command as others do; a command that
   * asks for more than the oldest waits until all know it.
   */
  default int format(byte[] command) {
    return 1;
  }

  /** The whole state, beginning with a format version; equal states give equal bytes. */
  byte[] snapshot();

  /**
   * Replaces the whole state.
   *
   * @throws IllegalArgumentException if the bytes are no snapshot of this machine; the state is then
   *     as before
   */
  void restore(byte[] snapshot);
}
