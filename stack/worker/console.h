// SPDX-License-Identifier: Apache-2.0
/* What the guest's serial port is connected to: this terminal, a pseudo terminal, or a file. */
#ifndef WORKER_CONSOLE_H
#define WORKER_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

#include "worker/problem.h"

#define CONSOLE_ESCAPE 0x1d /* Ctrl-], on a terminal of our own */

struct console {
	int in; /* -1: nothing to read any more */
	int out;
	bool lossy;    /* nobody needs to read it: what does not go out is dropped */
	bool terminal; /* `in` is a terminal that has been made raw */
	struct termios saved;
	char path[64]; /* of the pseudo terminal, or empty */
};

/* Connect to what --serial says. Returns false with *problem. */
bool console_open(struct console *console, const char *serial, struct problem *problem);

/* Make the terminal as it was. */
void console_close(struct console *console);

/*
 * Write up to `count` bytes without waiting long. Returns how many are done with; 0 when it has to
 * be tried again.
 */
size_t console_write(struct console *console, const void *bytes, size_t count);

/* Read up to `count` bytes; 0 when there are none now. At the end of the input `in` becomes -1. */
size_t console_read(struct console *console, void *bytes, size_t count);

#endif
