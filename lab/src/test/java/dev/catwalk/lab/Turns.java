package dev.catwalk.lab;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The module's tests are run by two processes side by side. A class that is {@link Alone} waits
 * until the other process is between two classes, and that one then waits for its end.
 */
public final class Turns implements BeforeAllCallback, AfterAllCallback {
  private static final Path FILE = Path.of("target/turns.lock");

  private @Nullable FileLock turn;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    if (turn != null || context.getRequiredTestClass().getEnclosingClass() != null) {
      return;
    }
    Files.createDirectories(FILE.toAbsolutePath().getParent());
    FileChannel channel = FileChannel.open(
        FILE, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean shared = !context.getRequiredTestClass().isAnnotationPresent(Alone.class);
    turn = channel.lock(0, Long.MAX_VALUE, shared);
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    FileLock held = turn;
    if (held != null && context.getRequiredTestClass().getEnclosingClass() == null) {
      turn = null;
      held.acquiredBy().close();
    }
  }
}
