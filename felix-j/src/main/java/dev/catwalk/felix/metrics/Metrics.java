package dev.catwalk.felix.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The numbers. Any thread may count and read. */
public final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ConcurrentHashMap<String, Timer> cni = new ConcurrentHashMap<>();
  private final JvmGcMetrics garbage = new JvmGcMetrics();
  private final List<Look<?>> looks = new CopyOnWriteArrayList<>();
  private final AtomicBoolean asked = new AtomicBoolean();

  /** A number that is asked for when somebody looks; {@code value} must be quick. */
  public void gauge(String name, String help, Supplier<Number> value) {
    Gauge.builder(name, value).description(help).strongReference(true).register(registry);
  }

  /**
   * Looks once for several gauges: what is seen then is what all of them show.
   *
   * @param look is asked at each scrape, before any gauge; must be quick
   */
  public <T> Supplier<T> once(Supplier<T> look) {
    Look<T> shared = new Look<>(look);
    looks.add(shared);
    return shared::seen;
  }

  private static final class Look<T> {
    private final Supplier<T> look;
    private volatile @Nullable T seen;

    Look(Supplier<T> look) {
      this.look = look;
    }

    void renew() {
      seen = look.get();
    }

    T seen() {
      T last = seen;
      return last == null ? look.get() : last; // asked without a scrape
    }
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
  synchronized String scrape() {
    if (!asked.getAndSet(true)) {
      new JvmMemoryMetrics().bindTo(registry);
      garbage.bindTo(registry);
    }
    looks.forEach(Look::renew);
    return registry.scrape();
  }

  @Override
  public void close() {
    garbage.close();
    registry.close();
  }
}
