/* The application that all doors run: the rules of ../rules.ts once more. */
#ifndef DOOR_RULES_H
#define DOOR_RULES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Words without signs: they wrap around where those of all other languages do. */
typedef struct {
  uint32_t x, y, vx, vy, n, h;
} door_state;

static const door_state DOOR_START = {10, 10, 0, 0, 0, 0};

static void door_on(door_state *s, int32_t evt, int32_t p) {
  static const int32_t V[5][2] = {{-1, 0}, {1, 0}, {0, -1}, {0, 1}, {0, 0}};
  const int32_t *v = V[(evt - 1) % 5];
  s->vx = (uint32_t)v[0];
  s->vy = (uint32_t)v[1];
  s->n += 1;
  s->h = s->h * 31u + (uint32_t)evt * 7u + (uint32_t)p;
}

static void door_tick(door_state *s) {
  s->x += 5u * s->vx;
  s->y += 5u * s->vy;
}

static void door_report(const door_state *s, unsigned long tick) {
  const uint32_t words[6] = {s->x, s->y, s->vx, s->vy, s->n, s->h};
  uint32_t d = 0x811c9dc5u;
  int i;
  for (i = 0; i < 6; i++) d = (d ^ words[i]) * 0x01000193u;
  printf("%lu %08lx\n", tick, (unsigned long)d);
}

static uint32_t door_chance;

static uint32_t door_below(uint32_t n) {
  door_chance ^= door_chance << 13;
  door_chance ^= door_chance >> 17;
  door_chance ^= door_chance << 5;
  return door_chance % n;
}

/* What to emit in this tick: 0 for nothing. */
static int32_t door_event(int32_t *p) {
  int32_t evt;
  if (door_below(20) > 0) return 0;
  evt = 1 + (int32_t)door_below(5);
  *p = 1 + (int32_t)door_below(127);
  return evt;
}

static long door_number(const char *name) {
  const char *text = getenv(name);
  if (text == NULL) {
    fprintf(stderr, "%s is not set\n", name);
    exit(2);
  }
  return strtol(text, NULL, 10);
}

static void door_seed(void) {
  /* Whoever is killed has said what it ran. */
  setvbuf(stdout, NULL, _IOLBF, 4096);
  door_chance = ((uint32_t)door_number("DOOR_SEED") * 0x9e3779b1u) ^ 0x5bd1e995u;
  if (door_chance == 0) door_chance = 1;
}

#endif
