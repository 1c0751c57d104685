/* Speaks every function of sametick.h, as the words on the command line say, and says what they return. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAMETICK_IMPLEMENTATION
#include "sametick.h"
/* A second time is no time. */
#include "sametick.h"

static mid_input in;

static void show(int n) {
  if (n < 0) {
    printf("%d %s\n", n, mid_error());
    return;
  }
  printf("%d tick %lu now %lu evt %d player %d slot %d frozen %d data ", n, (unsigned long)in.tick,
         (unsigned long)in.now, (int)in.evt, (int)in.player, (int)in.slot, in.frozen);
  if (in.size > 16) printf("(%lu)\n", (unsigned long)in.size);
  else printf("%.*s\n", (int)in.size, in.size > 0 ? (const char *)in.data : "");
}

/* Until something that is no tick comes, or none at all. */
static int next_event(void) {
  int n;
  do n = mid_next(&in, -1);
  while (n == 1 && in.evt == 0);
  return n;
}

int main(int argc, char **argv) {
  static uint8_t large[65536];
  int i;
  setvbuf(stdout, NULL, _IOLBF, 4096);
  memset(large, 'x', sizeof large);
  for (i = 1; i < argc; i++) {
    const char *word = argv[i];
    if (strcmp(word, "connect") == 0) {
      const int port = atoi(argv[++i]);
      const int n = mid_connect((uint16_t)port, atoi(argv[++i]));
      printf("connect %d %s\n", n, n < 0 ? mid_error() : "");
    } else if (strcmp(word, "wait") == 0) {
      uint64_t now = 0;
      int32_t evt = -1;
      const int n = mid_wait(&now, &evt);
      printf("wait %d now %lu evt %d %s\n", n, (unsigned long)now, (int)evt, n < 0 ? mid_error() : "");
    } else if (strcmp(word, "next") == 0) {
      show(mid_next(&in, atoi(argv[++i])));
    } else if (strcmp(word, "event") == 0) {
      show(next_event());
    } else if (strcmp(word, "frozen") == 0) {
      int n;
      do n = mid_next(&in, 20);
      while (n == 1 || (n == 0 && !in.frozen));
      show(n);
    } else if (strcmp(word, "emit") == 0) {
      printf("emit %d\n", mid_emit(atoi(argv[++i])));
    } else if (strcmp(word, "data") == 0) {
      const char *text = argv[++i];
      printf("data %d\n", mid_emit_data(7, text, (uint32_t)strlen(text)));
    } else if (strcmp(word, "large") == 0) {
      printf("large %d\n", mid_emit_data(8, large, sizeof large));
    } else if (strcmp(word, "flood") == 0) {
      int n;
      do n = mid_emit_data(9, large, sizeof large);
      while (n == 0);
      printf("flood %d %s\n", n, mid_error());
    } else if (strcmp(word, "line") == 0) {
      if (getchar() == EOF) return 3;
    } else if (strcmp(word, "disconnect") == 0) {
      printf("disconnect %d\n", mid_disconnect());
    } else if (strcmp(word, "wrong") == 0) {
      printf("wrong %d %d %d %d\n", mid_emit(0), mid_emit(-1), mid_emit_data(1, large, 65537), mid_next(NULL, 0));
    }
  }
  return 0;
}
