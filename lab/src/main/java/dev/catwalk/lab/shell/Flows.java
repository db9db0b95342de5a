package dev.catwalk.lab.shell;

import dev.catwalk.lab.shell.Exec.Result;
import dev.catwalk.net.addr.IpAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/** Servers of ports in namespaces, and flows to them: TCP, UDP and SCTP. */
public final class Flows {
  private static final int FIRST_PORT = 20_000;
  private static final int LAST_PORT = 60_000;

  private int sent;

  /**
   * One to begin.
   *
   * @param netns where it begins
   */
  public record Flow(
      String netns, String protocol, IpAddress source, IpAddress destination, int port) {}

  /**
   * Starts a server of ports; it ends with its namespace's processes.
   *
   * @param ports {@code PROTOCOL/PORT} each
   * @return its process id
   */
  public static long serve(Site site, String netns, Collection<String> ports) throws LabException {
    List<String> command = new ArrayList<>(List.of(Tools.cwflow(site).toString(), "serve"));
    command.addAll(ports);
    List<String> whole = site.in(netns, command);
    Result result = Exec.run(site.environment(), "", whole);
    if (result.status() != 0) {
      throw Exec.failed(whole, result);
    }
    return Long.parseLong(result.out().strip());
  }

  /**
   * Begins all at once and waits for their answers. Each has a source port that none of the last
   * 40,000 had, so that no connection that the kernel remembers lets it pass.
   *
   * @return what came of each, in their order: {@code ok MICROSECONDS}, {@code timeout} or another
   *     failure
   */
  public List<String> send(Site site, List<Flow> flows, int timeoutMs) throws LabException {
    String program = Tools.cwflow(site).toString();
    Map<String, List<Integer>> byNetns = new LinkedHashMap<>();
    String[] lines = new String[flows.size()];
    for (int i = 0; i < flows.size(); i++) {
      Flow flow = flows.get(i);
      byNetns.computeIfAbsent(flow.netns(), k -> new ArrayList<>()).add(i);
      lines[i] = flow.protocol().toLowerCase(Locale.ROOT) + " " + flow.source() + " " + nextPort()
          + " " + flow.destination() + " " + flow.port() + "\n";
    }
    String[] answers = new String[flows.size()];
    List<Callable<Void>> tasks = new ArrayList<>();
    byNetns.forEach((netns, indices) -> tasks.add(() -> {
      StringBuilder stdin = new StringBuilder();
      indices.forEach(i -> stdin.append(lines[i]));
      List<String> said = Exec.must(
              stdin.toString(), site.in(netns, program, "send", Integer.toString(timeoutMs)))
          .lines()
          .toList();
      if (said.size() != indices.size()) {
        throw new LabException(
            "cwflow answered " + said.size() + " of " + indices.size() + " flows");
      }
      for (int i = 0; i < said.size(); i++) {
        answers[indices.get(i)] = said.get(i);
      }
      return null;
    }));
    Exec.all(tasks);
    return List.of(answers);
  }

  private int nextPort() {
    int port = FIRST_PORT + sent % (LAST_PORT - FIRST_PORT);
    sent++;
    return port;
  }
}
