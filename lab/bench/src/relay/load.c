/*
 * The load of the relay bench: client sockets, one peer socket, as many packets a second as asked for.
 * Knows nothing of STUN: who drives it says what bytes to ask the server with. Linux only, loopback
 * only, and cheaper per packet than any server it measures: many packets per system call.
 *
 *   load SERVER-PORT CLIENTS
 *   ask I HEX          sends once from client I             -> answer HEX (or -)
 *   prefix I HEX       what client I puts before each payload
 *   learn I            one packet by client I to the peer    -> learned PORT (or 0)
 *   run RATE MS SIZE BUNCH UP DOWN                           -> ran SENT GOT MICROSECONDS
 *     BUNCH packets at once per flow; UP clients send, DOWN the peer sends back, each 0 or 1;
 *     RATE is of all together
 *   ports                                                    -> ports PEER CLIENT0 CLIENT1 ...
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CLIENTS = 64, MAX_PREFIX = 64, BATCH = 32, MAX_BUNCH = 512, MAX_PACKET = 2048, ASK_MS = 2000 };
enum { BUFFER_BYTES = 16 << 20, DRAIN_US = 300000, STEP_US = 1000 };

static int server_port, clients, peer;
static int sockets[MAX_CLIENTS], relay_ports[MAX_CLIENTS], prefix_sizes[MAX_CLIENTS];
static unsigned char prefixes[MAX_CLIENTS][MAX_PREFIX];
static atomic_long got;
static atomic_int receiving;

static long now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static int open_socket(void) {
  struct sockaddr_in any = loopback(0);
  int size = BUFFER_BYTES, opened = socket(AF_INET, SOCK_DGRAM, 0);
  /* Forced where we may, so that no packet is lost on our side and counted against the server. */
  if (setsockopt(opened, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    setsockopt(opened, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(opened, (struct sockaddr *)&any, sizeof any) != 0) exit(1);
  return opened;
}

static int port_of(int opened) {
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  getsockname(opened, (struct sockaddr *)&address, &size);
  return ntohs(address.sin_port);
}

static int from_hex(const char *text, unsigned char *bytes, int limit) {
  int count = 0;
  unsigned value;
  for (; count < limit && sscanf(text + 2 * count, "%2x", &value) == 1; count++) bytes[count] = value;
  return count;
}

static int wait_readable(int opened, int ms) {
  struct pollfd one = {.fd = opened, .events = POLLIN};
  return poll(&one, 1, ms) == 1;
}

/* What came late of a run before is no answer. */
static void drain(int opened) {
  unsigned char bytes[MAX_PACKET];
  while (recv(opened, bytes, sizeof bytes, MSG_DONTWAIT) >= 0) continue;
}

static void ask(int client, const char *hex) {
  unsigned char bytes[MAX_PACKET];
  struct sockaddr_in server = loopback(server_port);
  int count = from_hex(hex, bytes, sizeof bytes);
  drain(sockets[client]);
  sendto(sockets[client], bytes, count, 0, (struct sockaddr *)&server, sizeof server);
  count = wait_readable(sockets[client], ASK_MS) ? recv(sockets[client], bytes, sizeof bytes, 0) : 0;
  printf("answer ");
  for (int at = 0; at < count; at++) printf("%02x", bytes[at]);
  printf(count > 0 ? "\n" : "-\n");
}

static int packet_of(int client, unsigned char *bytes, int payload) {
  int prefix = prefix_sizes[client];
  memcpy(bytes, prefixes[client], prefix);
  memset(bytes + prefix, client, payload);
  /* The length of ChannelData lies in its third and fourth byte. */
  if (prefix == 4) bytes[2] = payload >> 8, bytes[3] = payload & 0xff;
  return prefix + payload;
}

static void learn(int client) {
  unsigned char bytes[MAX_PACKET];
  struct sockaddr_in server = loopback(server_port), from = {0};
  socklen_t size = sizeof from;
  int count = packet_of(client, bytes, 100);
  drain(peer);
  sendto(sockets[client], bytes, count, 0, (struct sockaddr *)&server, sizeof server);
  if (wait_readable(peer, ASK_MS))
    recvfrom(peer, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &size);
  relay_ports[client] = ntohs(from.sin_port);
  printf("learned %d\n", relay_ports[client]);
}

/* Looks for packets now and then instead of waiting for each: a wake-up per packet would cost the server
   that sends it, and take its core away. */
static void *receive(void *unused) {
  static unsigned char memory[BATCH][MAX_PACKET];
  struct mmsghdr messages[BATCH] = {0};
  struct iovec parts[BATCH];
  for (int at = 0; at < BATCH; at++) {
    parts[at] = (struct iovec){memory[at], MAX_PACKET};
    messages[at].msg_hdr = (struct msghdr){.msg_iov = &parts[at], .msg_iovlen = 1};
  }
  while (atomic_load(&receiving)) {
    for (int at = 0; at <= clients; at++) {
      int from = at < clients ? sockets[at] : peer, count;
      do {
        count = recvmmsg(from, messages, BATCH, MSG_DONTWAIT, NULL);
        if (count > 0) atomic_fetch_add(&got, count);
      } while (count == BATCH);
    }
    usleep(STEP_US);
  }
  return unused;
}

/* Sends `count` packets of one flow in one direction; what the system does not take counts as sent. */
static void send_batch(int from, struct sockaddr_in *to, unsigned char *bytes, int size, int count) {
  struct mmsghdr messages[MAX_BUNCH];
  struct iovec part = {bytes, size};
  for (int at = 0; at < count; at++) {
    messages[at] = (struct mmsghdr){0};
    messages[at].msg_hdr = (struct msghdr){
        .msg_name = to, .msg_namelen = sizeof *to, .msg_iov = &part, .msg_iovlen = 1};
  }
  for (int done = 0; done < count;) {
    int taken = sendmmsg(from, messages + done, count - done, 0);
    done += taken > 0 ? taken : 1;
  }
}

static void run(long rate, long ms, int payload, int bunch, int up, int down) {
  unsigned char bytes[MAX_PACKET];
  struct sockaddr_in server = loopback(server_port);
  pthread_t receiver;
  int turn = 0, directions = up + down;
  long sent = 0, start, before;
  atomic_store(&receiving, 1);
  atomic_store(&got, 0);
  pthread_create(&receiver, NULL, receive, NULL);
  start = now_us();
  for (long spent = 0; spent < ms * 1000; spent = now_us() - start) {
    long due = rate * spent / 1000000 - sent;
    if (due < bunch) {
      usleep(STEP_US);
      continue;
    }
    for (; due >= bunch; turn = (turn + 1) % (clients * directions)) {
      int client = turn / directions, is_up = up && turn % directions == 0;
      struct sockaddr_in relay = loopback(relay_ports[client]);
      if (is_up) send_batch(sockets[client], &server, bytes, packet_of(client, bytes, payload), bunch);
      else send_batch(peer, &relay, bytes, payload, bunch);
      sent += bunch, due -= bunch;
    }
  }
  start = now_us() - start;
  /* What is under way still counts: until a while passes without any. */
  do before = atomic_load(&got), usleep(DRAIN_US);
  while (atomic_load(&got) != before);
  atomic_store(&receiving, 0);
  pthread_join(receiver, NULL);
  printf("ran %ld %ld %ld\n", sent, atomic_load(&got), start);
}

int main(int count, char **words) {
  static char line[2 * MAX_PACKET + 64], hex[2 * MAX_PACKET + 1];
  int client, payload, bunch, up, down;
  long rate, ms;
  if (count != 3) return 1;
  server_port = atoi(words[1]), clients = atoi(words[2]);
  if (clients < 1 || clients > MAX_CLIENTS) return 1;
  for (int at = 0; at < clients; at++) sockets[at] = open_socket();
  peer = open_socket();
  setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    if (sscanf(line, "ask %d %4096s", &client, hex) == 2) ask(client, hex);
    else if (sscanf(line, "prefix %d %128s", &client, hex) == 2)
      prefix_sizes[client] = from_hex(hex, prefixes[client], MAX_PREFIX), puts("ok");
    else if (sscanf(line, "learn %d", &client) == 1) learn(client);
    else if (sscanf(line, "run %ld %ld %d %d %d %d", &rate, &ms, &payload, &bunch, &up, &down) == 6)
      run(rate, ms, payload, bunch < MAX_BUNCH ? bunch : MAX_BUNCH, up, down);
    else {
      printf("ports %d", port_of(peer));
      for (int at = 0; at < clients; at++) printf(" %d", port_of(sockets[at]));
      puts("");
    }
  }
  return 0;
}
