package dev.catwalk.felix.kernel;

/** The kernel, or a program that speaks to it, refused. The message names the place. */
public final class KernelException extends Exception {
  private static final long serialVersionUID = 1L;

  /** The errno of the call, 0 where there is none. */
  private final int errno;

  private final String message;

  public KernelException(String message) {
    this(message, 0);
  }

  KernelException(String message, int errno) {
    super(message);
    this.message = message;
    this.errno = errno;
  }

  KernelException(String message, Throwable cause) {
    super(message, cause);
    this.message = message;
    this.errno = 0;
  }

  @Override
  public String getMessage() {
    return message;
  }

  int errno() {
    return errno;
  }
}
