/*
 * Runs a program again and again and says how long each run took, from before its exec to the return
 * of waitpid: what a container runtime waits for.
 *
 *   cwexec AT_ONCE INPUT PROGRAM   reads from stdin what is added to the environment, a line for each
 *                                  run: "NAME=VALUE NAME=VALUE ..."; every run has the file INPUT as
 *                                  its stdin. Prints in their order "MICROSECONDS STATUS OUTPUT",
 *                                  output without its line ends; a status of -1 is a signal.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_RUNS 4096
#define MAX_LINE 4096
#define MAX_ADDED 32
#define MAX_OUTPUT 4096

extern char **environ;

struct run {
  char *line;
  pid_t pid;
  int out, status;
  long long begun, took;
};

static struct run runs[MAX_RUNS];
static int count;

static long long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int die(const char *what, int error) {
  fprintf(stderr, "cwexec: %s: %s\n", what, strerror(error));
  exit(1);
}

/* Ours without what the line gives anew, then the line's. */
static char **environment(char *line) {
  char *added[MAX_ADDED + 1];
  int more = 0, all = 0;
  for (char *word = strtok(line, " \n"); word && more < MAX_ADDED; word = strtok(NULL, " \n"))
    added[more++] = word;
  while (environ[all]) all++;
  char **whole = calloc((size_t)(all + more + 1), sizeof *whole);
  if (!whole) die("memory", ENOMEM);
  int n = 0;
  for (int i = 0; i < all; i++) {
    int given = 0;
    for (int j = 0; j < more; j++) {
      size_t name = strcspn(added[j], "=") + 1;
      given |= strncmp(environ[i], added[j], name) == 0;
    }
    if (!given) whole[n++] = environ[i];
  }
  for (int j = 0; j < more; j++) whole[n++] = added[j];
  return whole;
}

static void start(struct run *run, const char *input, char *program) {
  char *arguments[] = {program, NULL};
  char **environment_of_it = environment(run->line);
  posix_spawn_file_actions_t files;
  if ((run->out = memfd_create("out", MFD_CLOEXEC)) < 0) die("memfd", errno);
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, input, O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, run->out, 1);
  run->begun = now_us();
  int error = posix_spawn(&run->pid, program, &files, NULL, arguments, environment_of_it);
  if (error) die(program, error);
  posix_spawn_file_actions_destroy(&files);
  free(environment_of_it);
}

static void await_one(void) {
  int status;
  pid_t pid = waitpid(-1, &status, 0);
  long long now = now_us();
  if (pid < 0) die("waitpid", errno);
  for (int i = 0; i < count; i++) {
    if (runs[i].pid != pid) continue;
    runs[i].took = now - runs[i].begun;
    runs[i].status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
}

static void print(struct run *run) {
  static char text[MAX_OUTPUT];
  ssize_t got = pread(run->out, text, sizeof text - 1, 0);
  text[got > 0 ? got : 0] = 0;
  for (char *end; (end = strpbrk(text, "\r\n"));) *end = ' ';
  printf("%lld %d %s\n", run->took, run->status, text);
}

int main(int argc, char **argv) {
  static char line[MAX_LINE];
  int at_once = argc == 4 ? atoi(argv[1]) : 0;
  if (at_once < 1) {
    fprintf(stderr, "usage: cwexec AT_ONCE INPUT PROGRAM <ENVIRONMENTS\n");
    return 2;
  }
  while (fgets(line, sizeof line, stdin)) {
    if (count == MAX_RUNS) die("stdin", E2BIG);
    if (!(runs[count++].line = strdup(line))) die("memory", ENOMEM);
  }
  int running = 0;
  for (int i = 0; i < count; i++) {
    if (running == at_once) await_one(), running--;
    start(&runs[i], argv[2], argv[3]), running++;
  }
  while (running-- > 0) await_one();
  for (int i = 0; i < count; i++) print(&runs[i]);
  return fflush(stdout) ? 1 : 0;
}
