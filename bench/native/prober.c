/*
 * Runs in the client's namespace: sends a knock and, right behind it, a SYN to the TCP port; then another SYN each millisecond,
 * each from a connection of its own, until one is accepted.
 *
 * prober TARGET PORT, then one order a line on stdin:
 *   SOURCE TIMEOUT_MS udp PORT HEX       one datagram
 *   SOURCE TIMEOUT_MS syn PORT,PORT,…    one SYN to each, in this order
 * and one answer a line on stdout, N being the SYNs that were sent as probes:
 *   open NANOSECONDS N START WALL
 *                          from just before the first packet of the knock was sent to the first connection made; and when
 *                          that packet was sent, in nanoseconds of the monotonic and of the wall clock
 *   closed 0 N 0 0         nothing within the time
 *   early 0 1 0 0          the port was open before the knock: nothing was measured
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PROBE_EVERY_NS = 1000000, MOST_PROBES = 20000, EARLY_WAIT_MS = 5, MOST_DATAGRAM = 2048, NONE = -1 };

static struct sockaddr_in target;
static struct sockaddr_in source;
static int waiting = NONE;
static int probes[MOST_PROBES];
static int probe_count;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static long long read_clock(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long now_ns(void) {
  return read_clock(CLOCK_MONOTONIC);
}

static int open_socket(int type) {
  int on = 1;
  int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  /* The port is chosen when it connects, so that thousands of sockets may share an address. */
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind");
  return fd;
}

static void start_connecting(int fd, int port) {
  struct sockaddr_in to = target;
  to.sin_port = htons(port);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) fail("connect");
}

/* Sends a SYN from a socket made beforehand. */
static void probe_from(int fd, int port) {
  struct linger abort_it = {.l_onoff = 1, .l_linger = 0};
  struct epoll_event event = {.events = EPOLLOUT, .data.fd = fd};
  start_connecting(fd, port);
  /* Ends by a reset, and leaves no TIME_WAIT behind. */
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort_it, sizeof abort_it);
  if (epoll_ctl(waiting, EPOLL_CTL_ADD, fd, &event) < 0) fail("epoll_ctl");
  probes[probe_count++] = fd;
}

static void probe(int port) {
  if (probe_count < MOST_PROBES) probe_from(open_socket(SOCK_STREAM), port);
}

/* Whether a probe got through before `until`. A refused one is closed by the kernel's word, and looked at no more. */
static int accepted_before(long long until) {
  for (;;) {
    long long left = until - now_ns();
    if (left < 0) left = 0;
    struct timespec timeout = {.tv_sec = left / 1000000000LL, .tv_nsec = left % 1000000000LL};
    struct epoll_event event;
    int count = epoll_pwait2(waiting, &event, 1, &timeout, NULL);
    if (count < 0 && errno != EINTR) fail("epoll_pwait2");
    if (count <= 0) return 0;
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(event.data.fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error == 0) return 1;
    epoll_ctl(waiting, EPOLL_CTL_DEL, event.data.fd, NULL);
  }
}

static void forget_probes(void) {
  while (probe_count > 0) close(probes[--probe_count]);
}

/* As the client of knockd does it: connects without waiting, and closes. */
static void send_syns(char *ports) {
  for (char *port = strtok(ports, ","); port; port = strtok(NULL, ",")) {
    int fd = open_socket(SOCK_STREAM);
    start_connecting(fd, atoi(port));
    close(fd);
  }
}

static size_t decode(const char *hex, unsigned char *bytes) {
  size_t length = strlen(hex) / 2;
  if (length > MOST_DATAGRAM) length = MOST_DATAGRAM;
  for (size_t i = 0; i < length; i++) sscanf(hex + 2 * i, "%2hhx", &bytes[i]);
  return length;
}

static void obey(char *line, int port) {
  char from[64], kind[8], what[64];
  static char hex[2 * MOST_DATAGRAM + 1];
  int timeout_ms;
  hex[0] = 0;
  if (sscanf(line, "%63s %d %7s %63s %4096s", from, &timeout_ms, kind, what, hex) < 4) {
    fprintf(stderr, "not an order: %s", line);
    exit(2);
  }
  inet_pton(AF_INET, from, &source.sin_addr);
  waiting = epoll_create1(EPOLL_CLOEXEC);
  probe(port);
  int early = accepted_before(now_ns() + EARLY_WAIT_MS * 1000000LL);
  forget_probes();
  close(waiting);
  if (early) {
    puts("early 0 1 0 0");
    return;
  }
  waiting = epoll_create1(EPOLL_CLOEXEC);
  /* Whatever can be made ready before the clock starts. */
  static unsigned char datagram[MOST_DATAGRAM];
  size_t length = decode(hex, datagram);
  struct sockaddr_in to = target;
  int sender = open_socket(SOCK_DGRAM), first = open_socket(SOCK_STREAM), is_datagram = strcmp(kind, "udp") == 0;
  to.sin_port = htons(is_datagram ? atoi(what) : port);
  if (connect(sender, (struct sockaddr *)&to, sizeof to) < 0) fail("connect");

  long long start = now_ns();
  if (!is_datagram) send_syns(what);
  else if (send(sender, datagram, length, 0) < 0) fail("send");
  probe_from(first, port);
  long long end = start + timeout_ms * 1000000LL;
  long long opened = 0;
  for (long long next = start + PROBE_EVERY_NS;; next += PROBE_EVERY_NS) {
    if (accepted_before(next < end ? next : end)) opened = now_ns();
    if (opened || now_ns() >= end) break;
    probe(port);
  }
  close(sender);
  int sent = probe_count + 1;
  forget_probes();
  close(waiting);
  if (opened) printf("open %lld %d %lld %lld\n", opened - start, sent, start, read_clock(CLOCK_REALTIME) - now_ns() + start);
  else printf("closed 0 %d 0 0\n", sent);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  struct rlimit files = {.rlim_cur = MOST_PROBES + 64, .rlim_max = MOST_PROBES + 64};
  struct sched_param first = {.sched_priority = 1};
  setrlimit(RLIMIT_NOFILE, &files);
  /* A probe that waits for a processor behind what it measures would measure itself. */
  if (sched_setscheduler(0, SCHED_FIFO, &first) < 0) perror("without real-time priority");
  source.sin_family = target.sin_family = AF_INET;
  inet_pton(AF_INET, argv[1], &target.sin_addr);
  setvbuf(stdout, NULL, _IOLBF, 0);
  static char line[2 * MOST_DATAGRAM + 256];
  while (fgets(line, sizeof line, stdin)) obey(line, atoi(argv[2]));
  return 0;
}
