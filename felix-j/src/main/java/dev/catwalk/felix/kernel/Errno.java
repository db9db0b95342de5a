package dev.catwalk.felix.kernel;

/** The error numbers that we tell apart, by their names in {@code errno.h}. */
final class Errno {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int EBUSY = 16;
  static final int EEXIST = 17;
  static final int ENODEV = 19;
  static final int EINVAL = 22;
  static final int ENETDOWN = 100;
  static final int ENETUNREACH = 101;
  static final int ENOBUFS = 105;
  static final int EHOSTUNREACH = 113;

  private Errno() {}

  /** For people. */
  static String text(int errno) {
    return switch (errno) {
      case EPERM -> "not permitted (EPERM): run as root or with CAP_NET_ADMIN";
      case ENOENT -> "no such object (ENOENT)";
      case ESRCH -> "no such route (ESRCH)";
      case EBUSY -> "busy (EBUSY)";
      case EEXIST -> "somebody else's is there already (EEXIST)";
      case ENODEV -> "no such interface (ENODEV)";
      case EINVAL -> "invalid argument (EINVAL)";
      case ENETDOWN -> "interface is down (ENETDOWN)";
      case ENETUNREACH -> "gateway is not reachable (ENETUNREACH)";
      case EHOSTUNREACH -> "gateway is not reachable (EHOSTUNREACH)";
      default -> "errno " + errno;
    };
  }
}
