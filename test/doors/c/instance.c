/* An instance in C, over sametick.h. */
#define SAMETICK_IMPLEMENTATION
#include "sametick.h"

#include "rules.h"

int main(void) {
  const unsigned long ticks = (unsigned long)door_number("DOOR_TICKS");
  door_state state = DOOR_START;
  mid_input in;
  door_seed();
  if (mid_connect((uint16_t)door_number("DOOR_PORT"), (int)door_number("DOOR_FPS")) < 0) {
    fprintf(stderr, "%s\n", mid_error());
    return 1;
  }
  for (;;) {
    int n = mid_next(&in, -1);
    if (n < 0) {
      fprintf(stderr, "%d: %s\n", n, mid_error());
      return 1;
    }
    if (in.evt > 0) {
      /* A list of three small numbers in msgpack. */
      const uint8_t *data = (const uint8_t *)in.data;
      door_on(&state, in.evt, in.size == 4 ? data[1] : 0);
    }
    if (in.evt != 0) continue;
    door_tick(&state);
    door_report(&state, (unsigned long)in.tick);
    if (in.tick + 1 >= ticks) break;
    {
      int32_t p = 0;
      const int32_t evt = door_event(&p);
      uint8_t payload[4] = {0x93, 0, 0, 0};
      payload[1] = (uint8_t)p;
      if (evt != 0 && mid_emit_data(evt, payload, sizeof payload) < 0) fprintf(stderr, "%s\n", mid_error());
    }
  }
  return mid_disconnect();
}
