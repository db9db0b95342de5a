/*
 * What proves a policy in a lab: a server and a sender of flows, TCP, UDP and SCTP, IPv4 and IPv6.
 *
 *   cwflow serve PROTOCOL/PORT...  binds all ports, prints its process id and goes on serving in
 *                                  the background: a TCP connection gets a line, a datagram comes
 *                                  back, an INIT gets an INIT ACK
 *   cwflow send TIMEOUT_MS         reads flows from stdin, a line each: "PROTOCOL SOURCE PORT
 *                                  DESTINATION PORT"; begins all at once and prints, in their order,
 *                                  "ok MICROSECONDS", "refused", "timeout", "unreachable REASON" or
 *                                  "error REASON"
 *
 * A flow is ok when the server's answer has come, so both ways were open. Where the kernel has no
 * SCTP of its own, raw sockets do for the two packets that are needed (RFC 9260 §3.3.2, §3.3.3).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_FLOWS 4096
#define MAX_PORTS 256
#define AGAIN_US 120000
#define INIT 1
#define INIT_ACK 2

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

/* An INIT or INIT ACK with nothing but the fixed part and, in the ACK, a cookie. */
struct sctp {
  uint16_t source, destination;
  uint32_t tag, checksum;
  uint8_t type, flags;
  uint16_t length;
  uint32_t own_tag, window;
  uint16_t out, in;
  uint32_t tsn;
  uint16_t cookie_type, cookie_length;
  uint32_t cookie;
};
#define INIT_SIZE ((size_t)32)

struct flow {
  int protocol, fd, done;
  union address from, to;
  uint16_t from_port, to_port;
  uint32_t tag;
  long long begun;
  char result[128];
};

struct port {
  int protocol;
  uint16_t number;
};

static struct flow flows[MAX_FLOWS];
static int count;

static int die(const char *what) {
  fprintf(stderr, "cwflow: %s: %s\n", what, strerror(errno));
  return 1;
}

static long long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int protocol_of(const char *name) {
  if (strcasecmp(name, "tcp") == 0) return IPPROTO_TCP;
  if (strcasecmp(name, "udp") == 0) return IPPROTO_UDP;
  return strcasecmp(name, "sctp") == 0 ? IPPROTO_SCTP : 0;
}

static socklen_t size_of(const union address *a) {
  return a->any.sa_family == AF_INET ? sizeof a->v4 : sizeof a->v6;
}

static int same_host(const union address *a, const union address *b) {
  if (a->any.sa_family != b->any.sa_family) return 0;
  return a->any.sa_family == AF_INET
             ? a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr
             : memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0;
}

static void set_port(union address *a, uint16_t port) {
  if (a->any.sa_family == AF_INET) a->v4.sin_port = htons(port);
  else a->v6.sin6_port = htons(port);
}

static int parse_address(const char *text, union address *a) {
  memset(a, 0, sizeof *a);
  a->any.sa_family = strchr(text, ':') ? AF_INET6 : AF_INET;
  void *to = a->any.sa_family == AF_INET ? (void *)&a->v4.sin_addr : (void *)&a->v6.sin6_addr;
  return inet_pton(a->any.sa_family, text, to) == 1;
}

/* RFC 9260 appendix A. */
static uint32_t crc32c(const void *data, size_t size) {
  const uint8_t *byte = data;
  uint32_t crc = ~0u;
  while (size--) {
    crc ^= *byte++;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
  }
  return htole32(~crc);
}

static size_t fill(struct sctp *p, uint8_t type, uint16_t from, uint16_t to, uint32_t tag,
                   uint32_t own_tag) {
  size_t size = type == INIT ? INIT_SIZE : sizeof *p;
  memset(p, 0, sizeof *p);
  p->source = htons(from);
  p->destination = htons(to);
  p->tag = tag;
  p->type = type;
  p->length = htons((uint16_t)(size - 12));
  p->own_tag = own_tag;
  p->window = htonl(65536);
  p->out = p->in = htons(1);
  p->tsn = own_tag;
  if (type == INIT_ACK) {
    p->cookie_type = htons(7);
    p->cookie_length = htons(8);
  }
  p->checksum = crc32c(p, size);
  return size;
}

/* A raw socket that says to which of the host's addresses a packet came. */
static int raw_sctp(int family) {
  int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_SCTP), on = 1;
  if (fd >= 0 && family == AF_INET6)
    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  return fd;
}

/* One INIT or INIT ACK; 0 when there is none left. `to` is the address that it came to. */
static int read_sctp(int fd, union address *from, union address *to, struct sctp *packet) {
  uint8_t data[2048];
  char control[256];
  struct iovec part = {.iov_base = data, .iov_len = sizeof data};
  struct msghdr message = {.msg_name = from, .msg_iov = &part, .msg_iovlen = 1};
  for (;;) {
    message.msg_namelen = sizeof *from;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    ssize_t got = recvmsg(fd, &message, 0);
    if (got < 0) return 0;
    size_t skip = 0;
    memset(to, 0, sizeof *to);
    to->any.sa_family = from->any.sa_family;
    if (from->any.sa_family == AF_INET) {
      struct iphdr *ip = (struct iphdr *)data;
      skip = (size_t)ip->ihl * 4;
      to->v4.sin_addr.s_addr = ip->daddr;
    } else {
      for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
          to->v6.sin6_addr = ((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_addr;
    }
    if ((size_t)got < skip + INIT_SIZE) continue;
    memset(packet, 0, sizeof *packet);
    memcpy(packet, data + skip, INIT_SIZE);
    if (packet->type == INIT || packet->type == INIT_ACK) return 1;
  }
}

/* Sends from one of the host's addresses; the port of a raw socket's address must be 0. */
static ssize_t send_sctp(int fd, const union address *from, const union address *to,
                         const struct sctp *packet, size_t size) {
  union address target = *to;
  char control[CMSG_SPACE(sizeof(struct in6_pktinfo))] = {0};
  struct iovec part = {.iov_base = (void *)packet, .iov_len = size};
  struct msghdr message = {.msg_name = &target, .msg_namelen = size_of(to), .msg_iov = &part,
                           .msg_iovlen = 1, .msg_control = control};
  set_port(&target, 0);
  int v4 = from->any.sa_family == AF_INET;
  size_t length = v4 ? sizeof(struct in_pktinfo) : sizeof(struct in6_pktinfo);
  message.msg_controllen = CMSG_SPACE(length);
  struct cmsghdr *c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
  c->cmsg_type = v4 ? IP_PKTINFO : IPV6_PKTINFO;
  c->cmsg_len = CMSG_LEN(length);
  if (v4) ((struct in_pktinfo *)CMSG_DATA(c))->ipi_spec_dst = from->v4.sin_addr;
  else ((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_addr = from->v6.sin6_addr;
  return sendmsg(fd, &message, 0);
}

/* ---- the server */

static struct port ports[MAX_PORTS];
static int port_count;

static int bound(struct port p) {
  int tcp = p.protocol == IPPROTO_TCP, on = 1, off = 0;
  int fd = socket(AF_INET6, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_port = htons(p.number)};
  if (fd < 0) return -1;
  setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) || (tcp && listen(fd, 512))) return -1;
  return fd;
}

static void greet(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  if (send(fd, "here\n", 5, MSG_DONTWAIT) < 0) perror("cwflow: send");
  close(fd);
}

/* Back from the address that it came to, of which the host may have many. */
static void echo(int fd) {
  char data[512], control[256];
  struct sockaddr_in6 from;
  struct iovec part = {.iov_base = data, .iov_len = sizeof data};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part,
                           .msg_iovlen = 1, .msg_control = control,
                           .msg_controllen = sizeof control};
  ssize_t got = recvmsg(fd, &message, 0);
  if (got < 0) return;
  part.iov_len = (size_t)got;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
      ((struct in6_pktinfo *)CMSG_DATA(c))->ipi6_ifindex = 0;
  sendmsg(fd, &message, MSG_DONTWAIT);
}

static int served(uint16_t port) {
  for (int i = 0; i < port_count; i++)
    if (ports[i].protocol == IPPROTO_SCTP && ports[i].number == port) return 1;
  return 0;
}

static void acknowledge(int fd) {
  union address from, to;
  struct sctp in, out;
  while (read_sctp(fd, &from, &to, &in)) {
    uint16_t port = ntohs(in.destination);
    if (in.type != INIT || !served(port)) continue;
    size_t size = fill(&out, INIT_ACK, port, ntohs(in.source), in.own_tag, in.own_tag ^ 0x5a5a5a5a);
    send_sctp(fd, &to, &from, &out, size);
  }
}

static int serve(int arguments, char **argument) {
  static struct pollfd polled[MAX_PORTS + 2];
  char name[8];
  unsigned number;
  for (int i = 0; i < arguments; i++) {
    if (port_count >= MAX_PORTS || sscanf(argument[i], "%7[^/]/%u", name, &number) != 2 ||
        !protocol_of(name) || number < 1 || number > 65535) {
      fprintf(stderr, "cwflow: '%s' is no port, or one too many\n", argument[i]);
      return 2;
    }
    ports[port_count++] = (struct port){protocol_of(name), (uint16_t)number};
  }
  nfds_t fds = 0;
  for (int i = 0; i < port_count; i++, fds++) {
    polled[fds] = (struct pollfd){.fd = -1, .events = POLLIN};
    if (ports[i].protocol != IPPROTO_SCTP && (polled[fds].fd = bound(ports[i])) < 0)
      return die(argument[i]);
  }
  int families[] = {AF_INET, AF_INET6};
  for (int i = 0; i < 2; i++, fds++) {
    polled[fds] = (struct pollfd){.fd = raw_sctp(families[i]), .events = POLLIN};
    if (polled[fds].fd < 0) return die("raw socket");
  }
  pid_t child = fork();
  if (child < 0) return die("fork");
  if (child > 0) {
    printf("%d\n", child);
    return fflush(stdout) ? die("stdout") : 0;
  }
  setsid();
  signal(SIGPIPE, SIG_IGN);
  if (!freopen("/dev/null", "r", stdin) || !freopen("/dev/null", "w", stdout) ||
      !freopen("/dev/null", "w", stderr))
    return 1;
  for (;;) {
    if (poll(polled, fds, -1) < 0 && errno != EINTR) return 1;
    for (int i = 0; i < (int)fds; i++) {
      if (!(polled[i].revents & POLLIN)) continue;
      if (i >= port_count) acknowledge(polled[i].fd);
      else if (ports[i].protocol == IPPROTO_TCP) greet(polled[i].fd);
      else echo(polled[i].fd);
    }
  }
}

/* ---- the sender */

static void finish(struct flow *f, const char *result) {
  snprintf(f->result, sizeof f->result, "%s", result);
  f->done = 1;
  if (f->fd >= 0) close(f->fd);
  f->fd = -1;
}

static void fail(struct flow *f, int error) {
  char text[100];
  if (error == ECONNREFUSED) finish(f, "refused");
  else if (error == ETIMEDOUT) finish(f, "timeout");
  else {
    int routed = error == EHOSTUNREACH || error == ENETUNREACH || error == EACCES || error == EPERM;
    snprintf(text, sizeof text, "%s %s", routed ? "unreachable" : "error", strerror(error));
    finish(f, text);
  }
}

static void succeed(struct flow *f) {
  char text[40];
  snprintf(text, sizeof text, "ok %lld", now_us() - f->begun);
  finish(f, text);
}

static int parse(void) {
  char line[256], name[8], from[64], to[64];
  unsigned from_port, to_port;
  while (count < MAX_FLOWS && fgets(line, sizeof line, stdin)) {
    struct flow *f = &flows[count];
    int fields = sscanf(line, "%7s %63s %u %63s %u", name, from, &from_port, to, &to_port);
    if (fields != 5 || !(f->protocol = protocol_of(name)) || !parse_address(from, &f->from) ||
        !parse_address(to, &f->to) || f->from.any.sa_family != f->to.any.sa_family ||
        from_port > 65535 || to_port > 65535) {
      fprintf(stderr, "cwflow: line %d is no flow: %s", count + 1, line);
      return 0;
    }
    f->fd = -1;
    f->from_port = (uint16_t)from_port;
    f->to_port = (uint16_t)to_port;
    f->tag = htonl((uint32_t)(now_us() << 8 ^ count) | 1);
    count++;
  }
  return 1;
}

static void begin(struct flow *f) {
  int tcp = f->protocol == IPPROTO_TCP, on = 1;
  union address from = f->from, to = f->to;
  f->begun = now_us();
  if (f->protocol == IPPROTO_SCTP) return;
  set_port(&from, f->from_port);
  set_port(&to, f->to_port);
  f->fd = socket(from.any.sa_family,
                 (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (f->fd < 0) {
    fail(f, errno);
    return;
  }
  setsockopt(f->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(f->fd, &from.any, size_of(&from)) ||
      (connect(f->fd, &to.any, size_of(&to)) && errno != EINPROGRESS))
    fail(f, errno);
}

/* UDP and SCTP once more; a TCP's SYN the kernel repeats. */
static void again(struct flow *f, const int *raw) {
  struct sctp packet;
  if (f->protocol == IPPROTO_UDP && send(f->fd, "here\n", 5, 0) < 0 && errno != EAGAIN)
    fail(f, errno);
  if (f->protocol != IPPROTO_SCTP) return;
  size_t size = fill(&packet, INIT, f->from_port, f->to_port, 0, f->tag);
  int fd = raw[f->to.any.sa_family == AF_INET6];
  if (send_sctp(fd, &f->from, &f->to, &packet, size) < 0 && errno != EAGAIN && errno != ENOBUFS)
    fail(f, errno);
}

static void hear(struct flow *f) {
  char answer[64];
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(f->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) {
    fail(f, error);
    return;
  }
  ssize_t got = recv(f->fd, answer, sizeof answer, 0);
  if (got > 0) succeed(f);
  else if (got == 0) finish(f, "error closed without an answer");
  else if (errno != EAGAIN) fail(f, errno);
}

static void acknowledged(int fd) {
  union address from, to;
  struct sctp in;
  while (read_sctp(fd, &from, &to, &in)) {
    if (in.type != INIT_ACK) continue;
    for (int i = 0; i < count; i++) {
      struct flow *f = &flows[i];
      if (f->protocol == IPPROTO_SCTP && !f->done && in.tag == f->tag &&
          ntohs(in.destination) == f->from_port && ntohs(in.source) == f->to_port &&
          same_host(&from, &f->to) && same_host(&to, &f->from))
        succeed(f);
    }
  }
}

static int send_all(int timeout_ms) {
  static struct pollfd polled[MAX_FLOWS + 2];
  static int slot[MAX_FLOWS + 2];
  if (!parse()) return 2;
  int raw[2] = {raw_sctp(AF_INET), raw_sctp(AF_INET6)};
  if (raw[0] < 0 || raw[1] < 0) return die("raw socket");
  long long begun = now_us(), end = begun + timeout_ms * 1000LL, next = begun;
  for (int i = 0; i < count; i++) begin(&flows[i]);
  for (long long now = begun; now < end; now = now_us()) {
    if (now >= next) {
      for (int i = 0; i < count; i++)
        if (!flows[i].done) again(&flows[i], raw);
      next = now + AGAIN_US;
    }
    nfds_t fds = 2;
    int waiting = 0;
    for (int i = 0; i < 2; i++) polled[i] = (struct pollfd){.fd = raw[i], .events = POLLIN};
    for (int i = 0; i < count; i++) {
      if (flows[i].done) continue;
      waiting++;
      if (flows[i].fd < 0) continue;
      slot[fds] = i;
      polled[fds++] = (struct pollfd){.fd = flows[i].fd, .events = POLLIN};
    }
    if (!waiting) break;
    long long until = next < end ? next : end;
    if (poll(polled, fds, (int)((until - now) / 1000 + 1)) < 0 && errno != EINTR) return die("poll");
    for (int i = 0; i < 2; i++)
      if (polled[i].revents) acknowledged(raw[i]);
    for (nfds_t f = 2; f < fds; f++)
      if (polled[f].revents) hear(&flows[slot[f]]);
  }
  for (int i = 0; i < count; i++) puts(flows[i].done ? flows[i].result : "timeout");
  return fflush(stdout) ? die("stdout") : 0;
}

int main(int argc, char **argv) {
  if (argc > 2 && strcmp(argv[1], "serve") == 0) return serve(argc - 2, argv + 2);
  if (argc == 3 && strcmp(argv[1], "send") == 0 && atoi(argv[2]) > 0) return send_all(atoi(argv[2]));
  fprintf(stderr, "usage: cwflow serve PROTOCOL/PORT... | cwflow send TIMEOUT_MS <FLOWS\n");
  return 2;
}
