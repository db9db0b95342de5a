/*
 * Catwalk's CNI plugin: hands what the container runtime gave it (the CNI_* variables and stdin)
 * to the node agent over its unix socket, prints what the agent answers and leaves with the exit
 * status that the agent names. The frames are those of dev.catwalk.felix.cni.Frame. It decides
 * nothing; only where there is no agent it knows what to say of that.
 *
 * The socket is CATWALK_SOCKET, or the one that "cni install" has written into this program: a
 * runtime's helpers may call it in an environment of their own.
 *
 * A runtime waits for this program from exec to exit, and most of that would be a C library making
 * itself ready: so it does without one where it knows how to call the kernel by itself.
 */
#include <asm/unistd.h>
#include <stddef.h>

#define VERSIONS "\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\""
#define MAX_FRAME (8u * 1024 * 1024)
#define CHUNK (64u * 1024)
#define TIMEOUT_S 120

#define EINTR 4
#define SOL_SOCKET 1
#define SO_RCVTIMEO 20
#define SO_SNDTIMEO 21
#define AF_UNIX 1
#define SOCK_STREAM_CLOEXEC (1 | 02000000)
#define MSG_NOSIGNAL 0x4000

/*
 * By its first words "catwalk cni install" knows a client of ours; behind them it writes the path
 * of the socket. Volatile, for the compiler shall read what is there and not what was.
 */
#define MARK "catwalk-cni-client"
#define PATH_ROOM 108
static const volatile char place[sizeof MARK + PATH_ROOM] = MARK "\0/run/catwalk/agent.sock";

static int plugin(char **environment);

/* A system call: its result, or the negative error number. */
#if defined(__x86_64__)
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return result;
}
__asm__(".globl _start\n_start: xor %ebp,%ebp\n mov %rsp,%rdi\n and $-16,%rsp\n call begin\n");
#define BARE 1
#elif defined(__aarch64__)
static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
                x2 __asm__("x2") = c, x3 __asm__("x3") = d, x4 __asm__("x4") = e,
                x5 __asm__("x5") = f;
  __asm__ volatile("svc 0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}
__asm__(".globl _start\n_start: mov x29,#0\n mov x30,#0\n mov x0,sp\n bl begin\n");
#define BARE 1
#else
#include <unistd.h>
extern int *__errno_location(void);
static long call(long number, long a, long b, long c, long d, long e, long f) {
  long result = syscall(number, a, b, c, d, e, f);
  return result < 0 ? -*__errno_location() : result;
}
int main(int count, char **arguments, char **environment) {
  (void)count, (void)arguments;
  return plugin(environment);
}
#endif

#ifdef BARE
/* The kernel leaves on the stack: how many arguments, these, 0, the environment, 0. */
__attribute__((noreturn, used)) void begin(long *stack) {
  int status = plugin((char **)(stack + 2 + stack[0]));
  for (;;) call(__NR_exit_group, status, 0, 0, 0, 0, 0);
}
/* The compiler may call this one by itself. */
void *memcpy(void *to, const void *from, size_t count) {
  unsigned char *t = to;
  const unsigned char *f = from;
  while (count--) *t++ = *f++;
  return to;
}
void *memset(void *to, int value, size_t count) {
  unsigned char *t = to;
  while (count--) *t++ = (unsigned char)value;
  return to;
}
#else
#include <string.h>
#endif

/* What is not touched of it costs nothing. */
static unsigned char frame[MAX_FRAME + CHUNK];
static size_t length;

static size_t size_of(const char *text) {
  size_t size = 0;
  while (text[size]) size++;
  return size;
}

static int begins(const char *text, const char *with) {
  while (*with && *text == *with) text++, with++;
  return !*with;
}

static int same(const char *one, const char *other) {
  return begins(one, other) && !one[size_of(other)];
}

static const char *variable(char **environment, const char *name) {
  for (; *environment; environment++) {
    size_t size = size_of(name);
    if (begins(*environment, name) && (*environment)[size] == '=') return *environment + size + 1;
  }
  return NULL;
}

static int print(const void *bytes, size_t count) {
  const char *at = bytes;
  while (count > 0) {
    long done = call(__NR_write, 1, (long)at, (long)count, 0, 0, 0);
    if (done == -EINTR) continue;
    if (done <= 0) return 0;
    at += done;
    count -= (size_t)done;
  }
  return 1;
}

static int append(const void *bytes, size_t count) {
  if (length + count > MAX_FRAME) return 0;
  memcpy(frame + length, bytes, count);
  length += count;
  return 1;
}

static void text(const char *words) { append(words, size_of(words)); }

static void number(long value) {
  if (value >= 10) number(value / 10);
  char digit = (char)('0' + value % 10);
  append(&digit, 1);
}

/* In words where it happens to people, else by its number. */
static const char *reason(long error) {
  switch (-error) {
    case 2: return "no such file or directory";
    case 11: return "it does not answer in time";
    case 13: return "permission denied";
    case 111: return "connection refused";
    default: return "";
  }
}

/* An error in the form of the specification; 5 is an I/O failure, 11 is "try again later". */
static int fail(int code, const char *what, const char *why, long error) {
  length = 0;
  text("{\"cniVersion\":\"1.0.0\",\"code\":");
  number(code);
  text(",\"msg\":\"catwalk: ");
  text(what);
  text("\",\"details\":\"");
  text(why);
  if (error) {
    text(reason(error));
    text(" (error ");
    number(-error);
    text(")");
  }
  text("\"}\n");
  print(frame, length);
  return 1;
}

/*
 * Without an agent, VERSION is answered all the same: a runtime asks it when it reads its
 * configuration. STATUS has a code of its own for a plugin that cannot serve.
 */
static int nobody(char **environment, long error) {
  static const char versions[] =
      "{\"cniVersion\":\"1.1.0\",\"supportedVersions\":[" VERSIONS "]}\n";
  const char *command = variable(environment, "CNI_COMMAND");
  if (command && same(command, "VERSION")) return !print(versions, sizeof versions - 1);
  int status = command && same(command, "STATUS");
  return fail(status ? 50 : 11, "the agent does not answer at its socket: start it", "", error);
}

/* The question, all of it, with its length before it. Returns the exit status of a failure, or 0. */
static int ask(char **environment) {
  append("\0\0\0\0C", 5);
  for (char **one = environment; *one; one++)
    if (begins(*one, "CNI_") && !append(*one, size_of(*one) + 1))
      return fail(4, "the CNI_* variables are too long", "at most 8 MiB in all", 0);
  append("", 1);
  for (;;) {
    if (length > MAX_FRAME) return fail(6, "stdin is too long", "at most 8 MiB in all", 0);
    long got = call(__NR_read, 0, (long)(frame + length), CHUNK, 0, 0, 0);
    if (got == -EINTR) continue;
    if (got < 0) return fail(5, "cannot read stdin", "", got);
    if (got == 0) break;
    length += (size_t)got;
  }
  size_t body = length - 4;
  for (int i = 0; i < 4; i++) frame[i] = (unsigned char)(body >> 8 * (3 - i));
  return 0;
}

static int send_all(long fd) {
  for (size_t sent = 0; sent < length;) {
    long done = call(__NR_sendto, fd, (long)(frame + sent), (long)(length - sent), MSG_NOSIGNAL, 0, 0);
    if (done == -EINTR) continue;
    if (done <= 0) return 0;
    sent += (size_t)done;
  }
  return 1;
}

/* Reads until so many bytes are there, or more. */
static int receive(long fd, size_t wanted) {
  while (length < wanted) {
    long got = call(__NR_read, fd, (long)(frame + length), (long)(sizeof frame - 1 - length), 0, 0, 0);
    if (got == -EINTR) continue;
    if (got <= 0) return 0;
    length += (size_t)got;
  }
  return 1;
}

static int plugin(char **environment) {
  int failed = ask(environment);
  if (failed) return failed;

  struct {
    unsigned short family;
    char path[PATH_ROOM];
  } address = {.family = AF_UNIX};
  const char *path = variable(environment, "CATWALK_SOCKET");
  if (!path || !*path) path = (const char *)place + sizeof MARK;
  size_t size = size_of(path);
  if (size >= sizeof address.path)
    return fail(4, "CATWALK_SOCKET is too long", "at most 107 bytes", 0);
  memcpy(address.path, path, size);
  long fd = call(__NR_socket, AF_UNIX, SOCK_STREAM_CLOEXEC, 0, 0, 0, 0);
  if (fd < 0) return fail(5, "cannot open a socket", "", fd);
  long limit[2] = {TIMEOUT_S, 0}; /* struct timeval */
  call(__NR_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, (long)limit, sizeof limit, 0);
  call(__NR_setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, (long)limit, sizeof limit, 0);
  long connected = call(__NR_connect, fd, (long)&address, sizeof address, 0, 0, 0);
  if (connected < 0) return nobody(environment, connected);

  if (!send_all(fd)) return fail(11, "the agent hung up", "its log says why", 0);
  length = 0;
  if (!receive(fd, 5)) return fail(11, "the agent hung up", "its log says why", 0);
  size_t answer = (size_t)frame[0] << 24 | (size_t)frame[1] << 16 | (size_t)frame[2] << 8 | frame[3];
  if (answer < 1 || answer > MAX_FRAME)
    return fail(5, "the agent's answer is not a frame", "", 0);
  if (!receive(fd, 4 + answer)) return fail(11, "the agent hung up", "its log says why", 0);
  size_t count = answer - 1;
  if (count > 0) frame[5 + count++] = '\n';
  return print(frame + 5, count) ? frame[4] : 1;
}
