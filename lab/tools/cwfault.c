// What befalls the process that it is preloaded into: its wall clock is shifted by the seconds (int64)
// that the file CW_CLOCK holds, and each sync of a file takes up to the milliseconds (int64) in CW_SYNC
// more. Both are read each time: whoever writes there moves the clock of a running process.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *shift, *slow_ms;

static volatile int64_t *in_file(const char *variable) {
  const char *name = getenv(variable);
  int fd = name ? open(name, O_RDONLY) : -1;
  if (fd < 0) return NULL;
  void *at = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  return at == MAP_FAILED ? NULL : at;
}

__attribute__((constructor)) static void begin(void) {
  shift = in_file("CW_CLOCK");
  slow_ms = in_file("CW_SYNC");
}

int clock_gettime(clockid_t id, struct timespec *t) {
  int status = (int)syscall(SYS_clock_gettime, id, t);
  if (status == 0 && shift && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) t->tv_sec += *shift;
  return status;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone) {
  (void)zone;
  struct timespec now;
  int status = clock_gettime(CLOCK_REALTIME, &now);
  if (status == 0) {
    t->tv_sec = now.tv_sec;
    t->tv_usec = now.tv_nsec / 1000;
  }
  return status;
}

time_t time(time_t *t) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (t) *t = now.tv_sec;
  return now.tv_sec;
}

static void wait_for_disk(void) {
  int64_t most = slow_ms ? *slow_ms : 0;
  if (most <= 0) return;
  struct timespec now;
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  usleep((useconds_t)(now.tv_nsec / 1000 % most * 1000));
}

int fsync(int fd) {
  wait_for_disk();
  return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
  wait_for_disk();
  return (int)syscall(SYS_fdatasync, fd);
}
