package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FollowerCopiesTest {
  private final List<String> counted = new ArrayList<>();

  private FollowerCopies among(int voters) {
    return new FollowerCopies(others -> 2 * others.size() > voters);
  }

  private void has(FollowerCopies copies, long term, String member, long to) {
    CompletableFuture<String> future = new CompletableFuture<>();
    var unused = future.thenAccept(counted::add);
    copies.has(term, member, to, member + " " + to, future);
  }

  @Test
  void whatTwoOfThreeHaveNeedsNoLeader() {
    FollowerCopies copies = among(3);
    has(copies, 1, "n2", 10);
    assertEquals(List.of(), counted);
    has(copies, 1, "n3", 8);
    assertEquals(List.of("n3 8"), counted, "the leader alone may have 9 and 10 of n2's");
    has(copies, 1, "n3", 12);
    assertEquals(List.of("n3 8", "n2 10"), counted);
    has(copies, 1, "n2", 12);
    assertEquals(List.of("n3 8", "n2 10", "n3 12", "n2 12"), counted);
  }

  @Test
  void twoOfFiveAreTooFew() {
    FollowerCopies copies = among(5);
    has(copies, 1, "n2", 10);
    has(copies, 1, "n3", 10);
    assertEquals(List.of(), counted);
    has(copies, 1, "n4", 9);
    assertEquals(List.of("n4 9"), counted);
  }

  @Test
  void twoMembersNeedBoth() {
    FollowerCopies copies = among(2);
    has(copies, 1, "n2", 10);
    has(copies, 1, "n2", 11);
    assertEquals(List.of(), counted);
  }

  /** Logs may have been cut since. */
  @Test
  void whatWasSaidInAnotherTermIsNothing() {
    FollowerCopies copies = among(3);
    has(copies, 1, "n2", 10);
    has(copies, 2, "n3", 10);
    assertEquals(List.of(), counted);
    has(copies, 1, "n2", 10);
    assertEquals(List.of(), counted, "late news of the term before");
    has(copies, 2, "n2", 10);
    assertEquals(List.of("n3 10", "n2 10"), counted);
  }

  @Test
  void whoSaysNoHasNothing() {
    FollowerCopies copies = among(3);
    has(copies, 1, "n2", 10);
    copies.forget("n2");
    has(copies, 1, "n3", 10);
    assertEquals(List.of(), counted);
  }
}
