package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.catwalk.net.addr.Prefix;
import java.util.Arrays;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ForwardedTest {
  private static final String A = "10.1.0.0/24";
  private static final String B = "10.2.0.0/24";

  private final Forwarded forwarded = new Forwarded();

  private static SortedSet<Prefix> set(String... prefixes) {
    return new TreeSet<>(Arrays.stream(prefixes).map(Prefix::parse).toList());
  }

  private void news(long applied, SortedSet<Prefix> refused, String expected) {
    assertEquals(
        expected,
        forwarded.look(applied, refused).map(n -> n.more() + " " + n.fewer()).orElse(""));
  }

  @Test
  void whatTheKernelHasIsTold() {
    forwarded.plan(1, set());
    forwarded.plan(2, set(A));
    forwarded.plan(3, set(A, B));
    news(1, set(), "");
    news(2, set(), "[" + A + "] []");
    news(2, set(), "");
    news(4, set(B), "");
    news(4, set(), "[" + B + "] []");
    news(4, set(A), "[] [" + A + "]");
    forwarded.plan(4, set(B)); // the kernel's content is the same, but what peers told is not
    news(4, set(), "");
    forwarded.plan(5, set());
    forwarded.plan(6, set(B));
    news(4, set(), "");
    news(6, set(), "");
    forwarded.plan(7, set());
    news(7, set(), "[] [" + B + "]");
  }
}
