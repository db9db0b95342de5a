package dev.catwalk.lab.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this machine is and how busy: without it no measured number means anything. */
public final class Machine {
  private static final double KIB_PER_GIB = 1 << 20;

  private Machine() {}

  /** One line: processor, cores, memory, kernel, JDK, load of the last minute. */
  public static String line() throws LabException {
    return String.format(
        "%s, %d cores, %.0f GiB, Linux %s, JDK %s, load %s",
        field("/proc/cpuinfo", "model name", "unknown processor"),
        Runtime.getRuntime().availableProcessors(),
        Long.parseLong(field("/proc/meminfo", "MemTotal", "0").replaceAll("[^0-9]", ""))
            / KIB_PER_GIB,
        System.getProperty("os.version"),
        Runtime.version(),
        read("/proc/loadavg").split(" ")[0]);
  }

  private static String field(String file, String name, String otherwise) throws LabException {
    return read(file)
        .lines()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse(otherwise);
  }

  private static String read(String file) throws LabException {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new LabException("cannot read " + file + ": " + e, e);
    }
  }
}
