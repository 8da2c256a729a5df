// SPDX-License-Identifier: Apache-2.0
/* What the subcommands of `bulkhead` share: the table's row, exit codes, and how to complain. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>

enum exit_code {
	EXIT_DONE = 0,
	EXIT_FAILED = 1, /* what was asked for did not work, or `doctor` found a failure */
	EXIT_USAGE = 2,  /* the command line makes no sense */
	EXIT_UNAVAILABLE =
		3, /* this is no root partition of Bulkhead, or /dev/mshv is out of reach */
};

struct command {
	const char *name;
	const char *arguments; /* as in "usage: bulkhead NAME ARGUMENTS" */
	const char *summary;   /* one line, for the list of commands */
	const char *help;      /* what `bulkhead NAME --help` says below the usage line */
	/* argv[0] is the command's name. Returns an enum exit_code. */
	int (*run)(const struct command *self, int argc, char **argv);
};

extern const struct command log_command;
extern const struct command counters_command;
extern const struct command doctor_command;
extern const struct command list_command;
extern const struct command run_command;
extern const struct command stat_command;
extern const struct command stop_command;
extern const struct command version_command;

/* Print "bulkhead NAME: ..." and a newline to stderr. */
void complain(const struct command *self, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Print the usage of a command to stdout and return EXIT_DONE (asked for by --help). */
int print_help(const struct command *self);

/* Say on stderr where help is and return EXIT_USAGE; the reason has been complained about. */
int usage_error(const struct command *self);

/* Flush stdout and return `code`, or EXIT_FAILED with a complaint when writing failed. */
int finish_output(const struct command *self, int code);

#endif
