package dev.catwalk.lab.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Listens to the routes of one namespace: each that is made, changed or removed. */
public final class RouteMonitor implements AutoCloseable {
  /** In every route that an agent has made. */
  public static final String OURS = " proto 67 ";

  private final Process process;
  private final CompletableFuture<List<String>> changes;

  private RouteMonitor(String space, String containing, Process process) {
    this.process = process;
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    this.changes = CompletableFuture.supplyAsync(
        () -> {
          try (out) {
            return out.lines()
                .filter(l -> l.contains(containing))
                .map(l -> space + ": " + l.strip())
                .toList();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  /**
   * Begins.
   *
   * @param containing takes note only of changes with this in their line
   */
  public static RouteMonitor on(Site site, String space, String containing) throws LabException {
    List<String> command = List.of("ip", "-o", "-ts", "-n", site.netns(space), "monitor", "route");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(site.environment());
    try {
      return new RouteMonitor(space, containing, builder.start());
    } catch (IOException e) {
      throw new LabException(
          "cannot run '" + String.join(" ", command) + "': " + e.getMessage(), e);
    }
  }

  /** Ends it; a line each. */
  public List<String> end() {
    process.toHandle().destroy(); // leaves what it has written to be read
    return changes.join();
  }

  @Override
  public void close() {
    process.destroy();
  }
}
