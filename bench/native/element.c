// element TABLE MAP KEY [MILLISECONDS]: asks the kernel for one element of a map (nf_tables, NFT_MSG_GETSETELEM), again each
// half millisecond until it is there or the time is over. Prints its data, an integer of 4 bytes, as 0x%08x; exits with 1 when
// the map does not have it. KEY is in hexadecimal. `nft get element` reads the whole map for each answer.
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char message[1024];
static size_t length;

static struct nlattr *begin(uint16_t type) {
  struct nlattr *attribute = (struct nlattr *)(message + length);
  attribute->nla_type = type;
  length += NLA_HDRLEN;
  return attribute;
}

static void end(struct nlattr *attribute) {
  attribute->nla_len = (uint16_t)(message + length - (char *)attribute);
  length = NLMSG_ALIGN(length);
}

static void put(uint16_t type, const void *data, size_t size) {
  struct nlattr *attribute = begin(type);
  memcpy(message + length, data, size);
  length += size;
  end(attribute);
}

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static const struct nlattr *find(const char *from, size_t size, uint16_t type) {
  while (size >= NLA_HDRLEN) {
    const struct nlattr *attribute = (const struct nlattr *)from;
    size_t step = NLMSG_ALIGN(attribute->nla_len);
    if (attribute->nla_len < NLA_HDRLEN || attribute->nla_len > size) return NULL;
    if ((attribute->nla_type & NLA_TYPE_MASK) == type) return attribute;
    if (step > size) return NULL;
    from += step;
    size -= step;
  }
  return NULL;
}

static const struct nlattr *inside(const struct nlattr *outer, uint16_t type) {
  return outer == NULL ? NULL : find((const char *)outer + NLA_HDRLEN, outer->nla_len - NLA_HDRLEN, type);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  unsigned char key[64];
  size_t size = strlen(argv[3]) / 2;
  if (size == 0 || size > sizeof key) return 2;
  for (size_t i = 0; i < size; i++)
    if (sscanf(argv[3] + 2 * i, "%2hhx", &key[i]) != 1) return 2;
  double until = now_ms() + (argc > 4 ? atof(argv[4]) : 0);

  int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  if (fd < 0 || connect(fd, (struct sockaddr *)&kernel, sizeof kernel) != 0) return 2;

  struct nlmsghdr *header = (struct nlmsghdr *)message;
  header->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM;
  header->nlmsg_flags = NLM_F_REQUEST;
  struct nfgenmsg *family = (struct nfgenmsg *)(message + NLMSG_HDRLEN);
  family->nfgen_family = NFPROTO_INET;
  length = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof *family);
  put(NFTA_SET_ELEM_LIST_TABLE, argv[1], strlen(argv[1]) + 1);
  put(NFTA_SET_ELEM_LIST_SET, argv[2], strlen(argv[2]) + 1);
  struct nlattr *list = begin(NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED);
  struct nlattr *element = begin(NFTA_LIST_ELEM | NLA_F_NESTED);
  struct nlattr *value = begin(NFTA_SET_ELEM_KEY | NLA_F_NESTED);
  put(NFTA_DATA_VALUE, key, size);
  end(value);
  end(element);
  end(list);
  header->nlmsg_len = (uint32_t)length;

  for (;;) {
    char answer[8192];
    if (send(fd, message, length, 0) < 0) return 2;
    ssize_t got = recv(fd, answer, sizeof answer, 0);
    const struct nlmsghdr *said = (const struct nlmsghdr *)answer;
    if (got < (ssize_t)NLMSG_HDRLEN) return 2;
    if (said->nlmsg_type != NLMSG_ERROR) {
      const size_t before = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof *family);
      const struct nlattr *found = find(answer + before, said->nlmsg_len - before, NFTA_SET_ELEM_LIST_ELEMENTS);
      const struct nlattr *data = inside(inside(inside(found, NFTA_LIST_ELEM), NFTA_SET_ELEM_DATA), NFTA_DATA_VALUE);
      if (data == NULL || data->nla_len != NLA_HDRLEN + 4) return 2;
      uint32_t mark;
      memcpy(&mark, (const char *)data + NLA_HDRLEN, sizeof mark);
      printf("0x%08x\n", mark);
      return 0;
    }
    if (now_ms() >= until) return 1;
    usleep(500);
  }
}
