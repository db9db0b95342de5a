package dev.catwalk.felix.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Switches below {@code /proc/sys}; those of {@code net} belong to the calling thread's namespace. */
final class Sysctl {

  private Sysctl() {}

  /**
   * Writes it unless it is so.
   *
   * @return whether it was not
   */
  static boolean want(String name, String value) throws KernelException {
    Path path = Path.of("/proc/sys", name);
    try {
      if (Files.readString(path).strip().equals(value)) {
        return false;
      }
      Files.writeString(path, value);
      return true;
    } catch (IOException e) {
      throw new KernelException(
          "sysctl " + name.replace('/', '.') + " cannot be set to " + value + ": " + e.getMessage(),
          e);
    }
  }

  static String read(String name) throws KernelException {
    try {
      return Files.readString(Path.of("/proc/sys", name)).strip();
    } catch (IOException e) {
      throw new KernelException(
          "sysctl " + name.replace('/', '.') + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** As {@link #want}, where the kernel has that switch. */
  static boolean wantIfPresent(String name, String value) throws KernelException {
    return Files.exists(Path.of("/proc/sys", name)) && want(name, value);
  }
}
