/*
 * Runs in the client's namespace: sends one bare packet to each port that it is told, in that order, as fast as it can. A SYN for
 * TCP, an empty datagram for UDP, each over IPv4 and always from the same port, so that connection tracking has room for all.
 *
 * scanner SOURCE TARGET
 * stdin: the ports, three bytes each: 6 for TCP or 17 for UDP, and the port, big-endian.
 * stdout: how many were sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, IP_BYTES = 20, TCP_BYTES = 20, UDP_BYTES = 8, TCP = 6, UDP = 17, FROM = 40000, PORT_BYTES = 3 };

static unsigned char packets[BATCH][IP_BYTES + TCP_BYTES];
static struct iovec vectors[BATCH];
static struct mmsghdr messages[BATCH];

static void put16(unsigned char *at, unsigned value) {
  at[0] = value >> 8;
  at[1] = value;
}

/* RFC 1071, over what is counted in already. */
static unsigned checksum(uint32_t sum, const unsigned char *at, int bytes) {
  for (int i = 0; i < bytes; i += 2) sum += at[i] << 8 | at[i + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

static int fill(unsigned char *packet, in_addr_t source, in_addr_t target, int protocol, unsigned port) {
  int bytes = protocol == TCP ? TCP_BYTES : UDP_BYTES;
  unsigned char *segment = packet + IP_BYTES;
  memset(packet, 0, IP_BYTES + TCP_BYTES);
  packet[0] = 0x45;
  put16(packet + 2, IP_BYTES + bytes);
  packet[8] = 64;
  packet[9] = protocol;
  memcpy(packet + 12, &source, 4);
  memcpy(packet + 16, &target, 4);
  put16(segment, FROM);
  put16(segment + 2, port);
  if (protocol == TCP) {
    segment[12] = TCP_BYTES / 4 << 4;
    segment[13] = 0x02;
    put16(segment + 14, 64240);
  } else {
    put16(segment + 4, UDP_BYTES);
  }
  uint32_t pseudo = protocol + bytes;
  for (int i = 12; i < IP_BYTES; i += 2) pseudo += packet[i] << 8 | packet[i + 1];
  unsigned sum = checksum(pseudo, segment, bytes);
  put16(segment + (protocol == TCP ? 16 : 6), sum == 0 && protocol == UDP ? 0xffff : sum);
  return IP_BYTES + bytes;
}

int main(int argc, char **argv) {
  struct in_addr source;
  struct sockaddr_in to = {.sin_family = AF_INET};
  if (argc != 3 || !inet_aton(argv[1], &source) || !inet_aton(argv[2], &to.sin_addr)) return 2;
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) return perror("scanner"), 1;
  long long sent = 0;
  for (;;) {
    unsigned char ports[BATCH][PORT_BYTES];
    int count = fread(ports, PORT_BYTES, BATCH, stdin);
    if (count == 0) break;
    for (int i = 0; i < count; i++) {
      int length = fill(packets[i], source.s_addr, to.sin_addr.s_addr, ports[i][0], ports[i][1] << 8 | ports[i][2]);
      vectors[i] = (struct iovec){packets[i], length};
      messages[i].msg_hdr.msg_iov = &vectors[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    for (int done = 0; done < count;) {
      int now = sendmmsg(fd, messages + done, count - done, 0);
      /* A word about an earlier packet, or no room for the moment: this one was not even tried. */
      if (now < 0 && (errno == ECONNREFUSED || errno == ENOBUFS)) continue;
      if (now < 0) return perror("scanner"), 1;
      done += now;
      sent += now;
    }
  }
  printf("%lld\n", sent);
  return 0;
}
