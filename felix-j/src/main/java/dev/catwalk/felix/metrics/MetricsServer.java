package dev.catwalk.felix.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.catwalk.net.addr.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Serves {@code /metrics}, {@code /healthz} and {@code /readyz} on a thread of its own. */
public final class MetricsServer implements AutoCloseable {
  /** Requests that wait for the one thread, beyond those the kernel holds. */
  private static final int MAX_WAITING = 16;

  private final HttpServer server;
  private final ExecutorService thread;

  private MetricsServer(HttpServer server, ExecutorService thread) {
    this.server = server;
    this.thread = thread;
  }

  /**
   * Begins to serve.
   *
   * @throws IOException if the port is taken; its message is fit for a user
   */
  public static MetricsServer open(
      IpAddress address, int port, Metrics metrics, Supplier<Health> health) throws IOException {
    // The JDK's server reads these once: who connects and says nothing is cut off.
    System.setProperty("sun.net.httpserver.maxReqTime", "10");
    System.setProperty("jdk.httpserver.maxConnections", "64");
    HttpServer server;
    try {
      server = HttpServer.create(
          new InetSocketAddress(InetAddress.getByAddress(address.toBytes()), port), MAX_WAITING);
    } catch (IOException e) {
      throw new IOException(
          "metrics cannot be served at " + address + ":" + port + " (" + e.getMessage()
              + "): free the port, or set metrics.listen to another, or to off",
          e);
    }
    ExecutorService thread = Executors.newSingleThreadExecutor(
        Thread.ofPlatform().daemon().name("cw-metrics").factory());
    server.setExecutor(thread);
    server.createContext("/metrics", x -> answer(x, "/metrics", 200, metrics.scrape()));
    server.createContext("/healthz", x -> {
      Health now = health.get();
      answer(x, "/healthz", now.alive() ? 200 : 503, now.alive() ? "ok\n" : "stuck\n");
    });
    server.createContext("/readyz", x -> {
      Health now = health.get();
      String why = now.ready() ? "ok\n" : String.join("\n", now.reasons()) + "\n";
      answer(x, "/readyz", now.ready() ? 200 : 503, why);
    });
    server.start();
    return new MetricsServer(server, thread);
  }

  /** The port that it listens at: the one asked for, or the one found for 0. */
  int port() {
    return server.getAddress().getPort();
  }

  private static void answer(HttpExchange exchange, String path, int status, String text)
      throws IOException {
    try (exchange) {
      boolean asked = exchange.getRequestMethod().equals("GET")
          && exchange.getRequestURI().getPath().equals(path);
      byte[] body = (asked ? text : "not here\n").getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
      exchange.sendResponseHeaders(asked ? status : 404, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    thread.shutdownNow();
  }
}
