package dev.catwalk.felix.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a configuration file: whoever reads it hears of every change within about a second. What is
 * in it at first is told too, since it may have changed after it was read. A file that is missing for
 * a while is waited for.
 */
public final class ConfigWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConfigWatch.class);
  private static final long INTERVAL_MS = 1_000;
  private static final Object MISSING = "missing";

  private final Path file;
  private final Consumer<String> changed;
  private final Thread thread;
  private Object seen = MISSING;

  private ConfigWatch(Path file, Consumer<String> changed) {
    this.file = file;
    this.changed = changed;
    this.thread = Thread.ofPlatform().name("cw-config").daemon().unstarted(this::run);
  }

  /**
   * Begins.
   *
   * @param changed gets the whole text, on a thread of the watch's own
   */
  public static ConfigWatch start(Path file, Consumer<String> changed) {
    ConfigWatch watch = new ConfigWatch(file, changed);
    watch.thread.start();
    return watch;
  }

  private void run() {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(INTERVAL_MS);
        look();
      }
    } catch (InterruptedException e) {
      log.debug("the configuration is no longer followed file={}", file);
    }
  }

  private void look() {
    Object now = stamp(file);
    if (now.equals(seen) || now.equals(MISSING)) {
      return;
    }
    try {
      String text = Files.readString(file);
      seen = now;
      changed.accept(text);
    } catch (IOException e) {
      seen = now;
      log.error("the changed configuration cannot be read file={} why={}", file, e.toString());
    }
  }

  private static Object stamp(Path file) {
    try {
      BasicFileAttributes at = Files.readAttributes(file, BasicFileAttributes.class);
      return List.of(at.lastModifiedTime(), at.size(), String.valueOf(at.fileKey()));
    } catch (IOException e) {
      return MISSING;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
