package dev.catwalk.lab.shell;

import dev.catwalk.lab.check.Flow;
import dev.catwalk.lab.check.Tally;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Packets under way between places of a lab, a {@code cwstream} in each. */
public final class Streams implements AutoCloseable {
  private static final int PORT = 9000;

  /** So long after the last packet was sent, whatever has not come is lost. */
  private static final int DRAIN_MS = 1_000;

  /** One of them, with its ends. */
  private record End(Process process, PrintWriter in, BufferedReader out) {}

  private final List<Flow> flows;
  private final double rate;
  private final Map<String, End> ends = new TreeMap<>();
  private long begun;

  private Streams(List<Flow> flows, double rate) {
    this.flows = List.copyOf(flows);
    this.rate = rate;
  }

  /** UDP port that every place receives on. */
  public static int port() {
    return PORT;
  }

  /**
   * Begins to send.
   *
   * @param netns of a place
   * @param perSecond packets of all flows together
   */
  public static Streams start(
      Site site, List<Flow> flows, double perSecond, UnaryOperator<String> netns)
      throws LabException {
    Streams streams = new Streams(flows, perSecond / flows.size());
    try {
      streams.open(site, netns);
      return streams;
    } catch (LabException e) {
      streams.close();
      throw e;
    }
  }

  private void open(Site site, UnaryOperator<String> netns) throws LabException {
    Path program = Tools.cwstream(site);
    for (Flow flow : flows) {
      for (String place : List.of(flow.from(), flow.to())) {
        if (!ends.containsKey(place)) {
          ends.put(
              place,
              end(site, site.in(netns.apply(place), program.toString(), Integer.toString(PORT))));
        }
      }
      end(flow.from()).in.println("flow " + flow.id() + " " + flow.address());
    }
    reports(); // all of them receive now
    begun = System.nanoTime();
    ends.values().forEach(e -> tell(e, "go " + rate));
  }

  private End end(String place) {
    return Objects.requireNonNull(ends.get(place), place);
  }

  private static End end(Site site, List<String> command) throws LabException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(site.environment());
    try {
      Process process = builder.start();
      return new End(
          process,
          new PrintWriter(process.getOutputStream(), false, StandardCharsets.UTF_8),
          process.inputReader(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new LabException(
          "cannot run '" + String.join(" ", command) + "': " + e.getMessage(), e);
    }
  }

  private static void tell(End end, String command) {
    end.in.println(command);
    end.in.flush();
  }

  private List<String> reports() throws LabException {
    return asked("report");
  }

  private List<String> asked(String what) throws LabException {
    ends.values().forEach(e -> tell(e, what));
    List<String> reports = new ArrayList<>();
    for (Map.Entry<String, End> end : ends.entrySet()) {
      StringBuilder report = new StringBuilder();
      try {
        String line = end.getValue().out.readLine();
        while (line != null && !line.equals("end")) {
          report.append(line).append('\n');
          line = end.getValue().out.readLine();
        }
        if (line == null) {
          throw new LabException("cwstream ended in " + end.getKey());
        }
      } catch (IOException e) {
        throw new LabException("cwstream does not answer in " + end.getKey(), e);
      }
      reports.add(report.toString());
    }
    return reports;
  }

  /** Sends no more, waits for what is under way, and counts. */
  public Tally end() throws LabException {
    ends.values().forEach(e -> tell(e, "stop"));
    double seconds = (System.nanoTime() - begun) / 1e9;
    Exec.pause(DRAIN_MS);
    try {
      return Tally.of(flows, rate, seconds, reports());
    } catch (IllegalArgumentException e) {
      throw new LabException(String.valueOf(e.getMessage()), e);
    }
  }

  /** How many packets came, but found no room with a receiver that did not get to run. */
  public long dropped() throws LabException {
    return asked("drops").stream().mapToLong(n -> Long.parseLong(n.strip())).sum();
  }

  @Override
  public void close() {
    ends.values().forEach(e -> e.in.close()); // they end with their stdin
    for (End end : ends.values()) {
      try {
        if (!end.process.waitFor(1, TimeUnit.SECONDS)) {
          end.process.destroyForcibly().waitFor();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
