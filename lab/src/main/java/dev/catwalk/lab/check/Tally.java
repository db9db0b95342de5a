package dev.catwalk.lab.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of the packets of some flows. What policy allows is lost if it did not come; what it
 * forbids should not have come at all. Packets that the sender's own kernel refused count as sent.
 *
 * @param seconds how long was sent
 * @param losses a line for each flow that lost something, with the times from the start
 */
public record Tally(
    double seconds,
    long sent,
    long lost,
    long duplicates,
    long forbidden,
    long through,
    List<String> losses) {

  public static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0, List.of());

  public Tally {
    losses = List.copyOf(losses);
  }

  private static final class Counts {
    long sent;
    long errors;
    long got;
    long duplicates;
    long beyond;
    final List<long[]> gaps = new ArrayList<>();
  }

  /**
   * From what every {@code cwstream} reported.
   *
   * @param rate packets a second of each flow
   * @throws IllegalArgumentException if a flow is in no report, or a line is none of theirs
   */
  public static Tally of(List<Flow> flows, double rate, double seconds, List<String> reports) {
    Map<Integer, Counts> counts = new TreeMap<>();
    flows.forEach(f -> counts.put(f.id(), new Counts()));
    for (String report : reports) {
      report.lines().forEach(line -> read(line, counts));
    }
    long sent = 0;
    long lost = 0;
    long duplicates = 0;
    long forbidden = 0;
    long through = 0;
    List<String> losses = new ArrayList<>();
    for (Flow flow : flows) {
      Counts c = counts.getOrDefault(flow.id(), new Counts());
      if (c.sent == 0) {
        throw new IllegalArgumentException("nothing was sent from " + flow.from());
      }
      duplicates += c.duplicates;
      if (!flow.allowed()) {
        forbidden += c.sent;
        through += c.got;
        if (c.got > 0) {
          losses.add(flow.from() + " -> " + flow.to() + ": " + c.got + " of " + c.sent
              + " came though forbidden" + gaps(c, rate, ", beside "));
        }
        continue;
      }
      sent += c.sent;
      lost += c.sent - c.got;
      if (c.sent > c.got) {
        losses.add(describe(flow, c, rate));
      }
    }
    return new Tally(seconds, sent, lost, duplicates, forbidden, through, losses);
  }

  private static void read(String line, Map<Integer, Counts> counts) {
    String[] words = line.split(" ");
    Counts of = words.length == 4 ? counts.get(Integer.valueOf(words[1])) : null;
    if (of == null) {
      throw new IllegalArgumentException("not of a report: " + line);
    }
    long first = Long.parseLong(words[2]);
    long second = Long.parseLong(words[3]);
    switch (words[0]) {
      case "sent" -> {
        of.sent = first;
        of.errors = second;
      }
      case "got" -> {
        of.got = first;
        of.duplicates = second;
      }
      case "gap" -> of.gaps.add(new long[] {first, second});
      default -> throw new IllegalArgumentException("not of a report: " + line);
    }
    if (words[0].equals("gap")) {
      of.beyond += second - first + 1;
    }
  }

  private static String describe(Flow flow, Counts c, double rate) {
    StringBuilder out = new StringBuilder();
    out.append(flow.from()).append(" -> ").append(flow.to()).append(": ");
    out.append(c.sent - c.got).append(" of ").append(c.sent).append(" lost");
    if (c.errors > 0) {
      out.append(", ").append(c.errors).append(" refused by its own kernel");
    }
    return out.append(gaps(c, rate, ", at ")).toString();
  }

  private static String gaps(Counts c, double rate, String first) {
    StringBuilder out = new StringBuilder();
    String comma = first;
    for (long[] gap : c.gaps) {
      out.append(comma)
          .append(String.format(Locale.ROOT, "%.2f-%.2f s", gap[0] / rate, (gap[1] + 1) / rate));
      comma = ", ";
    }
    long atTheEnd = c.sent - c.got - c.beyond;
    if (atTheEnd > 0) {
      out.append(comma).append("the last ").append(atTheEnd);
    }
    return out.toString();
  }

  /** Both together; the losses of the other come last. */
  public Tally and(Tally other) {
    List<String> all = new ArrayList<>(losses);
    all.addAll(other.losses);
    return new Tally(
        seconds + other.seconds,
        sent + other.sent,
        lost + other.lost,
        duplicates + other.duplicates,
        forbidden + other.forbidden,
        through + other.through,
        all);
  }

  /** Of allowed and forbidden packets together. */
  public double perSecond() {
    return seconds == 0 ? 0 : (sent + forbidden) / seconds;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d of %d lost, %d twice, %d of %d forbidden through, %.0f/s",
        lost,
        sent,
        duplicates,
        through,
        forbidden,
        perSecond());
  }
}
