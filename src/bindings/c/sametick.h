/*
 * sametick.h: a program in C or C++ takes part in a Sametick session.
 *
 * One header, C99, no dependency. It speaks to a bridge on this machine, which has to run:
 *
 *   npx sametick bridge --server ws://127.0.0.1:4600/lesson
 *
 * In exactly one file of the program, before it is included:
 *
 *   #define SAMETICK_IMPLEMENTATION
 *   #include "sametick.h"
 *
 * The skeleton of a program, after "Symmetric Distributed Applications" (Sant'Anna, Santos, Rodriguez, 2021):
 *
 *   if (mid_connect(10000, 40) < 0) { fprintf(stderr, "%s\n", mid_error()); return 1; }
 *   for (;;) {
 *     uint64_t now; int32_t evt;
 *     if (mid_wait(&now, &evt) < 0) break;   // an event, or 0: the tick
 *     switch (evt) { ... }                    // the state changes here, and by nothing else
 *     if (key_was_pressed) mid_emit(5);       // it comes back as an event, everywhere at one tick
 *   }
 *   mid_disconnect();
 *
 * A program has one connection. The functions may be called from one thread at a time. On Windows link with ws2_32.
 *
 * Licence: Apache-2.0
 */
#ifndef SAMETICK_H
#define SAMETICK_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a function returns that did not succeed; mid_error() says the rest in words. */
enum {
  MID_CLOSED = -1,  /* the bridge has gone, or cut this program off */
  MID_ENDED = -2,   /* the session has ended, or this program has left it */
  MID_REFUSED = -3, /* the session does not take this program */
  MID_BUSY = -4,    /* more was emitted than can be taken now: emit it again later */
  MID_USAGE = -5,   /* not connected, or a number that cannot be */
  MID_SYSTEM = -6,  /* the system could not do it */
  MID_DAMAGED = -7  /* what came is no message of a bridge */
};

/* What mid_next sees beside ticks (0) and events (above 0). */
enum {
  MID_JOIN = -1, /* player takes part from here on; data is what it said of itself */
  MID_DROP = -2,
  MID_BACK = -3,
  MID_LEAVE = -4, /* player takes part no more; data is why, as text, nothing for of its own will */
  MID_PAUSE = -5,
  MID_RESUME = -6,
  MID_END = -7,
  MID_DENIED = -100 /* an own event will not come; data is why, as text. In this instance only */
};

typedef struct {
  uint64_t now;     /* milliseconds since tick 0 */
  uint64_t tick;    /* from 0 */
  int32_t evt;      /* 0 for the tick, which closes it; above 0 for an event; below 0 see above */
  int32_t player;   /* who emitted it, or whom it is about; 0 for the tick */
  const void *data; /* what it carries, valid until the next call */
  uint32_t size;    /* bytes of that */
  int frozen;       /* nothing may run now: this is the last tick input once more */
  int32_t slot;     /* of MID_JOIN: the seat, from 0 */
} mid_input;

/* Connect to the bridge at a port of this machine. Waits until the session has taken this program in. Returns its
 * number among the players, from 1, or a code below 0. */
int mid_connect(uint16_t port, int fps);

/* Wait for the next event or tick. While the session is frozen it stays pending. Returns 0, or a code below 0. */
int mid_wait(uint64_t *now, int32_t *evt);

/* Emit an event, above 0, without a payload or with one of up to 65,536 bytes. Never waits. Returns 0, or a code
 * below 0. Programs in JavaScript write and read msgpack. */
int mid_emit(int32_t evt);
int mid_emit_data(int32_t evt, const void *data, uint32_t size);

/* Wait for whatever comes next, until nothing has come for so many milliseconds; 0 only looks, below 0 waits without
 * end. Returns 1 with an input, 0 if there is none, or a code below 0. With 0, `in` is the last tick input once more,
 * and `in->frozen` says whether that is so because nothing may run. */
int mid_next(mid_input *in, int timeout_ms);

/* Leave the session. Returns 0, also if there was no connection. */
int mid_disconnect(void);

/* What the last code below 0 was about, in words. Never NULL. */
const char *mid_error(void);

#ifdef __cplusplus
}
#endif

#endif /* SAMETICK_H */

#if defined(SAMETICK_IMPLEMENTATION) && !defined(SAMETICK_IMPLEMENTED)
#define SAMETICK_IMPLEMENTED

#include <string.h>

#ifdef _WIN32
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <winsock2.h>
#ifdef _MSC_VER
#pragma comment(lib, "ws2_32.lib")
#endif
typedef SOCKET mid__socket;
#define MID__NO_SOCKET INVALID_SOCKET
#define MID__CLOSE closesocket
#define MID__SEND_FLAGS 0
#define MID__SEND_ONLY SD_SEND
#else
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
typedef int mid__socket;
#define MID__NO_SOCKET (-1)
#define MID__CLOSE close
#ifdef MSG_NOSIGNAL
#define MID__SEND_FLAGS MSG_NOSIGNAL
#else
#define MID__SEND_FLAGS 0
#endif
#define MID__SEND_ONLY SHUT_WR
#endif

/* The payload of an event, and what stands before it. */
#define MID__PAYLOAD_MAX 65536u
#define MID__MESSAGE_MAX (MID__PAYLOAD_MAX + 64u)
/* Two of the largest messages: whatever came may be taken before there is room for more. */
#define MID__BUFFER (2u * MID__MESSAGE_MAX)
/* How often a bridge that has nothing to say is asked before a program stops waiting for its goodbye. */
#define MID__GOODBYE_MS 250

enum { MID__HELLO = 1, MID__EMIT = 2, MID__RAN = 3, MID__LEAVE = 5 };
enum { MID__WELCOME = 65, MID__INPUT = 68, MID__STATUS = 69, MID__DENIED = 71, MID__ENDED = 73 };

static struct {
  mid__socket socket;
  int connected;
  int over; /* what all calls return once it is over */
  int frozen;
  int32_t player;
  int32_t window;
  int64_t given;    /* the last tick that was given to the program, -1 for none */
  int64_t ran;      /* the last tick that the bridge knows to be run */
  uint64_t now;     /* of the tick that was given last */
  uint32_t in_from; /* what came and was not taken */
  uint32_t in_to;
  uint32_t out_to; /* what waits to leave */
  char words[256];
  uint8_t in[MID__BUFFER];
  uint8_t out[MID__BUFFER];
} mid__;

static void mid__put32(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)(value >> 24);
  at[1] = (uint8_t)(value >> 16);
  at[2] = (uint8_t)(value >> 8);
  at[3] = (uint8_t)value;
}

static void mid__put64(uint8_t *at, uint64_t value) {
  mid__put32(at, (uint32_t)(value >> 32));
  mid__put32(at + 4, (uint32_t)value);
}

static uint32_t mid__get32(const uint8_t *at) {
  return ((uint32_t)at[0] << 24) | ((uint32_t)at[1] << 16) | ((uint32_t)at[2] << 8) | (uint32_t)at[3];
}

static uint64_t mid__get64(const uint8_t *at) {
  return ((uint64_t)mid__get32(at) << 32) | mid__get32(at + 4);
}

/* A number of 32 bits with its sign, without relying on how a machine converts. */
static int32_t mid__signed(uint32_t value) {
  return value <= 0x7fffffffu ? (int32_t)value : -(int32_t)(0xffffffffu - value) - 1;
}

static int mid__fail(int code, const char *words) {
  size_t n = strlen(words);
  if (n >= sizeof mid__.words) n = sizeof mid__.words - 1;
  memcpy(mid__.words, words, n);
  mid__.words[n] = '\0';
  return code;
}

static void mid__hang_up(void) {
  if (mid__.connected) MID__CLOSE(mid__.socket);
  mid__.socket = MID__NO_SOCKET;
  mid__.connected = 0;
}

/* It is over: from here on every call says why, and none of them waits. */
static int mid__finish(int code, const char *words) {
  mid__hang_up();
  mid__.over = code;
  return mid__fail(code, words);
}

static int mid__lost(void) {
  return mid__finish(MID_CLOSED, "The bridge closed the connection: look at what it printed.");
}

/* Whether the last call only had to be made again, or could do nothing at this moment. */
static int mid__was_early(void) {
#ifdef _WIN32
  int code = WSAGetLastError();
  return code == WSAEWOULDBLOCK || code == WSAEINTR;
#else
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
#endif
}

/* Send what waits, as far as the system takes it. */
static int mid__flush(void) {
  uint32_t sent = 0;
  while (sent < mid__.out_to) {
#ifdef _WIN32
    int n = send(mid__.socket, (const char *)mid__.out + sent, (int)(mid__.out_to - sent), MID__SEND_FLAGS);
#else
    ssize_t n = send(mid__.socket, mid__.out + sent, mid__.out_to - sent, MID__SEND_FLAGS);
#endif
    if (n > 0) {
      sent += (uint32_t)n;
    } else {
      /* What came before the end may still be read: that says why. */
      if (n < 0 && !mid__was_early()) sent = mid__.out_to;
      break;
    }
  }
  mid__.out_to -= sent;
  if (sent > 0 && mid__.out_to > 0) memmove(mid__.out, mid__.out + sent, mid__.out_to);
  return 0;
}

/* Room for a message of so many bytes, its length and type written; NULL if there is none at this moment. */
static uint8_t *mid__message(uint8_t type, uint32_t fields) {
  uint8_t *at;
  if (mid__.out_to + 5 + fields > MID__BUFFER) mid__flush();
  if (mid__.out_to + 5 + fields > MID__BUFFER) return NULL;
  at = mid__.out + mid__.out_to;
  mid__put32(at, 1 + fields);
  at[4] = type;
  mid__.out_to += 5 + fields;
  return at + 5;
}

/* Wait until something can be read, or what waits can be sent. Returns 1, 0 if the time is over, or a code. */
static int mid__await(int timeout_ms) {
  for (;;) {
#ifdef _WIN32
    struct timeval time;
    fd_set readable, writable;
    int n;
    FD_ZERO(&readable);
    FD_ZERO(&writable);
    FD_SET(mid__.socket, &readable);
    if (mid__.out_to > 0) FD_SET(mid__.socket, &writable);
    time.tv_sec = timeout_ms / 1000;
    time.tv_usec = (timeout_ms % 1000) * 1000;
    n = select(0, &readable, &writable, NULL, timeout_ms < 0 ? NULL : &time);
#else
    struct pollfd fd;
    int n;
    fd.fd = mid__.socket;
    fd.events = (short)(POLLIN | (mid__.out_to > 0 ? POLLOUT : 0));
    fd.revents = 0;
    n = poll(&fd, 1, timeout_ms);
#endif
    if (n >= 0) return n > 0;
    if (!mid__was_early()) return mid__finish(MID_SYSTEM, "The system cannot wait for the bridge.");
  }
}

/* Read what has come. Returns 1, 0 if nothing has, or a code. */
static int mid__receive(void) {
#ifdef _WIN32
  int n;
#else
  ssize_t n;
#endif
  if (mid__.in_from > 0) {
    memmove(mid__.in, mid__.in + mid__.in_from, mid__.in_to - mid__.in_from);
    mid__.in_to -= mid__.in_from;
    mid__.in_from = 0;
  }
#ifdef _WIN32
  n = recv(mid__.socket, (char *)mid__.in + mid__.in_to, (int)(MID__BUFFER - mid__.in_to), 0);
#else
  n = recv(mid__.socket, mid__.in + mid__.in_to, MID__BUFFER - mid__.in_to, 0);
#endif
  if (n > 0) {
    mid__.in_to += (uint32_t)n;
    return 1;
  }
  /* A closed socket reads as nothing, for ever: it is an error, and not asked again. */
  if (n == 0) return mid__lost();
  return mid__was_early() ? 0 : mid__lost();
}

/* The next whole message, its type first, and its length. Returns 1, 0 if there is none yet, or a code. */
static int mid__take(const uint8_t **message, uint32_t *length) {
  uint32_t n;
  if (mid__.in_to - mid__.in_from < 4) return 0;
  n = mid__get32(mid__.in + mid__.in_from);
  if (n < 1 || n > MID__MESSAGE_MAX) return mid__finish(MID_DAMAGED, "What came is no message of a bridge.");
  if (mid__.in_to - mid__.in_from < 4 + n) return 0;
  *message = mid__.in + mid__.in_from + 4;
  *length = n;
  mid__.in_from += 4 + n;
  return 1;
}

/* A field with its length before it, at a place of a message. Returns where it ends, 0 if it does not fit. */
static uint32_t mid__bytes(const uint8_t *m, uint32_t length, uint32_t at, const uint8_t **data, uint32_t *size) {
  if (at == 0 || at > length || length - at < 4) return 0;
  *size = mid__get32(m + at);
  *data = m + at + 4;
  if (*size > length - at - 4) return 0;
  return at + 4 + *size;
}

/* What `ended` says: the code decides what calls return, the words are for people. */
static int mid__on_ended(const uint8_t *m, uint32_t length) {
  const uint8_t *code = NULL, *words = NULL;
  uint32_t code_size = 0, words_size = 0;
  char text[sizeof mid__.words];
  int why = mid__.player > 0 ? MID_CLOSED : MID_REFUSED;
  uint32_t at = mid__bytes(m, length, 1, &code, &code_size);
  at = mid__bytes(m, length, at, &words, &words_size);
  if (at != length) return mid__finish(MID_DAMAGED, "What came is no message of a bridge.");
  if ((code_size == 3 && memcmp(code, "end", 3) == 0) || (code_size == 4 && memcmp(code, "left", 4) == 0))
    why = MID_ENDED;
  if (words_size >= sizeof text) words_size = sizeof text - 1;
  memcpy(text, words, words_size);
  text[words_size] = '\0';
  return mid__finish(why, text);
}

/* Returns 1 if it is something for the program, 0 if it was for this file alone, or a code. */
static int mid__on_message(const uint8_t *m, uint32_t length, mid_input *in) {
  const uint8_t *data = NULL;
  uint32_t size = 0;
  memset(in, 0, sizeof *in);
  switch (m[0]) {
    case MID__WELCOME:
      if (length != 9) break;
      mid__.player = mid__signed(mid__get32(m + 1));
      return 0;
    case MID__STATUS:
      if (length != 10) break;
      mid__.frozen = m[1] == 1;
      return 0;
    case MID__ENDED:
      return mid__on_ended(m, length);
    case MID__DENIED:
      if (mid__bytes(m, length, 5, &data, &size) == 0) break;
      in->evt = MID_DENIED;
      in->player = mid__.player;
      in->tick = mid__.given < 0 ? 0 : (uint64_t)mid__.given;
      in->now = mid__.now;
      in->data = data;
      in->size = size;
      mid__fail(0, "An event was not taken: the session has ended, or too many wait for their tick.");
      return 1;
    case MID__INPUT:
      if (mid__bytes(m, length, 37, &data, &size) != length) break;
      in->tick = mid__get64(m + 1);
      in->now = mid__get64(m + 9);
      in->evt = mid__signed(mid__get32(m + 17));
      in->player = mid__signed(mid__get32(m + 21));
      in->data = data;
      in->size = size;
      if (in->evt == MID_JOIN) {
        if (size < 4) break;
        in->slot = mid__signed(mid__get32(data));
        in->data = data + 4;
        in->size = size - 4;
      }
      if (in->evt == 0) {
        mid__.given = (int64_t)in->tick;
        mid__.now = in->now;
        mid__.frozen = 0;
      }
      return 1;
    default:
      /* Whatever a later bridge says beside these. */
      return 0;
  }
  return mid__finish(MID_DAMAGED, "What came is no message of a bridge.");
}

/* Who asks for more has run what it was given. The bridge is told before the window is used up. */
static void mid__has_run(void) {
  uint8_t *at;
  if (mid__.given - mid__.ran < (mid__.window + 1) / 2) return;
  at = mid__message(MID__RAN, 8);
  if (at == NULL) return;
  mid__put64(at, (uint64_t)mid__.given);
  mid__.ran = mid__.given;
}

/* Wait for something that is for the program; with `in` NULL, until the session has taken it in. */
static int mid__pull(mid_input *in, int timeout_ms, int until_welcome) {
  const uint8_t *message = NULL;
  uint32_t length = 0;
  for (;;) {
    int n = mid__take(&message, &length);
    if (n > 0) n = mid__on_message(message, length, in);
    else if (n == 0) {
      mid__flush();
      n = mid__receive();
      if (n == 0) {
        n = mid__await(timeout_ms);
        if (n == 0) return 0;
      }
      if (n < 0) return n;
      continue;
    }
    if (n < 0 || (n > 0 && !until_welcome)) return n;
    if (until_welcome && mid__.player > 0) return 1;
  }
}

static int mid__say_hello(int fps) {
  static const uint8_t magic[5] = {'S', 'A', 'M', 'E', 1};
  uint8_t *at;
  memcpy(mid__.out, magic, sizeof magic);
  mid__.out_to = sizeof magic;
  at = mid__message(MID__HELLO, 25);
  if (at == NULL) return MID_SYSTEM;
  memset(at, 0, 25);
  mid__put32(at + 1, (uint32_t)fps);
  mid__put32(at + 5, (uint32_t)mid__.window);
  return mid__flush();
}

/* A socket that is connected and never waits. Returns 0, or a code. */
static int mid__dial(uint16_t port) {
  struct sockaddr_in address;
  int one = 1;
#ifdef _WIN32
  u_long nonblocking = 1;
  WSADATA data;
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0) return mid__finish(MID_SYSTEM, "The system has no sockets.");
#endif
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  mid__.socket = socket(AF_INET, SOCK_STREAM, 0);
  if (mid__.socket == MID__NO_SOCKET) return mid__finish(MID_SYSTEM, "The system gives no socket.");
  mid__.connected = 1;
  if (connect(mid__.socket, (struct sockaddr *)&address, sizeof address) != 0)
    return mid__finish(MID_CLOSED, "No bridge answers at that port: start one with npx sametick bridge.");
  setsockopt(mid__.socket, IPPROTO_TCP, TCP_NODELAY, (const char *)&one, sizeof one);
#ifdef _WIN32
  if (ioctlsocket(mid__.socket, FIONBIO, &nonblocking) != 0)
    return mid__finish(MID_SYSTEM, "The system cannot do without waiting.");
#else
#ifdef SO_NOSIGPIPE
  setsockopt(mid__.socket, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one);
#endif
  if (fcntl(mid__.socket, F_SETFL, fcntl(mid__.socket, F_GETFL, 0) | O_NONBLOCK) < 0)
    return mid__finish(MID_SYSTEM, "The system cannot do without waiting.");
#endif
  return 0;
}

int mid_connect(uint16_t port, int fps) {
  mid_input in;
  int code;
  if (fps < 1 || fps > 1000) return mid__fail(MID_USAGE, "Ticks a second are a whole number from 1 to 1000.");
  mid_disconnect();
  mid__.over = 0;
  mid__.frozen = 0;
  mid__.player = 0;
  mid__.given = -1;
  mid__.ran = -1;
  mid__.now = 0;
  mid__.in_from = 0;
  mid__.in_to = 0;
  mid__.out_to = 0;
  mid__.words[0] = '\0';
  /* A quarter of a second: what is stopped for longer makes its instance stand still. */
  mid__.window = fps < 8 ? 2 : fps / 4;
  code = mid__dial(port);
  if (code == 0) code = mid__say_hello(fps);
  if (code == 0) code = mid__pull(&in, -1, 1);
  return code < 0 ? code : (int)mid__.player;
}

int mid_next(mid_input *in, int timeout_ms) {
  int n;
  if (in == NULL) return mid__fail(MID_USAGE, "Give mid_next somewhere to put the input.");
  if (mid__.over != 0) return mid__.over;
  if (!mid__.connected) return mid__fail(MID_USAGE, "Call mid_connect first.");
  mid__has_run();
  n = mid__pull(in, timeout_ms, 0);
  if (n != 0) return n;
  memset(in, 0, sizeof *in);
  in->tick = mid__.given < 0 ? 0 : (uint64_t)mid__.given;
  in->now = mid__.now;
  in->frozen = mid__.frozen;
  return 0;
}

int mid_wait(uint64_t *now, int32_t *evt) {
  mid_input in;
  for (;;) {
    int n = mid_next(&in, -1);
    if (n < 0) return n;
    if (n == 0 || in.evt < 0) continue;
    if (now != NULL) *now = in.now;
    if (evt != NULL) *evt = in.evt;
    return 0;
  }
}

int mid_emit_data(int32_t evt, const void *data, uint32_t size) {
  uint8_t *at;
  if (mid__.over != 0) return mid__.over;
  if (!mid__.connected) return mid__fail(MID_USAGE, "Call mid_connect first.");
  if (evt < 1) return mid__fail(MID_USAGE, "An event is a number above 0.");
  if (size > MID__PAYLOAD_MAX || (size > 0 && data == NULL))
    return mid__fail(MID_USAGE, "A payload has at most 65536 bytes.");
  at = mid__message(MID__EMIT, 8 + size);
  if (at == NULL) return mid__fail(MID_BUSY, "More was emitted than can be taken now: emit it again later.");
  mid__put32(at, (uint32_t)evt);
  mid__put32(at + 4, size);
  if (size > 0) memcpy(at + 8, data, size);
  return mid__flush();
}

int mid_emit(int32_t evt) { return mid_emit_data(evt, NULL, 0); }

int mid_disconnect(void) {
  int waits = 40; /* of a quarter of a second at most, and as a rule of none: a bridge says goodbye at once */
  if (mid__.connected) {
    mid__message(MID__LEAVE, 0);
    while (mid__.out_to > 0 && waits-- > 0 && mid__await(MID__GOODBYE_MS) > 0) mid__flush();
    if (mid__.connected) shutdown(mid__.socket, MID__SEND_ONLY);
    /* A socket that is closed with bytes unread would take what was emitted last along. */
    while (mid__.connected && waits-- > 0) {
      mid__.in_from = mid__.in_to;
      if (mid__receive() == 0 && mid__await(MID__GOODBYE_MS) <= 0) break;
    }
    mid__hang_up();
#ifdef _WIN32
    WSACleanup();
#endif
    mid__fail(0, "");
  }
  mid__.over = 0;
  return 0;
}

const char *mid_error(void) { return mid__.words; }

#endif /* SAMETICK_IMPLEMENTATION */
