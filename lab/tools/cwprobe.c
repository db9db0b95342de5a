/*
 * What stands in a lab's pods: a TCP server, and a prober that sends a whole batch at once.
 *
 *   cwprobe serve PORT...        answers every connection with the caller's address, a line
 *   cwprobe probe TIMEOUT_MS     reads probes from stdin, a line each: "ping ADDRESS" or
 *                                "tcp ADDRESS PORT"; sends all at once and prints, in their order,
 *                                "ok MICROSECONDS [ANSWER]", "refused", "timeout",
 *                                "unreachable REASON" or "error REASON"
 *
 * A TCP probe is ok when the server's line has come, a ping when its echo reply has. IPv4.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_PROBES 4096
#define MAX_PORTS 64
#define PING_AGAIN_US 250000

struct probe {
  int tcp, fd, done;
  struct sockaddr_in to;
  long long sent;
  char result[160];
};

static struct probe probes[MAX_PROBES];
static struct pollfd polled[MAX_PROBES + 1];
static int slot[MAX_PROBES + 1];
static int count;

static long long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int die(const char *what) {
  fprintf(stderr, "cwprobe: %s: %s\n", what, strerror(errno));
  return 1;
}

static int serve(int ports, char **port) {
  static struct pollfd listener[MAX_PORTS];
  if (ports > MAX_PORTS) {
    errno = E2BIG;
    return die("too many ports");
  }
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < ports; i++) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port[i]))};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 512)) return die(port[i]);
    listener[i] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
  for (;;) {
    if (poll(listener, (nfds_t)ports, -1) < 0 && errno != EINTR) return die("poll");
    for (int i = 0; i < ports; i++) {
      if (!(listener[i].revents & POLLIN)) continue;
      struct sockaddr_in from;
      socklen_t size = sizeof from;
      int fd = accept(listener[i].fd, (struct sockaddr *)&from, &size);
      if (fd < 0) continue;
      char line[INET_ADDRSTRLEN + 1] = "";
      inet_ntop(AF_INET, &from.sin_addr, line, sizeof line);
      strcat(line, "\n");
      if (send(fd, line, strlen(line), MSG_DONTWAIT) < 0) perror("cwprobe: send");
      close(fd);
    }
  }
}

static void finish(struct probe *p, const char *result) {
  snprintf(p->result, sizeof p->result, "%s", result);
  p->done = 1;
  if (p->fd >= 0) close(p->fd);
  p->fd = -1;
}

static void fail(struct probe *p, int error) {
  char text[128];
  if (error == ECONNREFUSED) finish(p, "refused");
  else if (error == ETIMEDOUT) finish(p, "timeout");
  else {
    int routed = error == EHOSTUNREACH || error == ENETUNREACH || error == EACCES || error == EPERM;
    snprintf(text, sizeof text, "%s %s", routed ? "unreachable" : "error", strerror(error));
    finish(p, text);
  }
}

static void succeed(struct probe *p, const char *answer) {
  char text[128];
  snprintf(text, sizeof text, "ok %lld %s", now_us() - p->sent, answer);
  text[strcspn(text, "\r\n")] = 0;
  finish(p, text);
}

static uint16_t checksum(const void *data, size_t size) {
  const uint8_t *b = data;
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < size; i += 2) sum += (uint32_t)b[i] << 8 | b[i + 1];
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return htons((uint16_t)~sum);
}

static void ping(int raw, int index) {
  struct icmphdr echo = {.type = ICMP_ECHO};
  echo.un.echo.id = htons((uint16_t)getpid());
  echo.un.echo.sequence = htons((uint16_t)index);
  echo.checksum = checksum(&echo, sizeof echo);
  struct probe *p = &probes[index];
  if (sendto(raw, &echo, sizeof echo, 0, (struct sockaddr *)&p->to, sizeof p->to) < 0 &&
      errno != EAGAIN && errno != ENOBUFS)
    fail(p, errno);
}

/* Echo replies only: what a firewall or router says of our packets leaves the probe waiting. */
static void pongs(int raw) {
  uint8_t packet[1500];
  struct sockaddr_in from;
  for (;;) {
    socklen_t size = sizeof from;
    ssize_t got = recvfrom(raw, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
    if (got < (ssize_t)(sizeof(struct iphdr) + sizeof(struct icmphdr))) return;
    size_t skip = (size_t)(packet[0] & 15) * 4;
    struct icmphdr echo;
    if ((size_t)got < skip + sizeof echo) continue;
    memcpy(&echo, packet + skip, sizeof echo);
    int index = ntohs(echo.un.echo.sequence);
    if (echo.type != ICMP_ECHOREPLY || ntohs(echo.un.echo.id) != (uint16_t)getpid()) continue;
    if (index < count && !probes[index].tcp && !probes[index].done &&
        probes[index].to.sin_addr.s_addr == from.sin_addr.s_addr)
      succeed(&probes[index], "");
  }
}

static void dial(struct probe *p) {
  p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (p->fd < 0) fail(p, errno);
  else if (connect(p->fd, (struct sockaddr *)&p->to, sizeof p->to) && errno != EINPROGRESS)
    fail(p, errno);
}

static void hear(struct probe *p) {
  char answer[64];
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) {
    fail(p, error);
    return;
  }
  ssize_t got = recv(p->fd, answer, sizeof answer - 1, 0);
  if (got > 0) {
    answer[got] = 0;
    succeed(p, answer);
  } else if (got == 0) finish(p, "error closed without an answer");
  else if (errno != EAGAIN) fail(p, errno);
}

static int parse(void) {
  char line[128], kind[8], address[64];
  while (count < MAX_PROBES && fgets(line, sizeof line, stdin)) {
    struct probe *p = &probes[count];
    int port = 0, fields = sscanf(line, "%7s %63s %d", kind, address, &port);
    p->tcp = strcmp(kind, "tcp") == 0;
    p->fd = -1;
    p->to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (fields != (p->tcp ? 3 : 2) || (!p->tcp && strcmp(kind, "ping")) ||
        inet_pton(AF_INET, address, &p->to.sin_addr) != 1) {
      fprintf(stderr, "cwprobe: line %d is no probe: %s", count + 1, line);
      return 0;
    }
    count++;
  }
  return 1;
}

static int probe(int timeout_ms) {
  if (!parse()) return 2;
  int raw = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
  if (raw < 0) return die("raw socket");
  long long begun = now_us(), end = begun + timeout_ms * 1000LL, again = begun;
  for (int i = 0; i < count; i++) {
    probes[i].sent = now_us();
    if (probes[i].tcp) dial(&probes[i]);
  }
  for (long long now = begun; now < end; now = now_us()) {
    if (now >= again) {
      for (int i = 0; i < count; i++)
        if (!probes[i].tcp && !probes[i].done) ping(raw, i);
      again = now + PING_AGAIN_US;
    }
    nfds_t fds = 1;
    int waiting = 0;
    polled[0] = (struct pollfd){.fd = raw, .events = POLLIN};
    for (int i = 0; i < count; i++) {
      if (probes[i].done) continue;
      waiting++;
      if (!probes[i].tcp) continue;
      slot[fds] = i;
      polled[fds++] = (struct pollfd){.fd = probes[i].fd, .events = POLLIN};
    }
    if (!waiting) break;
    long long until = again < end ? again : end;
    if (poll(polled, fds, (int)((until - now) / 1000 + 1)) < 0 && errno != EINTR) return die("poll");
    if (polled[0].revents) pongs(raw);
    for (nfds_t f = 1; f < fds; f++)
      if (polled[f].revents) hear(&probes[slot[f]]);
  }
  for (int i = 0; i < count; i++) puts(probes[i].done ? probes[i].result : "timeout");
  return fflush(stdout) ? die("stdout") : 0;
}

int main(int argc, char **argv) {
  if (argc > 2 && strcmp(argv[1], "serve") == 0) return serve(argc - 2, argv + 2);
  if (argc == 3 && strcmp(argv[1], "probe") == 0 && atoi(argv[2]) > 0) return probe(atoi(argv[2]));
  fprintf(stderr, "usage: cwprobe serve PORT... | cwprobe probe TIMEOUT_MS <PROBES\n");
  return 2;
}
