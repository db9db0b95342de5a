/*
 * Streams of numbered UDP packets between the namespaces of a lab: what was lost, twice there, or
 * there though it was forbidden. One process a namespace, sender and receiver in one.
 *
 *   cwstream PORT    receives on PORT and reads from stdin, a line each:
 *     flow ID ADDRESS   a stream to PORT of that address, from a port of its own; ID 0..1023
 *     go RATE           sends RATE packets a second on each, spread evenly
 *     stop              sends no more, goes on receiving
 *     report            prints what is below, then "end"; counting goes on
 *     drops             prints how many packets found no room in its own receive buffer, then "end"
 *
 *   sent ID COUNT ERRORS           ERRORS of them the kernel refused
 *   got ID COUNT DUPLICATES        of whichever sender
 *   gap ID FIRST LAST              numbers that are missing, below the highest that came
 *
 * Ends with its stdin. IPv4.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_FLOWS 1024
#define MAX_NUMBERS (1u << 24)
#define MAX_GAPS 100
#define MAGIC 0x63777374u
#define BUFFER (16 << 20)
#define TICK_MS 1

struct packet {
  uint32_t magic, id, number;
};

struct out {
  int id, fd;
  struct sockaddr_in to;
  uint32_t sent, errors;
};

struct in {
  uint8_t *seen;
  uint32_t room, next, count, duplicates;
};

static struct out outs[MAX_FLOWS];
static struct in ins[MAX_FLOWS];
static int out_count, port, receiver;
static double rate, begun;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int die(const char *what) {
  fprintf(stderr, "cwstream: %s: %s\n", what, strerror(errno));
  return 1;
}

/* SO_*BUFFORCE needs root, which a lab has; a burst after a stall of the machine is no loss. */
static int udp(int buffer) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), size = BUFFER;
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, buffer, &size, sizeof size);
  return fd;
}

static void take(const struct packet *p) {
  uint32_t id = ntohl(p->id), number = ntohl(p->number);
  if (ntohl(p->magic) != MAGIC || id >= MAX_FLOWS || number >= MAX_NUMBERS) return;
  struct in *in = &ins[id];
  if (number / 8 >= in->room) {
    uint32_t room = (number / 8 + 1) * 2;
    uint8_t *seen = realloc(in->seen, room);
    if (!seen) exit(die("memory"));
    memset(seen + in->room, 0, room - in->room);
    in->seen = seen;
    in->room = room;
  }
  if (in->seen[number / 8] & 1 << number % 8) {
    in->duplicates++;
    return;
  }
  in->seen[number / 8] |= (uint8_t)(1 << number % 8);
  in->count++;
  if (number >= in->next) in->next = number + 1;
}

static void receive(int fd) {
  struct packet p;
  ssize_t got;
  while ((got = recv(fd, &p, sizeof p, MSG_DONTWAIT)) >= 0)
    if (got == sizeof p) take(&p);
}

/* All that is due by now, a packet of each flow in turn. */
static void emit(void) {
  if (!out_count || rate <= 0) return;
  double due = (now() - begun) * rate * out_count;
  static uint64_t done;
  for (; (double)done < due; done++) {
    struct out *o = &outs[done % (uint64_t)out_count];
    struct packet p = {htonl(MAGIC), htonl((uint32_t)o->id), htonl(o->sent)};
    if (o->sent == MAX_NUMBERS) return;
    if (sendto(o->fd, &p, sizeof p, 0, (struct sockaddr *)&o->to, sizeof o->to) < 0) o->errors++;
    o->sent++;
  }
}

static void report(void) {
  for (int i = 0; i < out_count; i++) printf("sent %d %u %u\n", outs[i].id, outs[i].sent, outs[i].errors);
  for (int id = 0; id < MAX_FLOWS; id++) {
    struct in *in = &ins[id];
    if (!in->next) continue;
    printf("got %d %u %u\n", id, in->count, in->duplicates);
    int gaps = 0;
    for (uint32_t n = 0, first = 0; n < in->next && gaps < MAX_GAPS; n++) {
      if (!(in->seen[n / 8] & 1 << n % 8)) continue;
      if (n > first) gaps += printf("gap %d %u %u\n", id, first, n - 1) > 0;
      first = n + 1;
    }
  }
  puts("end");
  fflush(stdout);
}

/* Came as far as this process, which did not get to read them: no loss of the network's. */
static void drops(void) {
  uint32_t memory[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof memory;
  getsockopt(receiver, SOL_SOCKET, SO_MEMINFO, memory, &size);
  printf("%u\nend\n", memory[SK_MEMINFO_DROPS]);
  fflush(stdout);
}

static int command(char *line) {
  char address[64];
  int id;
  double wanted;
  if (sscanf(line, "flow %d %63s", &id, address) == 2) {
    struct out *o = &outs[out_count];
    o->to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    if (out_count == MAX_FLOWS || id < 0 || id >= MAX_FLOWS ||
        inet_pton(AF_INET, address, &o->to.sin_addr) != 1)
      return 0;
    o->id = id;
    o->fd = udp(SO_SNDBUFFORCE);
    out_count++;
    return o->fd >= 0;
  }
  if (sscanf(line, "go %lf", &wanted) == 1) {
    rate = wanted;
    begun = now();
    return 1;
  }
  if (strcmp(line, "stop") == 0) {
    rate = 0;
    return 1;
  }
  if (strcmp(line, "report") == 0) {
    report();
    return 1;
  }
  if (strcmp(line, "drops") == 0) {
    drops();
    return 1;
  }
  return 0;
}

/* Whole lines of what has come; 0 at the end of stdin, -1 after a line that is none. */
static int commands(void) {
  static char text[65536];
  static size_t length;
  ssize_t got = read(0, text + length, sizeof text - 1 - length);
  if (got <= 0) return 0;
  length += (size_t)got;
  text[length] = 0;
  char *from = text, *end;
  while ((end = strchr(from, '\n'))) {
    *end = 0;
    if (!command(from)) {
      fprintf(stderr, "cwstream: no such command: %s\n", from);
      return -1;
    }
    from = end + 1;
  }
  length -= (size_t)(from - text);
  memmove(text, from, length);
  return 1;
}

int main(int argc, char **argv) {
  if (argc != 2 || (port = atoi(argv[1])) < 1 || port > 65535) {
    fprintf(stderr, "usage: cwstream PORT <COMMANDS\n");
    return 2;
  }
  int fd = receiver = udp(SO_RCVBUFFORCE);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at)) return die("receiving port");
  struct pollfd polled[2] = {{.fd = fd, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  for (;;) {
    if (poll(polled, 2, rate > 0 ? TICK_MS : -1) < 0 && errno != EINTR) return die("poll");
    if (polled[0].revents) receive(fd);
    if (polled[1].revents) {
      int more = commands();
      if (more <= 0) return more ? 2 : 0;
    }
    emit();
  }
}
