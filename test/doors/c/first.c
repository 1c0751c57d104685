/*
 * An instance in C as programs for the first implementation are written: its protocol by hand, and nothing else. What
 * a freeze repeats it knows by comparing `now` with that of the tick input before.
 */
#include "rules.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int line;

static void give_up(const char *why) {
  fprintf(stderr, "%s\n", why);
  exit(1);
}

static uint32_t read_word(void) {
  uint8_t b[4];
  size_t n = 0;
  while (n < sizeof b) {
    const ssize_t more = recv(line, b + n, sizeof b - n, 0);
    if (more <= 0) give_up("the bridge has closed the socket");
    n += (size_t)more;
  }
  return ((uint32_t)b[0] << 24) | ((uint32_t)b[1] << 16) | ((uint32_t)b[2] << 8) | b[3];
}

static void write_word(uint32_t word) {
  const uint32_t sent = htonl(word);
  if (send(line, &sent, sizeof sent, 0) != (ssize_t)sizeof sent) give_up("the bridge takes nothing more");
}

int main(void) {
  const unsigned long ticks = (unsigned long)door_number("DOOR_TICKS");
  struct sockaddr_in address;
  door_state state = DOOR_START;
  uint64_t last = UINT64_MAX;
  unsigned long tick = 0;
  int frozen = 0;
  door_seed();
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((uint16_t)door_number("DOOR_PORT"));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  line = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(line, (struct sockaddr *)&address, sizeof address) != 0) give_up("no bridge answers");
  write_word((uint32_t)door_number("DOOR_FPS"));
  read_word();
  for (;;) {
    const uint64_t high = read_word();
    const uint64_t now = (high << 32) | read_word();
    const int32_t evt = (int32_t)read_word();
    const int32_t p = (int32_t)read_word();
    read_word();
    read_word();
    if (evt != 0) {
      door_on(&state, evt, p);
      continue;
    }
    if (now == last) {
      if (!frozen) fprintf(stderr, "frozen after tick %lu\n", tick - 1);
      frozen = 1;
      continue;
    }
    frozen = 0;
    last = now;
    door_tick(&state);
    door_report(&state, tick);
    if (++tick >= ticks) break;
    {
      int32_t q = 0;
      const int32_t emitted = door_event(&q);
      if (emitted == 0) continue;
      write_word((uint32_t)emitted);
      write_word((uint32_t)q);
      write_word(0);
      write_word(0);
    }
  }
  return close(line);
}
