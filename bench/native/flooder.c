/*
 * Runs in the client's namespace: sends packets as fast as asked, or as one sender can, bounded in number and time.
 *
 * flooder udp|raw TARGET PORT SECONDS RATE COUNT
 *   udp: bodies of datagrams; raw: whole IP packets. RATE is packets a second, 0 for as many as go.
 * stdin: the packets, each behind its length as two bytes, big-endian; they are sent in turn.
 * stdout: "flooding" after the first packets; at the end, which SIGTERM may bring on: SENT FAILED NANOSECONDS
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 23, MOST_PACKETS = 1 << 15, BATCH = 64, SMALL_BATCH = 4, NAP_NS = 200000 };

static unsigned char bytes[MOST_BYTES];
static struct iovec packets[MOST_PACKETS];
static int packet_count;
static volatile sig_atomic_t stopped;

static void stop(int signal) {
  (void)signal;
  stopped = 1;
}

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void read_packets(void) {
  size_t length = fread(bytes, 1, sizeof bytes, stdin);
  for (size_t at = 0; at + 2 <= length && packet_count < MOST_PACKETS;) {
    size_t size = bytes[at] << 8 | bytes[at + 1];
    if (at + 2 + size > length) break;
    packets[packet_count].iov_base = bytes + at + 2;
    packets[packet_count].iov_len = size;
    packet_count++;
    at += 2 + size;
  }
}

int main(int argc, char **argv) {
  if (argc != 7) return 2;
  int raw = strcmp(argv[1], "raw") == 0;
  struct sockaddr_in to = {.sin_family = AF_INET};
  inet_pton(AF_INET, argv[2], &to.sin_addr);
  to.sin_port = htons(raw ? 0 : atoi(argv[3]));
  long long most_ns = atof(argv[4]) * 1e9;
  double rate = atof(argv[5]);
  long long most = atoll(argv[6]);
  read_packets();
  int fd = raw ? socket(AF_INET, SOCK_RAW, IPPROTO_RAW) : socket(AF_INET, SOCK_DGRAM, 0);
  if (packet_count == 0 || fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
    perror("flooder");
    return 1;
  }
  signal(SIGTERM, stop);
  signal(SIGINT, stop);

  static struct mmsghdr batch[BATCH];
  long long sent = 0, failed = 0, start = now_ns(), next = 0;
  int said = 0;
  while (!stopped && sent + failed < most && now_ns() - start < most_ns) {
    long long room = most - sent - failed;
    if (rate > 0) {
      long long due = (now_ns() - start) / 1e9 * rate + 1;
      long long behind = due - sent - failed;
      if (behind <= 0) {
        struct timespec nap = {.tv_nsec = NAP_NS};
        nanosleep(&nap, NULL);
        continue;
      }
      if (behind < room) room = behind;
    }
    int most_now = rate > 0 ? SMALL_BATCH : BATCH;
    int count = room < most_now ? room : most_now;
    for (int i = 0; i < count; i++) {
      batch[i].msg_hdr.msg_iov = &packets[(next + i) % packet_count];
      batch[i].msg_hdr.msg_iovlen = 1;
    }
    int done = sendmmsg(fd, batch, count, 0);
    /* Somebody's word about an earlier packet, that its port is closed: this one was not even tried. */
    if (done < 0 && errno == ECONNREFUSED) continue;
    /* The first of the batch was not taken: the next ones may be. */
    if (done <= 0) failed++;
    else sent += done;
    next += done > 0 ? done : 1;
    if (!said) said = printf("flooding\n"), fflush(stdout);
  }
  printf("%lld %lld %lld\n", sent, failed, now_ns() - start);
  return 0;
}
