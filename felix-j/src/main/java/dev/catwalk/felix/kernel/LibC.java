package dev.catwalk.felix.kernel;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;
import jnr.ffi.types.u_int32_t;
import jnr.ffi.types.uintptr_t;

/**
 * The calls of the C library that Java has no words for. Memory goes by raw address. Public only
 * because the binding generator asks for it.
 */
public interface LibC {

  /** A namespace's file is opened for its descriptor alone. */
  int open(String path, int flags);

  int close(int fd);

  int fstatfs(int fd, @uintptr_t long statfs);

  /** For requests without an argument. */
  int ioctl(int fd, @uintptr_t long request);

  int setns(int fd, int type);

  int socket(int domain, int type, int protocol);

  int bind(int fd, @uintptr_t long address, @u_int32_t int length);

  int getsockname(int fd, @uintptr_t long address, @uintptr_t long length);

  int getsockopt(int fd, int level, int name, @uintptr_t long value, @uintptr_t long length);

  int setsockopt(int fd, int level, int name, @uintptr_t long value, @u_int32_t int length);

  /** Its flag marks descriptors instead of closing them. */
  int close_range(@u_int32_t int first, @u_int32_t int last, int flags);

  /** Returns only if it failed. */
  int execv(String program, @uintptr_t long arguments);

  @ssize_t
  long write(int fd, @uintptr_t long bytes, @size_t long length);

  @ssize_t
  long send(int fd, @uintptr_t long bytes, @size_t long length, int flags);

  @ssize_t
  long recv(int fd, @uintptr_t long bytes, @size_t long length, int flags);

  /** Loaded on first use, so that only those who talk to the kernel pay for it. */
  final class Loaded {
    static final LibC C = LibraryLoader.create(LibC.class).failImmediately().load("c");
    private static final Runtime RUNTIME = Runtime.getRuntime(C);

    private Loaded() {}

    /** Of this thread's last call. */
    static int errno() {
      return RUNTIME.getLastError();
    }
  }
}
