package dev.catwalk.felix.kernel;

import java.nio.file.Path;

/**
 * Moves the calling thread into a network namespace and back. What is opened there stays there.
 * Only for platform threads that belong to the caller: a virtual thread would move its carrier.
 */
final class Netns implements AutoCloseable {
  private static final int O_CLOEXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;

  private final int fd;
  private final String path;

  private Netns(int fd, String path) {
    this.fd = fd;
    this.path = path;
  }

  /** Opens a namespace by the path of its file. */
  static Netns open(Path path) throws KernelException {
    int fd = LibC.Loaded.C.open(path.toString(), O_CLOEXEC);
    if (fd < 0) {
      int errno = LibC.Loaded.errno();
      throw new KernelException(
          "network namespace " + path + " cannot be opened: " + Errno.text(errno), errno);
    }
    return new Netns(fd, path.toString());
  }

  /** The namespace of the calling thread. */
  static Netns current() throws KernelException {
    return open(Path.of("/proc/thread-self/ns/net"));
  }

  int fd() {
    return fd;
  }

  /** Moves the calling thread there. */
  void enter() throws KernelException {
    assert !Thread.currentThread().isVirtual() : "a virtual thread shares its carrier";
    if (LibC.Loaded.C.setns(fd, CLONE_NEWNET) != 0) {
      int errno = LibC.Loaded.errno();
      throw new KernelException(
          path + " cannot be entered as a network namespace: " + Errno.text(errno), errno);
    }
  }

  @Override
  public void close() {
    LibC.Loaded.C.close(fd);
  }
}
