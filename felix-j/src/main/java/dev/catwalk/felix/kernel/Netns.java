package dev.catwalk.felix.kernel;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Moves the calling thread into a network namespace and back. What is opened there stays there.
 * Only for platform threads that belong to the caller: a virtual thread would move its carrier.
 */
final class Netns implements AutoCloseable {
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_PATH = 0x200000;
  private static final long NS_GET_NSTYPE = 0xb703;
  private static final long NSFS_MAGIC = 0x6e736673;

  /** Of struct statfs, bytes; the kernel's has 120. */
  private static final int STATFS = 256;

  private static final int CLONE_NEWNET = 0x40000000;

  private static volatile @Nullable Object process;

  private final int fd;
  private final String path;

  private Netns(int fd, String path) {
    this.fd = fd;
    this.path = path;
  }

  /**
   * Opens a namespace by the path of its file. What is no namespace is not opened at all: to open a
   * device or a pipe can do harm or take for ever.
   */
  static Netns open(Path path) throws KernelException {
    int found = check(LibC.Loaded.C.open(path.toString(), O_CLOEXEC | O_PATH), path);
    try {
      if (fileSystem(found, path) != NSFS_MAGIC) {
        throw new KernelException(path + " is no network namespace");
      }
      int fd = check(LibC.Loaded.C.open("/proc/self/fd/" + found, O_CLOEXEC), path);
      if (LibC.Loaded.C.ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET) {
        LibC.Loaded.C.close(fd);
        throw new KernelException(path + " is a namespace, but not one of networks");
      }
      return new Netns(fd, path.toString());
    } finally {
      LibC.Loaded.C.close(found);
    }
  }

  private static int check(int fd, Path path) throws KernelException {
    if (fd < 0) {
      int errno = LibC.Loaded.errno();
      throw new KernelException(
          "network namespace " + path + " cannot be opened: " + Errno.text(errno), errno);
    }
    return fd;
  }

  private static long fileSystem(int fd, Path path) throws KernelException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment statfs = arena.allocate(STATFS, Long.BYTES);
      check(LibC.Loaded.C.fstatfs(fd, statfs.address()), path);
      return statfs.get(ValueLayout.JAVA_LONG, 0);
    }
  }

  /** Whether both are one namespace. */
  boolean isSame(Netns other) throws KernelException {
    return inode().equals(other.inode());
  }

  /** Whether it is that of this process. */
  boolean isProcess() throws KernelException {
    Object own = process;
    if (own == null) {
      try (Netns itself = open(Path.of("/proc/self/ns/net"))) {
        own = itself.inode();
      }
      process = own; // it stays that of the process to its end
    }
    return inode().equals(own);
  }

  private Object inode() throws KernelException {
    try {
      return Files.getAttribute(Path.of("/proc/self/fd/" + fd), "unix:ino");
    } catch (IOException e) {
      throw new KernelException(path + " cannot be looked at: " + e.getMessage(), e);
    }
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
