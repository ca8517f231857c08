/*
 * Runs in the client's namespace: several senders, each on a processor of its own as far as there are enough, send one and the same
 * datagram at the same moment, each from an address of its own; then the next datagram, and so on.
 *
 * hammer SENDERS TARGET PORT
 * stdin: rounds. Each is one IPv4 address for each sender, the datagram's length in two bytes, big-endian, and the datagram.
 * stdout: packets that the kernel took.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  MOST_BYTES = 1 << 25,
  MOST_SENDERS = 8,
  MOST_PACKET = 1500,
  IP_BYTES = 20,
  UDP_BYTES = 8,
  FROM_PORT = 40000,
  /* Looks at what others have done so often before it lets them have the processor. */
  SPINS = 2000
};

static unsigned char input[MOST_BYTES];
static size_t input_length;
static int sender_count;
static in_addr_t target;
static int target_port;
static pthread_barrier_t all_first;
static atomic_long ready;
static atomic_long sent;

static void put16(unsigned char *at, unsigned value) {
  at[0] = value >> 8;
  at[1] = value;
}

/* The kernel fills in the header's checksum; a UDP checksum of 0 says that there is none (RFC 768). */
static size_t fill(unsigned char *packet, const unsigned char *source, const unsigned char *body, size_t length) {
  size_t whole = IP_BYTES + UDP_BYTES + length;
  memset(packet, 0, IP_BYTES + UDP_BYTES);
  packet[0] = 0x45;
  put16(packet + 2, whole);
  packet[8] = 64;
  packet[9] = IPPROTO_UDP;
  memcpy(packet + 12, source, 4);
  memcpy(packet + 16, &target, 4);
  put16(packet + IP_BYTES, FROM_PORT);
  put16(packet + IP_BYTES + 2, target_port);
  put16(packet + IP_BYTES + 4, UDP_BYTES + length);
  memcpy(packet + IP_BYTES + UDP_BYTES, body, length);
  return whole;
}

/* Returns once all senders have come to this round. */
static void wait_for_all(long round) {
  atomic_fetch_add(&ready, 1);
  for (long spins = 0; atomic_load(&ready) < (round + 1) * sender_count; spins++)
    if (spins >= SPINS) sched_yield();
}

static void *send_all(void *argument) {
  long sender = (long)argument;
  cpu_set_t processors;
  struct sched_param first = {.sched_priority = 1};
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = target};
  unsigned char packet[MOST_PACKET];
  CPU_ZERO(&processors);
  CPU_SET(sender % sysconf(_SC_NPROCESSORS_ONLN), &processors);
  sched_setaffinity(0, sizeof processors, &processors);
  /* A sender that waits for its processor comes too late to hit at the same moment. */
  if (sched_setscheduler(0, SCHED_FIFO, &first) < 0) perror("without real-time priority");
  int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  if (fd < 0) {
    perror("raw socket");
    exit(1);
  }
  /* Asleep: a sender that looks again and again keeps its processor from those that have no priority yet, for about a second. */
  pthread_barrier_wait(&all_first);
  long round = 0;
  for (size_t at = 0; at + 4 * sender_count + 2 <= input_length; round++) {
    const unsigned char *length_at = input + at + 4 * sender_count;
    size_t length = length_at[0] << 8 | length_at[1];
    const unsigned char *source = input + at + 4 * sender;
    at += 4 * sender_count + 2 + length;
    if (at > input_length || IP_BYTES + UDP_BYTES + length > sizeof packet) {
      fprintf(stderr, "round %ld is not whole\n", round);
      exit(2);
    }
    size_t whole = fill(packet, source, length_at + 2, length);
    wait_for_all(round);
    if (sendto(fd, packet, whole, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)whole) atomic_fetch_add(&sent, 1);
  }
  close(fd);
  return NULL;
}

int main(int argc, char **argv) {
  pthread_t threads[MOST_SENDERS];
  if (argc != 4) return 2;
  sender_count = atoi(argv[1]);
  if (sender_count < 1 || sender_count > MOST_SENDERS || inet_pton(AF_INET, argv[2], &target) != 1) return 2;
  target_port = atoi(argv[3]);
  input_length = fread(input, 1, sizeof input, stdin);
  if (pthread_barrier_init(&all_first, NULL, sender_count) != 0) return 1;
  for (long i = 0; i < sender_count; i++)
    if (pthread_create(&threads[i], NULL, send_all, (void *)i) != 0) return 1;
  for (int i = 0; i < sender_count; i++) pthread_join(threads[i], NULL);
  printf("%ld\n", atomic_load(&sent));
  return 0;
}
