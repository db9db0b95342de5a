package dev.catwalk.lab.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs commands and waits for them. */
public final class Exec {
  private static final int LIMIT_SECONDS = 30;
  private static final int ASK_AGAIN_MS = 50;

  /** What a command did. */
  public record Result(int status, String out, String err) {}

  private Exec() {}

  /**
   * Runs a command whatever its status.
   *
   * @param environment added to our own
   * @throws LabException if it cannot be started or does not end in 30 s
   */
  public static Result run(Map<String, String> environment, String stdin, List<String> command)
      throws LabException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    try {
      Process process = builder.start();
      CompletableFuture<String> out = drain(process.getInputStream());
      CompletableFuture<String> err = drain(process.getErrorStream());
      try (OutputStream in = process.getOutputStream()) {
        in.write(stdin.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // It ended without reading: its status and stderr say why.
      }
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new LabException(
            "'" + String.join(" ", command) + "' did not end in " + LIMIT_SECONDS + " s");
      }
      return new Result(process.exitValue(), out.join(), err.join());
    } catch (IOException e) {
      throw new LabException(
          "cannot run '" + String.join(" ", command) + "': " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static CompletableFuture<String> drain(InputStream stream) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> {
      try {
        text.complete(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
      } catch (IOException e) {
        text.completeExceptionally(new UncheckedIOException(e));
      }
    });
    return text;
  }

  /** As {@link #run}; any status but 0 is an error that shows the command and its stderr. */
  public static String must(List<String> command) throws LabException {
    return must("", command);
  }

  public static String must(String stdin, List<String> command) throws LabException {
    Result result = run(Map.of(), stdin, command);
    if (result.status() != 0) {
      throw failed(command, result);
    }
    return result.out();
  }

  static LabException failed(List<String> command, Result result) {
    String said = (result.err().isBlank() ? result.out() : result.err()).strip();
    return new LabException("'" + String.join(" ", command) + "' ended with status "
        + result.status() + (said.isEmpty() ? "" : ":\n" + said.indent(2).stripTrailing()));
  }

  /** Does all at once; the first failure is thrown after all have ended. */
  public static <T> List<T> all(List<Callable<T>> tasks) throws LabException {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<T> results = new ArrayList<>();
      for (Future<T> future : executor.invokeAll(tasks)) {
        results.add(future.get());
      }
      return results;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LabException known) {
        throw known;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** A condition that is asked again and again. */
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws LabException;
  }

  /** Asks until it holds or the time is over; says which. */
  public static boolean await(int limitMs, Condition condition) throws LabException {
    return await(limitMs, ASK_AGAIN_MS, condition);
  }

  /** As {@link #await(int, Condition)}, asking at this interval. */
  public static boolean await(int limitMs, int everyMs, Condition condition) throws LabException {
    long end = System.nanoTime() + limitMs * 1_000_000L;
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        return false;
      }
      pause(everyMs);
    }
    return true;
  }

  /** Lets time go by. */
  public static void pause(long ms) throws LabException {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static LabException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new LabException("interrupted", e);
  }
}
