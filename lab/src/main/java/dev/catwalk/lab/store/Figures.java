package dev.catwalk.lab.store;

import dev.catwalk.lab.shell.Exec;
import dev.catwalk.lab.shell.LabException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * What is measured of the contenders, by turns, so that whatever else the machine does meets all of
 * them; of each figure's turns the middle one counts.
 */
public final class Figures {
  public static final List<Integer> CLIENTS = List.of(1, 16, 64, 256);

  private static final int TURNS = 3;
  private static final int LEAD_MS = 300;
  private static final int KEYS = 10_000;
  private static final int WATCHERS = 256;

  /** Of a turn: with fewer the slowest two or three of all puts would be the p99. */
  private static final int EVENTS = 200;

  private static final int STALL_LIMIT_S = 20;

  /** What can be measured alone; in the order of the run. */
  public enum Row {
    PUTS("puts"),
    READS("reads"),
    LOCAL("local"),
    FAN_OUT("fan-out"),
    LEADER("leader");

    private final String text;

    Row(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private final List<? extends Contender> contenders;
  private final Consumer<String> progress;
  private final int ms;
  private final byte[] value = "x".repeat(100).getBytes(StandardCharsets.UTF_8);
  private final SplittableRandom random = new SplittableRandom(1);
  private final Map<String, Map<String, Double>> found = new TreeMap<>();
  private final Map<String, ConcurrentLinkedQueue<Long>> heard = new TreeMap<>();

  private Figures(List<? extends Contender> contenders, int ms, Consumer<String> progress) {
    this.contenders = contenders;
    this.ms = ms;
    this.progress = progress;
    contenders.forEach(contender -> found.put(contender.name(), new TreeMap<>()));
  }

  /**
   * Measures these rows.
   *
   * @param warmSeconds of load on each contender before
   * @param ms of each turn of a rate
   * @return by contender and name: puts/N and reads a second, p99 of the fan-out in ms, stalls in s
   */
  public static Map<String, Map<String, Double>> of(
      List<? extends Contender> contenders,
      Set<Row> rows,
      int warmSeconds,
      int ms,
      Consumer<String> progress)
      throws IOException, LabException {
    Figures figures = new Figures(contenders, ms, progress);
    for (Contender contender : contenders) {
      figures.warm(contender, warmSeconds * 1000);
    }
    for (Row row : Row.values()) {
      if (rows.contains(row)) {
        figures.measure(row);
      }
    }
    return figures.found;
  }

  /** All that will be measured is compiled by then: many callers and one take different ways. */
  private void warm(Contender contender, int forMs) {
    for (int clients : List.of(64, 1, 256)) {
      rate(clients, 0, forMs / 3, client -> put(contender, client));
    }
    contender.put(0, "local", value).join();
  }

  private void measure(Row row) throws IOException, LabException {
    switch (row) {
      case PUTS -> {
        for (int clients : CLIENTS) {
          turns(
              "puts/" + clients,
              contender -> rate(clients, LEAD_MS, ms, client -> put(contender, client)));
        }
      }
      case READS ->
        turns(
            "reads/64",
            contender -> rate(64, LEAD_MS, ms, client -> contender.read(client % 3, "k" + key())));
      case LOCAL -> turns("local", contender -> contender.localReads("local"));
      case FAN_OUT -> {
        for (Contender contender : contenders) {
          watch(contender);
          fanOut(contender); // What tells and what hears is compiled by then, as of the other rows.
        }
        Map<String, List<Double>> middles = new TreeMap<>();
        turns("fan-out p99 ms", contender -> {
          List<Long> all = fanOut(contender);
          middles
              .computeIfAbsent(contender.name(), name -> new ArrayList<>())
              .add(all.get(all.size() / 2) / 1e6);
          return all.get(all.size() * 99 / 100 - 1) / 1e6;
        });
        for (Contender contender : contenders) {
          note(
              contender,
              "fan-out p50 ms",
              middle(Objects.requireNonNull(middles.get(contender.name()))));
        }
      }
      case LEADER -> {
        for (Contender contender : contenders) {
          note(contender, "dead leader s", stall(contender, false));
          note(contender, "hung leader s", stall(contender, true));
        }
      }
    }
  }

  /** One turn of one contender. */
  @FunctionalInterface
  private interface Turn {
    double measure(Contender contender) throws IOException, LabException;
  }

  private void turns(String what, Turn turn) throws IOException, LabException {
    Map<Contender, List<Double>> all = new LinkedHashMap<>();
    for (int i = 0; i < TURNS; i++) {
      for (Contender contender : contenders) {
        all.computeIfAbsent(contender, c -> new ArrayList<>()).add(turn.measure(contender));
      }
    }
    all.forEach((contender, values) -> note(contender, what, middle(values)));
  }

  private static double middle(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private void note(Contender contender, String what, double figure) {
    Objects.requireNonNull(found.get(contender.name())).put(what, figure);
    progress.accept(
        String.format(Locale.ROOT, "  %-8s %-18s %.1f", contender.name(), what, figure));
  }

  private double rate(int clients, int leadMs, int forMs, IntFunction<CompletableFuture<?>> call) {
    return Callers.rate(clients, leadMs, forMs, call, new LongAdder());
  }

  private CompletableFuture<?> put(Contender contender, int client) {
    return contender.put(client % 3, "k" + key(), value);
  }

  private int key() {
    synchronized (random) {
      return random.nextInt(KEYS);
    }
  }

  private void watch(Contender contender) throws IOException, LabException {
    ConcurrentLinkedQueue<Long> news = new ConcurrentLinkedQueue<>();
    heard.put(contender.name(), news);
    for (int i = 0; i < WATCHERS; i++) {
      contender.watch(i % 3, "watched", () -> news.add(System.nanoTime()));
    }
    Exec.pause(1000);
  }

  /** From the call of a put to the news at each of the watchers, in ns, the quickest first. */
  private List<Long> fanOut(Contender contender) throws LabException {
    ConcurrentLinkedQueue<Long> news = Objects.requireNonNull(heard.get(contender.name()));
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < EVENTS; i++) {
      news.clear();
      long begin = System.nanoTime();
      contender.put(0, "watched", value).join();
      if (!Exec.await(10_000, 1, () -> news.size() >= WATCHERS)) {
        throw new LabException(contender.name() + ": only " + news.size() + " of " + WATCHERS
            + " watchers heard of a change within 10 s");
      }
      news.forEach(at -> all.add(at - begin));
    }
    Collections.sort(all);
    return all;
  }

  /** The longest time without an answered put through a follower, when the leader goes. */
  private double stall(Contender contender, boolean hung) throws IOException, LabException {
    int leader = contender.leader();
    int follower = (leader + 1) % 3;
    CountDownLatch struck = new CountDownLatch(1);
    long[] longest = new long[1];
    Thread writer = Thread.ofPlatform().start(() -> {
      long last = System.nanoTime();
      long end = last + TimeUnit.SECONDS.toNanos(STALL_LIMIT_S);
      long over = Long.MAX_VALUE;
      while (System.nanoTime() < Math.min(end, over)) {
        try {
          contender.put(follower, "stall", value).get(STALL_LIMIT_S, TimeUnit.SECONDS);
          long now = System.nanoTime();
          longest[0] = Math.max(longest[0], now - last);
          last = now;
          if (struck.getCount() == 0 && over == Long.MAX_VALUE) {
            over = now + TimeUnit.SECONDS.toNanos(5);
          }
        } catch (Exception e) {
          Callers.pause(5);
        }
      }
      longest[0] = Math.max(longest[0], System.nanoTime() - last);
    });
    Exec.pause(1000);
    if (hung) {
      contender.hang(leader, true);
    } else {
      contender.kill(leader);
    }
    struck.countDown();
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (hung) {
      contender.hang(leader, false);
    } else {
      contender.start(leader);
    }
    Exec.pause(3000);
    return longest[0] / 1e9;
  }
}
