package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BesideTest {
  private final AtomicInteger closed = new AtomicInteger();

  @Test
  void whatNobodyTakesIsClosedWhenItIsThere() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    Beside<AutoCloseable> beside = Beside.open("test-beside", () -> {
      try {
        go.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return closed::incrementAndGet;
    });
    go.countDown();
    beside.close();
    assertEquals(1, closed.get());
  }

  @Test
  void whatIsTakenIsTheTakers() throws Exception {
    AutoCloseable part = closed::incrementAndGet;
    Beside<AutoCloseable> beside = Beside.open("test-beside", () -> part);
    assertSame(part, beside.take());
    beside.close();
    assertEquals(0, closed.get());
  }

  @Test
  void aRefusalIsThatOfTheOpening() throws Exception {
    StartException refusal = new StartException(StartException.Kind.TAKEN, "taken");
    Beside<AutoCloseable> beside = Beside.open("test-beside", () -> {
      throw refusal;
    });
    assertSame(refusal, assertThrows(StartException.class, beside::take));
    beside.close();
  }
}
