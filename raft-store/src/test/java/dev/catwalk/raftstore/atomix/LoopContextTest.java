package dev.catwalk.raftstore.atomix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopContextTest {
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final LoopContext context = new LoopContext(loops.next());

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @Test
  void aTaskOfTheLoopsOwnRunsAfterTheOneThatGaveIt() throws Exception {
    List<String> order = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Boolean> over = new CompletableFuture<>();
    context.execute(() -> {
      context.execute(() -> {
        order.add("inner");
        over.complete(context.isCurrentContext());
      });
      order.add("outer");
      throw new IllegalStateException("a task that fails, and the next one runs");
    });
    assertTrue(over.get(10, TimeUnit.SECONDS));
    assertEquals(List.of("outer", "inner"), order);
    assertFalse(context.isCurrentContext());
    assertThrows(IllegalStateException.class, context::checkThread);
  }

  @Test
  void aTimerRunsOnTheLoopUnlessItIsCancelled() throws Exception {
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    CompletableFuture<Boolean> ran = new CompletableFuture<>();
    CompletableFuture<Boolean> again = new CompletableFuture<>();
    context.execute(() -> {
      context.schedule(Duration.ofMillis(5), () -> cancelled.complete(true)).cancel();
      context.schedule(Duration.ofMillis(10), () -> ran.complete(context.isCurrentContext()));
    });
    int[] times = new int[1];
    var repeated = context.schedule(Duration.ZERO, Duration.ofMillis(1), () -> {
      if (++times[0] == 3) {
        again.complete(true);
      }
    });
    assertTrue(ran.get(10, TimeUnit.SECONDS));
    assertTrue(again.get(10, TimeUnit.SECONDS));
    repeated.cancel();
    assertFalse(cancelled.isDone());
  }

  @Test
  void aClosedLoopTakesTasksAndTimersAndRunsThemNever() {
    stop();
    List<String> ran = new ArrayList<>();
    context.execute(() -> ran.add("task"));
    context.schedule(Duration.ZERO, () -> ran.add("timer")).cancel();
    context
        .schedule(Duration.ZERO, Duration.ofSeconds(1), () -> ran.add("timers"))
        .cancel();
    assertEquals(List.of(), ran);
  }

  @Test
  void whatIsOpenFailsAtOnceWhenNobodyWillCompleteIt() throws Exception {
    CompletableFuture<String> open = new CompletableFuture<>();
    context.execute(() -> {
      Overdue overdue = new Overdue(context, 3_600_000);
      overdue.add(open);
      overdue.fail("the leader has changed");
    });
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> open.get(10, TimeUnit.SECONDS));
    assertEquals("the leader has changed", failure.getCause().getMessage());
  }

  @Test
  void whatIsNotCompletedInTimeFailsAndNothingElseDoes() throws Exception {
    CompletableFuture<String> late = new CompletableFuture<>();
    CompletableFuture<String> inTime = CompletableFuture.completedFuture("done");
    context.execute(() -> {
      Overdue overdue = new Overdue(context, 40);
      overdue.add(inTime);
      overdue.add(late);
    });
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> late.get(10, TimeUnit.SECONDS));
    assertInstanceOf(TimeoutException.class, failure.getCause());
    assertEquals("done", inTime.get());
  }
}
