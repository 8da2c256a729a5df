// SPDX-License-Identifier: Apache-2.0
/*
 * The socket at which a machine can be asked and told: a line of JSON in, a line out. A connection
 * may stay open; it ends with the machine.
 */
#ifndef WORKER_CONTROL_H
#define WORKER_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "worker/console.h"
#include "worker/machine.h"

#define CONTROL_CLIENTS 16u
#define CONTROL_LINE    1024u /* bytes of a request */
#define CONTROL_FDS     (CONTROL_CLIENTS + 1)

struct control_client {
	int fd; /* -1: free */
	size_t used;
	char line[CONTROL_LINE];
};

struct control {
	struct machine *machine;
	const struct console *console;
	int listener;
	char directory[128];
	struct control_client clients[CONTROL_CLIENTS];
};

/*
 * Take the machine's name: make its directory and listen in it. Fails if a machine that runs has
 * the name; what a dead one left is taken over.
 */
bool control_open(struct control *control, struct machine *machine, const struct console *console,
		  const char *name, struct problem *problem);

/* Fill in what to wait for. Returns the number of entries, at most CONTROL_FDS. */
unsigned int control_poll(const struct control *control, struct pollfd fds[CONTROL_FDS]);

/* Serve what is ready. */
void control_serve(struct control *control, const struct pollfd *fds, unsigned int count);

/* Close all connections and give up the name. */
void control_close(struct control *control);

#endif
