/*
 * Runs in the client's namespace: starts a program and says how long it takes until its first packet is on the wire.
 *
 * stopwatch udp|syn PORT PROGRAM ARGUMENT…
 * stdout: nanoseconds from just before the program is started to the packet; the program's own output is thrown away.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_MS = 10000, IP_PROTOCOL = 9, TCP_FLAGS = 13, TCP_SYN = 0x02 };

static long long now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Whether an IPv4 packet is what the program was started for. */
static int is_knock(const unsigned char *ip, ssize_t length, int protocol, int port) {
  int header = (ip[0] & 15) * 4;
  const unsigned char *body = ip + header;
  if (length < header + 20 || ip[0] >> 4 != 4 || ip[IP_PROTOCOL] != protocol) return 0;
  if ((body[2] << 8 | body[3]) != port) return 0;
  return protocol == IPPROTO_UDP || body[TCP_FLAGS] == TCP_SYN;
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int protocol = strcmp(argv[1], "udp") == 0 ? IPPROTO_UDP : IPPROTO_TCP;
  int port = atoi(argv[2]);
  /* All protocols: only then does the kernel show what leaves, too. */
  int wire = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL));
  if (wire < 0) {
    perror("packet socket");
    return 1;
  }
  long long start = now_ns();
  pid_t child = fork();
  if (child == 0) {
    int nowhere = open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; fd++) dup2(nowhere, fd);
    execvp(argv[3], argv + 3);
    _exit(127);
  }
  struct pollfd readable = {.fd = wire, .events = POLLIN};
  long long seen = 0;
  while (!seen && poll(&readable, 1, PATIENCE_MS) > 0) {
    unsigned char packet[256];
    struct sockaddr_ll from;
    socklen_t from_length = sizeof from;
    ssize_t length = recvfrom(wire, packet, sizeof packet, 0, (struct sockaddr *)&from, &from_length);
    if (from.sll_pkttype == PACKET_OUTGOING && is_knock(packet, length, protocol, port)) seen = now_ns();
  }
  kill(child, SIGTERM);
  waitpid(child, NULL, 0);
  if (!seen) {
    fprintf(stderr, "no packet within %d ms\n", PATIENCE_MS);
    return 1;
  }
  printf("%lld\n", seen - start);
  return 0;
}
