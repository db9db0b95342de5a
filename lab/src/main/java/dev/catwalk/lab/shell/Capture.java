package dev.catwalk.lab.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Everything that one interface carried for a while, as {@code tcpdump} saw it. */
public final class Capture {
  private static final int READY_WITHIN_MS = 5_000;
  private static final int HAS_WITHIN_MS = 10_000;

  private final Process process;
  private final Path file;

  private Capture(Process process, Path file) {
    this.process = process;
    this.file = file;
  }

  /** Returns when it listens. */
  public static Capture start(Site site, String space, String device) throws LabException {
    Path file = site.write(site.state().resolve(space + "-" + device + ".pcap"), "");
    Path log = site.write(site.state().resolve(space + "-" + device + ".tcpdump"), "");
    Process process = site.start(
        log,
        site.environment(),
        site.in(
            site.netns(space),
            "tcpdump",
            "-n",
            "-U",
            "--immediate-mode",
            "-Z",
            "root",
            "-i",
            device,
            "-w",
            file.toString()));
    boolean listens = Exec.await(READY_WITHIN_MS, () -> {
      try {
        return Files.readString(log).contains("listening on");
      } catch (IOException e) {
        throw new LabException("cannot read " + log + ": " + e, e);
      }
    });
    if (!listens) {
      process.destroy();
      throw new LabException(
          "tcpdump at " + device + " of " + space + " does not listen: " + Logs.end(log));
    }
    return new Capture(process, file);
  }

  /**
   * Ends it when it has so many packets that a filter lets through, and with them all that came
   * before; or when it has not got them in time. What it has can still be asked for.
   */
  public void end(String filter, int packets) throws LabException {
    try {
      Exec.await(HAS_WITHIN_MS, () -> packets(filter).size() >= packets);
    } finally {
      process.destroy();
      process.onExit().join();
    }
  }

  /** The packets that a filter lets through, a line each. */
  public List<String> packets(String filter) throws LabException {
    // While the file is written its last packet may be cut off: tcpdump says so after the others.
    return Exec.run(Map.of(), "", List.of("tcpdump", "-n", "-t", "-r", file.toString(), filter))
        .out()
        .lines()
        .toList();
  }
}
