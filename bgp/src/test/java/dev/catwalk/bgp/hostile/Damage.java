package dev.catwalk.bgp.hostile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.List;

/** Seeded damage to what a decoder reads: what must not come of it. */
public final class Damage {
  static final int COUNT = Integer.getInteger("catwalk.bgp.mutants", 40_000);
  private static final long SEED = Long.getLong("catwalk.bgp.mutantSeed", 1);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** One decoder; throws what it declares, or anything, which is then wrong. */
  @FunctionalInterface
  public interface Decoder {
    void decode(byte[] input) throws Exception;
  }

  /**
   * @param declared what it may throw
   * @param fixed octets that it may allocate for the smallest input
   * @param factor and for each octet of it
   */
  public static void damage(
      List<byte[]> seeds,
      Decoder decoder,
      Class<? extends Exception> declared,
      long fixed,
      long factor) {
    damage(COUNT, seeds, decoder, List.of(declared), fixed, factor);
  }

  /** What reading that input, which has just been done, may have allocated at most. */
  @FunctionalInterface
  interface Bound {
    long of(byte[] input);
  }

  /**
   * As above, with another number of inputs.
   *
   * @param declared what it may throw
   */
  static void damage(
      int count,
      List<byte[]> seeds,
      Decoder decoder,
      List<Class<? extends Exception>> declared,
      long fixed,
      long factor) {
    damage(count, seeds, decoder, declared, input -> fixed + factor * input.length);
  }

  /**
   * As above, with a bound of the caller's.
   *
   * @param declared what it may throw
   */
  static void damage(
      int count,
      List<byte[]> seeds,
      Decoder decoder,
      List<Class<? extends Exception>> declared,
      Bound bound) {
    Mutator mutator = new Mutator(SEED);
    int good = 0;
    for (int i = 0; i < count + seeds.size(); i++) {
      byte[] input = i < seeds.size() ? seeds.get(i) : mutator.next(seeds);
      long used = 0;
      for (int turn = 0; turn < 2; turn++) { // the first may load classes and fill caches
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
          decoder.decode(input);
          good += turn == 0 ? 1 : 0;
        } catch (Throwable e) {
          if (declared.stream().noneMatch(d -> d.isInstance(e))) {
            throw new AssertionError(show(input) + " gives " + e, e);
          }
          assertTrue(e.getMessage() != null && !e.getMessage().isEmpty(), () -> show(input));
        }
        used = THREADS.getCurrentThreadAllocatedBytes() - before;
        if (used <= bound.of(input)) {
          break;
        }
      }
      long bytes = used;
      assertTrue(
          bytes <= bound.of(input),
          () -> bytes + " octets allocated for " + input.length + ", not " + bound.of(input) + ": "
              + show(input));
    }
    int understood = good;
    assertTrue(understood > count / 50, () -> "too few are read at all: " + understood);
  }

  private static String show(byte[] input) {
    return HexFormat.of().formatHex(input);
  }
}
