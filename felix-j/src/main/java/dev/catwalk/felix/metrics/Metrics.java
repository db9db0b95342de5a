package dev.catwalk.felix.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** The numbers. Any thread may count and read. */
public final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ConcurrentHashMap<String, Timer> cni = new ConcurrentHashMap<>();
  private final JvmGcMetrics garbage = new JvmGcMetrics();

  private final AtomicBoolean asked = new AtomicBoolean();

  /** A number that is asked for when somebody looks; {@code value} must be quick. */
  public void gauge(String name, String help, Supplier<Number> value) {
    Gauge.builder(name, value).description(help).strongReference(true).register(registry);
  }

  /** A number that only grows. */
  public Counter counter(String name, String help) {
    return Counter.builder(name).description(help).register(registry);
  }

  /**
   * Notes one CNI request.
   *
   * @param command one of the specification's commands, or {@code other}
   */
  public void cni(String command, boolean succeeded, Duration took) {
    String result = succeeded ? "ok" : "error";
    cni.computeIfAbsent(
            command + result,
            key -> Timer.builder("catwalk.cni")
                .description("CNI requests, from the question's arrival to its answer")
                .tag("command", command)
                .tag("result", result)
                .register(registry))
        .record(took);
  }

  /**
   * All of them in Prometheus' text format. The JVM's own are there from the first time on: what it
   * takes to reach them, half the management of a JVM, no start waits for.
   */
  String scrape() {
    if (!asked.getAndSet(true)) {
      new JvmMemoryMetrics().bindTo(registry);
      garbage.bindTo(registry);
    }
    return registry.scrape();
  }

  @Override
  public void close() {
    garbage.close();
    registry.close();
  }
}
