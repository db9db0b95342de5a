package dev.catwalk.lab.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A node's agent as the machine sees it: one process, its memory, its processor time. */
public final class AgentProcess {
  /** Of the clock that {@code /proc/PID/stat} counts in: USER_HZ, 100 on every Linux. */
  private static final double TICKS_PER_SECOND = 100;

  private final ProcessHandle process;
  private final Path folder;

  private AgentProcess(ProcessHandle process) {
    this.process = process;
    this.folder = Path.of("/proc", Long.toString(process.pid()));
  }

  /** The agent that runs in a node's namespace, if one does. */
  public static Optional<AgentProcess> of(Site site, String node) throws LabException {
    for (String pid :
        Exec.must(List.of("ip", "netns", "pids", site.netns(node))).lines().toList()) {
      Path folder = Path.of("/proc", pid.strip());
      try {
        if (Files.readString(folder.resolve("comm")).strip().equals("java")
            && Files.readString(folder.resolve("cmdline")).contains("\0agent\0")) {
          return ProcessHandle.of(Long.parseLong(pid.strip())).map(AgentProcess::new);
        }
      } catch (NoSuchFileException e) {
        // It has just ended.
      } catch (IOException e) {
        throw new LabException("cannot read " + folder + ": " + e, e);
      }
    }
    return Optional.empty();
  }

  /** A process of that number, which runs. */
  public static AgentProcess numbered(long pid) throws LabException {
    return ProcessHandle.of(pid)
        .map(AgentProcess::new)
        .orElseThrow(() -> new LabException("no process " + pid + " runs"));
  }

  /** As {@link #of}, where there has to be one. */
  public static AgentProcess must(Site site, String node) throws LabException {
    return of(site, node)
        .orElseThrow(() ->
            new LabException("no agent runs on " + node + "; " + Agents.lastWords(site, node)));
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** SIGTERM; returns when it has ended. */
  public void stop() {
    process.destroy();
    process.onExit().join();
  }

  /** SIGKILL; returns when it has gone. */
  public void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** Resident memory, 10^6 bytes: VmRSS. */
  public double residentMb() throws LabException {
    return 1024e-6
        * read("status")
            .lines()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
            .findFirst()
            .orElseThrow(() -> new LabException("no VmRSS in " + folder.resolve("status")));
  }

  /** Processor time so far, seconds: its own and that of the commands that it ran. */
  public double processorSeconds() throws LabException {
    String stat = read("stat");
    String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    long ticks = 0;
    for (int i = 11; i < 15; i++) { // utime, stime, cutime, cstime of proc(5)
      ticks += Long.parseLong(words[i]);
    }
    return ticks / TICKS_PER_SECOND;
  }

  private String read(String file) throws LabException {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      throw new LabException("the agent " + pid() + " has ended: " + e.getMessage(), e);
    }
  }
}
