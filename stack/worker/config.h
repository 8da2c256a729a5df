// SPDX-License-Identifier: Apache-2.0
/* What a machine is made of, as `bulkhead run` takes it. Shared by the command and the worker. */
#ifndef WORKER_CONFIG_H
#define WORKER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/problem.h"

#define WORKER_PROGRAM "/usr/libexec/bulkhead/worker"
#define WORKER_RUN     "/run/bulkhead"
#define WORKER_SOCKET  "control" /* in the directory of the machine's name under WORKER_RUN */

#define CONFIG_NAME_MAX 64u

enum worker_exit {
	WORKER_EXIT_POWER_OFF = 0,
	WORKER_EXIT_ERROR = 1,
	WORKER_EXIT_USAGE = 2,
	WORKER_EXIT_RESET = 10,
	WORKER_EXIT_CRASH = 11,
	WORKER_EXIT_FORCED = 12,
};

struct worker_config {
	const char *kernel;
	const char *initrd; /* or NULL */
	const char *append;
	const char *serial; /* "stdio", "pty" or a path */
	char name[CONFIG_NAME_MAX + 1];
	uint64_t memory; /* bytes, a multiple of 2 MiB */
	unsigned int cpus;
};

enum config_result {
	CONFIG_DONE,
	CONFIG_HELP, /* --help was asked for */
	CONFIG_BAD,  /* *problem says what is wrong */
};

/* Whether a machine can be called that: 1..64 of letters, digits, '-', '_' and '.', no '.' first.
 */
bool config_name_valid(const char *name);

/*
 * Parse a size in bytes: a number, optionally with K, M, G or T. Returns false if it is none, or
 * more than 2^63.
 */
bool config_size(const char *text, uint64_t *bytes);

/*
 * Parse argv[1] on; argv[0] is the command. `default_name` is the name without --name. The strings
 * stay argv's.
 */
enum config_result config_parse(struct worker_config *config, int argc, char **argv,
				const char *default_name, struct problem *problem);

#endif
