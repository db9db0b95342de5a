package dev.catwalk.lab.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The C programs that a lab runs. */
public final class Tools {
  private Tools() {}

  /** The prober and server of a lab's pods. */
  public static Path cwprobe(Site site) throws LabException {
    return built(site, "cwprobe");
  }

  /** Times the runs of a program, built when its source is newer. */
  static Path cwexec(Site site) throws LabException {
    return built(site, "cwexec");
  }

  /** Sends and receives streams of packets. */
  static Path cwstream(Site site) throws LabException {
    return built(site, "cwstream");
  }

  /** The sender and server of flows, which prove a policy. */
  public static Path cwflow(Site site) throws LabException {
    return built(site, "cwflow");
  }

  /** A library that shifts the clock and slows the disk of the process it is preloaded into. */
  public static Path fault(Site site) throws LabException {
    return built(site, "cwfault", "-shared", "-fPIC");
  }

  private static Path built(Site site, String name) throws LabException {
    return built(site, name, "-static", "-O2");
  }

  /** Built when its source is newer. */
  private static Path built(Site site, String name, String one, String other) throws LabException {
    Path source = site.home().resolve("lab/tools/" + name + ".c");
    Path program = site.home().resolve("lab/target/" + name);
    try {
      if (!Files.exists(program)
          || Files.getLastModifiedTime(program).compareTo(Files.getLastModifiedTime(source)) < 0) {
        Files.createDirectories(program.getParent());
        Exec.must(List.of(
            "gcc", one, other, "-Wall", "-Wextra", "-o", program.toString(), source.toString()));
      }
      return program;
    } catch (IOException e) {
      throw new LabException("cannot build " + program + ": " + e, e);
    }
  }

  /** The CNI plugin, which the agent's build leaves. */
  static Path cni(Site site) throws LabException {
    Path program = site.home().resolve("felix-j/target/dist/catwalk-cni");
    if (!Files.isExecutable(program)) {
      throw new LabException("the CNI client " + program
          + " is not there: install gcc and libc6-dev, then 'touch felix-j/pom.xml' and try again");
    }
    return program;
  }
}
