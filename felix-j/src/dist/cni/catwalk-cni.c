/*
 * Catwalk's CNI plugin: hands what the container runtime gave it (the CNI_* variables and stdin)
 * to the node agent over its unix socket, prints what the agent answers and leaves with the exit
 * status that the agent names. The frames are those of dev.catwalk.felix.cni.Frame. It decides
 * nothing; only where there is no agent it knows what to say of that.
 *
 * The socket is CATWALK_SOCKET, or the one that "cni install" has written into this program: a
 * runtime's helpers may call it in an environment of their own.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define VERSIONS "\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\""
#define MAX_FRAME (8u * 1024 * 1024)
#define TIMEOUT_S 120

extern char **environ;

/*
 * By its first words "catwalk cni install" knows a client of ours; behind them it writes the path
 * of the socket. Volatile, for the compiler shall read what is there and not what was.
 */
#define MARK "catwalk-cni-client"
static const volatile char place[sizeof MARK + 108] = MARK "\0/run/catwalk/agent.sock";

static unsigned char *frame;
static size_t length, room;

/* An error in the form of the specification; 5 is an I/O failure, 11 is "try again later". */
static int fail(int code, const char *what, const char *why) {
  printf("{\"cniVersion\":\"1.0.0\",\"code\":%d,\"msg\":\"catwalk: %s\",\"details\":\"%s\"}\n", code,
         what, why);
  return 1;
}

/*
 * Without an agent, VERSION is answered all the same: a runtime asks it when it reads its
 * configuration. STATUS has a code of its own for a plugin that cannot serve.
 */
static int nobody(const char *why) {
  const char *command = getenv("CNI_COMMAND");
  if (command && strcmp(command, "VERSION") == 0) {
    printf("{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[" VERSIONS "]}\n");
    return 0;
  }
  int status = command && strcmp(command, "STATUS") == 0;
  return fail(status ? 50 : 11, "the agent does not answer at its socket: start it", why);
}

static int need(size_t more) {
  if (length + more > MAX_FRAME) return 0;
  if (length + more > room) {
    size_t wanted = room * 2 > length + more ? room * 2 : length + more;
    unsigned char *larger = realloc(frame, wanted);
    if (!larger) return 0;
    frame = larger;
    room = wanted;
  }
  return 1;
}

static int append(const void *bytes, size_t count) {
  if (!need(count)) return 0;
  memcpy(frame + length, bytes, count);
  length += count;
  return 1;
}

static int transfer(int fd, unsigned char *bytes, size_t count, int sending) {
  while (count > 0) {
    ssize_t done = sending ? send(fd, bytes, count, MSG_NOSIGNAL) : read(fd, bytes, count);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return 0;
    bytes += done;
    count -= (size_t)done;
  }
  return 1;
}

int main(void) {
  if (!append("\0\0\0\0C", 5)) return fail(5, "out of memory", "");
  for (char **variable = environ; *variable; variable++)
    if (strncmp(*variable, "CNI_", 4) == 0 && !append(*variable, strlen(*variable) + 1))
      return fail(4, "the CNI_* variables are too long", "at most 8 MiB in all");
  if (!append("", 1)) return fail(5, "out of memory", "");
  for (;;) {
    if (!need(4096)) return fail(6, "stdin is too long", "at most 8 MiB in all");
    ssize_t got = read(0, frame + length, 4096);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(5, "cannot read stdin", strerror(errno));
    if (got == 0) break;
    length += (size_t)got;
  }
  uint32_t body = (uint32_t)(length - 4);
  for (int i = 0; i < 4; i++) frame[i] = (unsigned char)(body >> 8 * (3 - i));

  const char *path = getenv("CATWALK_SOCKET");
  if (!path || !*path) path = (const char *)place + sizeof MARK;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path)
    return fail(4, "CATWALK_SOCKET is too long", "at most 107 bytes");
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval limit = {.tv_sec = TIMEOUT_S};
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) ||
      setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit))
    return fail(5, "cannot open a socket", strerror(errno));
  if (connect(fd, (struct sockaddr *)&address, sizeof address))
    return nobody(strerror(errno));

  unsigned char head[5];
  if (!transfer(fd, frame, length, 1) || !transfer(fd, head, 5, 0))
    return fail(11, "the agent hung up", "its log says why");
  uint32_t answer = (uint32_t)head[0] << 24 | head[1] << 16 | head[2] << 8 | head[3];
  if (answer < 1 || answer > MAX_FRAME) return fail(5, "the agent's answer is not a frame", "");
  length = 0;
  if (!need(answer)) return fail(5, "out of memory", "");
  if (!transfer(fd, frame, answer - 1, 0)) return fail(11, "the agent hung up", "its log says why");
  fwrite(frame, 1, answer - 1, stdout);
  if (answer > 1) putchar('\n');
  if (fflush(stdout)) return 1;
  return head[4];
}
