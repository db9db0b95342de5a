package dev.catwalk.lab.check;

import dev.catwalk.lab.check.Probe.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a published design says is open, whatever the manifests come to; all else is closed. */
public final class Published {
  private static final Pattern LINE = Pattern.compile("(\\S+) > ([^\\s:]+)(?::(\\d+))?");
  private static final String ANY = "any";

  private final List<Open> open;

  private Published(List<Open> open) {
    this.open = open;
  }

  /** @param port 0 for ping and every port */
  private record Open(String from, String to, int port) {
    boolean covers(Probe probe) {
      return (from.equals(ANY) || from.equals(probe.from()))
          && to.equals(probe.to())
          && (port == 0 || probe.protocol() == Protocol.TCP && port == probe.port());
    }
  }

  /**
   * Reads {@code FROM > TO} and {@code FROM > TO:PORT}, with the names of places or, as FROM, {@code
   * any}.
   *
   * @throws IllegalArgumentException if a line is neither
   */
  public static Published parse(List<String> lines) {
    List<Open> open = new ArrayList<>();
    for (String line : lines) {
      Matcher m = LINE.matcher(line);
      if (!m.matches()) {
        throw new IllegalArgumentException("'" + line + "': want FROM > TO or FROM > TO:PORT");
      }
      String port = m.group(3);
      open.add(new Open(m.group(1), m.group(2), port == null ? 0 : Integer.parseInt(port)));
    }
    return new Published(open);
  }

  public boolean pass(Probe probe) {
    return open.stream().anyMatch(o -> o.covers(probe));
  }
}
