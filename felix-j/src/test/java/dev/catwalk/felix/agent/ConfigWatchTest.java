package dev.catwalk.felix.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigWatchTest {
  @Test
  void everyChangeIsHeardOfHoweverItIsMade(@TempDir Path dir) throws Exception {
    Path file = Files.writeString(dir.resolve("c"), "one");
    LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    ConfigWatch watch = ConfigWatch.start(file, heard::add);
    try {
      assertEquals("one", heard.poll(20, TimeUnit.SECONDS));
      Files.writeString(file, "other");
      assertEquals("other", heard.poll(20, TimeUnit.SECONDS));
      Path fresh = Files.writeString(dir.resolve("c.new"), "third");
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
      assertEquals("third", heard.poll(20, TimeUnit.SECONDS));
      Files.delete(file);
      Files.writeString(file, "back again");
      assertEquals("back again", heard.poll(20, TimeUnit.SECONDS));
    } finally {
      watch.close();
    }
  }
}
