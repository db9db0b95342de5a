/*
 * What stands in a lab's pods: a TCP server, and a prober that sends a whole batch at once.
 *
 *   cwprobe serve PORT...        answers every connection with the caller's address, a line
 *   cwprobe probe TIMEOUT_MS     reads probes from stdin, a line each: "ping ADDRESS" or
 *                                "tcp ADDRESS PORT"; sends all at once and prints, in their order,
 *                                "ok MICROSECONDS [ANSWER]", "refused", "timeout",
 *                                "unreachable REASON" or "error REASON"
 *
 * A TCP probe is ok when the server's line has come, a ping when its echo reply has. IPv4 and IPv6.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
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

/* What a name is to connect(): its family is ss_family. */
union address {
  struct sockaddr any;
  struct sockaddr_in four;
  struct sockaddr_in6 six;
};

struct probe {
  int tcp, fd, done;
  union address to;
  long long sent;
  char result[160];
};

static struct probe probes[MAX_PROBES];
static struct pollfd polled[MAX_PROBES + 2];
static int slot[MAX_PROBES + 2];
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

/* One socket for both families, or for IPv4 alone where the kernel has no IPv6. */
static int listening(int port) {
  int on = 1, off = 0, fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  union address at = {.six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)}};
  if (fd < 0) {
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at = (union address){.four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)}};
  } else
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  return fd < 0 || bind(fd, &at.any, sizeof at) || listen(fd, 512) ? -1 : fd;
}

/* As text; an IPv4 caller of a socket for both families is written as IPv4. */
static void name(const union address *who, char *text, socklen_t size) {
  const struct in6_addr *six = &who->six.sin6_addr;
  text[0] = 0;
  if (who->any.sa_family == AF_INET) inet_ntop(AF_INET, &who->four.sin_addr, text, size);
  else if (IN6_IS_ADDR_V4MAPPED(six)) inet_ntop(AF_INET, six->s6_addr + 12, text, size);
  else inet_ntop(AF_INET6, six, text, size);
}

static int serve(int ports, char **port) {
  static struct pollfd listener[MAX_PORTS];
  if (ports > MAX_PORTS) {
    errno = E2BIG;
    return die("too many ports");
  }
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < ports; i++) {
    int fd = listening(atoi(port[i]));
    if (fd < 0) return die(port[i]);
    listener[i] = (struct pollfd){.fd = fd, .events = POLLIN};
  }
  for (;;) {
    if (poll(listener, (nfds_t)ports, -1) < 0 && errno != EINTR) return die("poll");
    for (int i = 0; i < ports; i++) {
      if (!(listener[i].revents & POLLIN)) continue;
      union address from;
      socklen_t size = sizeof from;
      int fd = accept(listener[i].fd, &from.any, &size);
      if (fd < 0) continue;
      char line[INET6_ADDRSTRLEN + 1];
      name(&from, line, INET6_ADDRSTRLEN);
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

static int is_four(const struct probe *p) { return p->to.any.sa_family == AF_INET; }

/* The kernel writes an ICMPv6 checksum itself. */
static void ping(int raw, int index) {
  struct probe *p = &probes[index];
  struct icmphdr four = {.type = ICMP_ECHO};
  struct icmp6_hdr six = {.icmp6_type = ICMP6_ECHO_REQUEST};
  four.un.echo.id = six.icmp6_id = htons((uint16_t)getpid());
  four.un.echo.sequence = six.icmp6_seq = htons((uint16_t)index);
  four.checksum = checksum(&four, sizeof four);
  union address to = p->to;
  ssize_t sent;
  if (is_four(p)) sent = sendto(raw, &four, sizeof four, 0, &to.any, sizeof to.four);
  else sent = sendto(raw, &six, sizeof six, 0, &to.any, sizeof to.six);
  if (sent < 0 && errno != EAGAIN && errno != ENOBUFS) fail(p, errno);
}

static void pong(uint16_t id, uint16_t sequence, const union address *from) {
  int index = ntohs(sequence);
  struct probe *p = &probes[index];
  if (ntohs(id) != (uint16_t)getpid() || index >= count || p->tcp || p->done ||
      p->to.any.sa_family != from->any.sa_family)
    return;
  if (is_four(p) ? p->to.four.sin_addr.s_addr == from->four.sin_addr.s_addr
                 : IN6_ARE_ADDR_EQUAL(&p->to.six.sin6_addr, &from->six.sin6_addr))
    succeed(p, "");
}

/* Echo replies only: what a firewall or router says of our packets leaves the probe waiting. */
static void pongs(int raw, int family) {
  uint8_t packet[1500];
  union address from;
  for (;;) {
    socklen_t size = sizeof from;
    ssize_t got = recvfrom(raw, packet, sizeof packet, MSG_DONTWAIT, &from.any, &size);
    if (got < 8) return;
    if (family == AF_INET6) {
      struct icmp6_hdr echo;
      memcpy(&echo, packet, sizeof echo);
      if (echo.icmp6_type == ICMP6_ECHO_REPLY) pong(echo.icmp6_id, echo.icmp6_seq, &from);
      continue;
    }
    size_t skip = (size_t)(packet[0] & 15) * 4;
    struct icmphdr echo;
    if ((size_t)got < skip + sizeof echo) continue;
    memcpy(&echo, packet + skip, sizeof echo);
    if (echo.type == ICMP_ECHOREPLY) pong(echo.un.echo.id, echo.un.echo.sequence, &from);
  }
}

static void dial(struct probe *p) {
  p->fd = socket(p->to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (p->fd < 0) fail(p, errno);
  else if (connect(p->fd, &p->to.any, is_four(p) ? sizeof p->to.four : sizeof p->to.six) &&
           errno != EINPROGRESS)
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
    uint16_t number = htons((uint16_t)port);
    if (strchr(address, ':')) p->to.six = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = number};
    else p->to.four = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = number};
    void *bits = is_four(p) ? (void *)&p->to.four.sin_addr : (void *)&p->to.six.sin6_addr;
    if (fields != (p->tcp ? 3 : 2) || (!p->tcp && strcmp(kind, "ping")) ||
        inet_pton(p->to.any.sa_family, address, bits) != 1) {
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
  int raw6 = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
  if (raw < 0) return die("raw socket"); /* without IPv6 its pings fail, one by one */
  long long begun = now_us(), end = begun + timeout_ms * 1000LL, again = begun;
  for (int i = 0; i < count; i++) {
    probes[i].sent = now_us();
    if (probes[i].tcp) dial(&probes[i]);
  }
  for (long long now = begun; now < end; now = now_us()) {
    if (now >= again) {
      for (int i = 0; i < count; i++)
        if (!probes[i].tcp && !probes[i].done) ping(is_four(&probes[i]) ? raw : raw6, i);
      again = now + PING_AGAIN_US;
    }
    nfds_t fds = 2;
    int waiting = 0;
    polled[0] = (struct pollfd){.fd = raw, .events = POLLIN};
    polled[1] = (struct pollfd){.fd = raw6, .events = POLLIN};
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
    if (polled[0].revents) pongs(raw, AF_INET);
    if (polled[1].revents) pongs(raw6, AF_INET6);
    for (nfds_t f = 2; f < fds; f++)
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
