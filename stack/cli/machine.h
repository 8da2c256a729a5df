// SPDX-License-Identifier: Apache-2.0
/* Running machines, found by their sockets under WORKER_RUN and asked through them. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* The names of all directories under WORKER_RUN, sorted; free with machine_names_free(). */
struct machine_names {
	char **names;
	size_t count;
};

/* Returns false if the directory cannot be read or memory is short; one that is not there is empty.
 */
bool machine_names(struct machine_names *list);
void machine_names_free(struct machine_names *list);

/* Connect to the machine `name`. Returns the socket, or -1 if no machine of that name runs. */
int machine_connect(const char *name);

/* Send `request`, which is given up, and wait for the answer. Returns it, or NULL if none came. */
json_t *machine_ask(int fd, json_t *request);

/* Wait until the machine at the other end of `fd` has ended, at most `ms`. Returns whether it has.
 */
bool machine_wait_end(int fd, int ms);

#endif
