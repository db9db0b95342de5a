package dev.catwalk.felix.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Switches below {@code /proc/sys}; those of {@code net} belong to the calling thread's namespace. */
final class Sysctl {
  private static final int O_WRONLY_CLOEXEC = 1 | 0x80000;
  private static final MemorySegment ON = Arena.global().allocateFrom("1");
  private static final MemorySegment OFF = Arena.global().allocateFrom("0");

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

  /** Switches it on or off, whatever it is. */
  static void put(String name, boolean on) throws KernelException {
    int error = write(name, on);
    if (error != 0) {
      throw refused(name, on, error);
    }
  }

  private static KernelException refused(String name, boolean on, int error) {
    return new KernelException(
        "sysctl " + name.replace('/', '.') + " cannot be set to " + (on ? 1 : 0) + ": "
            + Errno.text(error),
        error);
  }

  /** As {@link #put}, where the kernel has that switch. */
  static void putIfPresent(String name, boolean on) throws KernelException {
    int error = write(name, on);
    if (error != 0 && error != Errno.ENOENT) {
      throw refused(name, on, error);
    }
  }

  /** Returns the error number, or 0. By the C library: a pod waits for it. */
  private static int write(String name, boolean on) {
    int fd = LibC.Loaded.C.open("/proc/sys/" + name, O_WRONLY_CLOEXEC);
    if (fd < 0) {
      return LibC.Loaded.errno();
    }
    try {
      return LibC.Loaded.C.write(fd, (on ? ON : OFF).address(), 1) == 1 ? 0 : LibC.Loaded.errno();
    } finally {
      LibC.Loaded.C.close(fd);
    }
  }
}
