package dev.catwalk.bgp.children;

import dev.catwalk.bgp.exabgp.ProcessConfig;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running program. A thread reads its lines, another writes to it; both end with it. It inherits
 * standard error.
 */
final class Child {
  /** So many lines wait for a program that does not read; what comes then is lost to it. */
  static final int WAITING_LINES = 16_384;

  /** So many of its commands wait for the speaker; then its output is not read further. */
  static final int WAITING_COMMANDS = 256;

  /** A longer line is no command: the program is ended. */
  static final int LONGEST_LINE = 1 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Child.class);
  private static final long FAREWELL_MS = 1_000;
  private static final long TAKE_MS = 200;

  /** Who is told, on this child's threads. */
  interface Listener {
    /** @param worked to be run when the speaker is done with it */
    void said(String line, Runnable worked);

    void ended(String why);
  }

  private final String name;
  private final Process process;
  private final Listener listener;
  private final LinkedBlockingQueue<List<String>> waiting = new LinkedBlockingQueue<>();
  private final Semaphore lines = new Semaphore(WAITING_LINES);
  private final Semaphore commands = new Semaphore(WAITING_COMMANDS);
  private final AtomicLong lost = new AtomicLong();
  private final AtomicReference<@Nullable Thread> ending = new AtomicReference<>();
  private volatile boolean closing;

  private Child(String name, Process process, Listener listener) {
    this.name = name;
    this.process = process;
    this.listener = listener;
  }

  /**
   * Starts the program.
   *
   * @param folder where relative names of programs are looked for first: that of the configuration
   * @throws IOException if it cannot be started
   */
  static Child start(ProcessConfig config, File folder, Listener listener) throws IOException {
    List<String> command = new ArrayList<>(config.run());
    File beside = new File(folder, command.getFirst());
    if (!new File(command.getFirst()).isAbsolute() && beside.canExecute() && beside.isFile()) {
      command.set(0, beside.getAbsolutePath());
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("TERM", "dumb");
    Child child = new Child(config.name(), builder.start(), listener);
    Thread.ofVirtual().name("child-in-" + config.name()).start(child::write);
    Thread.ofVirtual().name("child-out-" + config.name()).start(child::read);
    return child;
  }

  /** Lines for its standard input, in order; never waits. */
  void tell(List<String> told) {
    if (lines.tryAcquire(told.size())) {
      waiting.add(told);
    } else if (lost.getAndAdd(told.size()) == 0) {
      LOG.warn(
          "process {} does not read: {} lines wait for it, it loses what comes now",
          name,
          WAITING_LINES);
    }
  }

  private void write() {
    try (OutputStream out = process.getOutputStream()) {
      while (true) {
        List<String> next = waiting.poll(1, TimeUnit.SECONDS);
        if (next != null && next.isEmpty()) {
          return; // all that it is told
        } else if (next != null) {
          out.write((String.join("\n", next) + "\n").getBytes(StandardCharsets.UTF_8));
          if (waiting.isEmpty()) {
            out.flush();
          }
          lines.release(next.size());
          if (lost.get() > 0 && waiting.isEmpty()) {
            LOG.warn("process {} reads again, it has lost {} lines", name, lost.getAndSet(0));
          }
        } else if (!process.isAlive()) {
          return;
        }
      }
    } catch (IOException e) {
      LOG.debug("process {} takes nothing more: {}", name, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    String why = null;
    try (InputStream in = process.getInputStream()) {
      StringBuilder line = new StringBuilder();
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0 && why == null; n = in.read(buffer)) {
        why = lines(new String(buffer, 0, n, StandardCharsets.ISO_8859_1), line);
      }
    } catch (IOException e) {
      why = e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    end(why);
  }

  /** Hands on what is whole of the line so far; returns why the program must end, if so. */
  private @Nullable String lines(String text, StringBuilder line) throws InterruptedException {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\n') {
        line.append(c);
      } else {
        commands.acquire();
        listener.said(line.toString(), commands::release);
        line.setLength(0);
      }
    }
    return line.length() > LONGEST_LINE
        ? "a line of more than " + LONGEST_LINE + " characters"
        : null;
  }

  private void end(@Nullable String why) {
    int status = -1;
    try {
      terminate(0);
      status = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!closing) {
      listener.ended(why == null ? "status " + status : why);
    }
  }

  /** SIGTERM if it has not ended by itself then, SIGKILL where that is not enough. */
  private void terminate(long patienceMs) throws InterruptedException {
    if (!process.waitFor(patienceMs, TimeUnit.MILLISECONDS)) {
      process.toHandle().destroy(); // its output stays open, for what it says at its end
      if (!process.waitFor(FAREWELL_MS, TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
      }
    }
  }

  /**
   * Ends it: its input ends as soon as it has taken what it was told, or does not for a moment; then
   * it gets another moment to end by itself. Nothing is told of it any more.
   */
  void close() {
    closing = true;
    waiting.add(List.of());
    ending.set(Thread.ofVirtual().start(() -> {
      try {
        boolean taken = lines.tryAcquire(WAITING_LINES, TAKE_MS, TimeUnit.MILLISECONDS);
        terminate(taken ? TAKE_MS : 0);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }));
  }

  /** Waits for the end that {@link #close} makes. */
  void awaitEnd() {
    Thread thread = ending.get();
    try {
      if (thread != null) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
