/*
 * A rectangle that everybody steers: Figures 5 and 6 of "Symmetric Distributed Applications" (Sant'Anna, Santos,
 * Rodriguez, 2021), with SDL2. Arrow keys set its direction, space stops it, in every window at the same tick.
 * Escape leaves.
 *
 *   cc -std=c99 rect.c -o rect $(sdl2-config --cflags --libs)
 *   ./rect 10000
 */
#include <stdio.h>
#include <stdlib.h>

#include <SDL.h>

#define SAMETICK_IMPLEMENTATION
#include "sametick.h"

enum { LEFT = 1, RIGHT, UP, DOWN, SPACE };

/* Emit asynchronous inputs (Figure 6). Whatever is pressed changes nothing here: it comes back as an event. */
static int emit_inputs(void) {
  SDL_Event inp;
  while (SDL_PollEvent(&inp)) {
    if (inp.type == SDL_QUIT) return 0;
    if (inp.type == SDL_KEYDOWN && inp.key.repeat == 0) {
      switch (inp.key.keysym.sym) {
        case SDLK_LEFT: { mid_emit(LEFT); break; }
        case SDLK_RIGHT: { mid_emit(RIGHT); break; }
        case SDLK_UP: { mid_emit(UP); break; }
        case SDLK_DOWN: { mid_emit(DOWN); break; }
        case SDLK_SPACE: { mid_emit(SPACE); break; }
        case SDLK_ESCAPE: return 0;
      }
    }
  }
  return 1;
}

int main(int argc, char **argv) {
  const int port = argc > 1 ? atoi(argv[1]) : 10000;
  const int self = mid_connect((uint16_t)port, 40); /* 25 ms ticks */
  if (self < 0) {
    fprintf(stderr, "%s\n", mid_error());
    return 1;
  }
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);

  if (SDL_Init(SDL_INIT_VIDEO) != 0) {
    fprintf(stderr, "%s\n", SDL_GetError());
    return 1;
  }
  char title[64];
  snprintf(title, sizeof title, "Sametick %d", self);
  SDL_Window *win = SDL_CreateWindow(title, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, 400, 300, 0);
  SDL_Renderer *ren = win == NULL ? NULL : SDL_CreateRenderer(win, -1, 0);
  if (ren == NULL) {
    fprintf(stderr, "%s\n", SDL_GetError());
    return 1;
  }
  int x = 10, vx = 0; /* position and    */
  int y = 10, vy = 0; /* speed multiplier */

  for (;;) {
    uint64_t now;
    int32_t evt;
    if (mid_wait(&now, &evt) < 0) {
      fprintf(stderr, "%s\n", mid_error());
      break;
    }

    SDL_SetRenderDrawColor(ren, 0xFF, 0xFF, 0xFF, 0xFF);
    SDL_RenderClear(ren);
    SDL_Rect r = {x, y, 10, 10};
    SDL_SetRenderDrawColor(ren, 0xFF, 0x00, 0x00, 0xFF);
    SDL_RenderFillRect(ren, &r);
    switch (evt) { /* 5 px at 40 FPS: 200 px a second */
      case 0: { x += 5 * vx; y += 5 * vy; break; }
      case SPACE: { vx = 0; vy = 0; break; }
      case LEFT: { vx = -1; vy = 0; break; }
      case RIGHT: { vx = 1; vy = 0; break; }
      case UP: { vx = 0; vy = -1; break; }
      case DOWN: { vx = 0; vy = 1; break; }
    }
    SDL_RenderPresent(ren);
    if (evt > 0) printf("%llu ms: event %d at %d,%d\n", (unsigned long long)now, (int)evt, x, y);

    if (!emit_inputs()) break;
  }

  mid_disconnect();
  SDL_Quit();
  return 0;
}
