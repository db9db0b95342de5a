package dev.catwalk.raftstore.atomix;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.raftstore.atomix.Standing.Phase;
import dev.catwalk.raftstore.store.StoreConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a member says of itself while it finds its way in. */
class AdmissionTest {
  @TempDir
  Path directory;

  /**
   * One that begins while it is asked is fresh or a member, never a member that knows nobody: for
   * that one the asking founder would be a disk that was lost, to be taken in anew.
   */
  @Test
  void whatItSaysIsOfOneMoment() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    List<Admission> asked = new ArrayList<>();
    try (ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
        Transport transport = new Transport(config(), null, Format.NEWEST)) {
      Admission admission = new Admission(
          "n1",
          List.of(),
          transport,
          directory.resolve("standing"),
          Standing.fresh(7),
          () -> {
            asked.getFirst().start(executor);
            assertTrue(await(begun), "it has begun meanwhile");
            return new TreeMap<>();
          },
          standing -> begun.countDown(),
          error -> {
            throw new AssertionError(error);
          });
      asked.add(admission);
      Standing said = Standing.parse(new String(admission.presence(), UTF_8));
      assertEquals(Phase.FRESH, said.phase());
      assertEquals(Phase.MEMBER, admission.standing().phase());
    }
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private StoreConfig config() {
    InetSocketAddress nowhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    return new StoreConfig(
        "n1", nowhere, new TreeMap<>(Map.of("n1", "127.0.0.1:1")), directory, "test", true, null);
  }
}
