package dev.catwalk.bgp.hostile;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages inputs by chance: the same seed, the same damage. */
final class Mutator {
  private static final int[] EDGES = {0, 1, 2, 0x7f, 0x80, 0xfe, 0xff};
  private static final int LONGEST = 5_000;

  private final SplittableRandom random;

  Mutator(long seed) {
    random = new SplittableRandom(seed);
  }

  /** One of {@code seeds} with one to three damages. */
  byte[] next(List<byte[]> seeds) {
    byte[] input = seeds.get(random.nextInt(seeds.size())).clone();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      input = damaged(input, seeds);
    }
    return input.length > LONGEST ? Arrays.copyOf(input, LONGEST) : input;
  }

  private byte[] damaged(byte[] input, List<byte[]> seeds) {
    if (input.length == 0) {
      return new byte[] {(byte) random.nextInt(256)};
    }
    int at = random.nextInt(input.length);
    int count = Math.min(random.nextInt(1, 17), input.length - at);
    switch (random.nextInt(10)) {
      case 0 -> input[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> input[at] = (byte) random.nextInt(256);
      case 2 -> input[at] += (byte) (random.nextBoolean() ? 1 : -1);
      case 3 -> input[at] = (byte) EDGES[random.nextInt(EDGES.length)];
      case 4 -> Arrays.fill(input, at, at + count, (byte) EDGES[random.nextInt(EDGES.length)]);
      case 5 -> {
        return joined(input, 0, at, input, at + count, input.length);
      }
      case 6 -> {
        return joined(input, 0, at + count, input, at, input.length);
      }
      case 7 -> {
        return Arrays.copyOf(input, at);
      }
      case 8 -> {
        byte[] other = seeds.get(random.nextInt(seeds.size()));
        int from = other.length == 0 ? 0 : random.nextInt(other.length);
        return joined(input, 0, at, other, from, other.length);
      }
      default -> { // many times the same: what counts octets twice grows by it
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(input, 0, at);
        for (int i = random.nextInt(2, 200); i > 0; i--) {
          many.write(input, at, count);
        }
        many.write(input, at, input.length - at);
        return many.toByteArray();
      }
    }
    return input;
  }

  private static byte[] joined(byte[] a, int fromA, int toA, byte[] b, int fromB, int toB) {
    byte[] all = Arrays.copyOf(Arrays.copyOfRange(a, fromA, toA), toA - fromA + toB - fromB);
    System.arraycopy(b, fromB, all, toA - fromA, toB - fromB);
    return all;
  }
}
