package dev.catwalk.felix.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsServerTest {
  private static final IpAddress HERE = IpAddress.parse("127.0.0.1");

  private final AtomicReference<Health> health =
      new AtomicReference<>(new Health(true, true, List.of()));
  private final Metrics metrics = new Metrics();
  private MetricsServer server;

  @BeforeEach
  void open() throws IOException {
    server = MetricsServer.open(HERE, 0, metrics, health::get);
  }

  @AfterEach
  void close() {
    server.close();
    metrics.close();
  }

  @Test
  void numbersAreServed() throws Exception {
    metrics.gauge("catwalk.pods", "pods here", () -> 7);
    metrics.cni("ADD", true, Duration.ofMillis(3));
    String text = get("/metrics").body();
    assertTrue(text.contains("catwalk_pods 7.0"), text);
    assertTrue(text.contains("catwalk_cni_seconds_count{command=\"ADD\",result=\"ok\"} 1"), text);
    assertTrue(text.contains("jvm_memory_used_bytes"), text);
  }

  /** What is dear to find out is found out once for all that show a part of it. */
  @Test
  void oneScrapeLooksOnce() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    Supplier<Integer> look = metrics.once(looks::incrementAndGet);
    for (int i = 0; i < 6; i++) {
      metrics.gauge("catwalk.part." + i, "a part", look::get);
    }
    for (int scrape = 1; scrape <= 2; scrape++) {
      String text = get("/metrics").body();
      assertEquals(6, text.split("catwalk_part_[0-9] " + scrape + "\\.0\n", -1).length - 1, text);
      assertEquals(scrape, looks.get());
    }
  }

  @Test
  void healthIsTheStatus() throws Exception {
    assertEquals(200, get("/healthz").statusCode());
    assertEquals(200, get("/readyz").statusCode());
    health.set(new Health(true, false, List.of("no block", "no quorum")));
    assertEquals(200, get("/healthz").statusCode());
    assertEquals(503, get("/readyz").statusCode());
    assertEquals("no block\nno quorum\n", get("/readyz").body());
    health.set(new Health(false, false, List.of("stuck")));
    assertEquals(503, get("/healthz").statusCode());
  }

  @Test
  void nothingElseIsThere() throws Exception {
    assertEquals(404, get("/metrics/x").statusCode());
    assertEquals(404, get("/").statusCode());
  }

  @Test
  void aTakenPortIsNamed() {
    IOException e = assertThrows(
        IOException.class, () -> MetricsServer.open(HERE, server.port(), metrics, health::get));
    assertTrue(e.getMessage().contains("127.0.0.1:" + server.port()), e.getMessage());
    assertTrue(e.getMessage().contains("metrics.listen"), e.getMessage());
  }

  private HttpResponse<String> get(String path) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
