package dev.catwalk.raftstore.trial;

/**
 * One operation on one key, as its client saw it. Values are numbers that every write draws anew; 0
 * stands for no value.
 *
 * @param begin when it was called
 * @param end when it was answered; {@link #UNKNOWN} if it never was, or with a failure: then it may
 *     take effect at any time after {@code begin}, or never
 */
public record Operation(long begin, long end, Deed deed) {
  /** The end of what was never answered. */
  public static final long UNKNOWN = Long.MAX_VALUE;

  /** What was done, and with which result. */
  public sealed interface Deed {}

  /** Sets the value. */
  public record Write(int value) implements Deed {}

  /** Finds the value. */
  public record Read(int value) implements Deed {}

  /** Sets {@code to} where the value is {@code from}. */
  public record Swapped(int from, int to) implements Deed {}

  /** The same, but {@code found} was there. */
  public record NotSwapped(int from, int found) implements Deed {}

  boolean known() {
    return end != UNKNOWN;
  }

  /** The value after this, where {@code value} was before; -1 if that cannot be. */
  int after(int value) {
    return switch (deed) {
      case Write write -> write.value();
      case Read read -> read.value() == value ? value : -1;
      case Swapped swapped -> swapped.from() == value ? swapped.to() : -1;
      case NotSwapped not -> not.found() == value && not.from() != value ? value : -1;
    };
  }
}
