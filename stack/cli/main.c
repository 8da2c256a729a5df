// SPDX-License-Identifier: Apache-2.0
/* `bulkhead`: what a person in the root partition has of the hypervisor. One file per command. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const struct command *const commands[] = {
	&run_command, &list_command,     &stat_command,   &stop_command,
	&log_command, &counters_command, &doctor_command, &version_command,
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

void complain(const struct command *self, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "bulkhead %s: ", self->name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	putc('\n', stderr);
}

int print_help(const struct command *self)
{
	printf("usage: bulkhead %s%s%s\n\n%s", self->name, *self->arguments ? " " : "",
	       self->arguments, self->help);
	return finish_output(self, EXIT_DONE);
}

int usage_error(const struct command *self)
{
	fprintf(stderr, "Try `bulkhead %s --help`.\n", self->name);
	return EXIT_USAGE;
}

int finish_output(const struct command *self, int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	complain(self, "cannot write the output: %s", strerror(errno));
	return EXIT_FAILED;
}

static void print_commands(FILE *out)
{
	fputs("usage: bulkhead COMMAND [OPTION]...\n\n"
	      "Run virtual machines on the Bulkhead hypervisor, and look into it.\n\n",
	      out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fputs("\n`bulkhead COMMAND --help` says more about a command. Exit codes: 0 done, 1 "
	      "failed,\n"
	      "2 wrong usage, 3 not in a root partition of Bulkhead.\n",
	      out);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		print_commands(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		command = argc > 2 ? find(argv[2]) : NULL;
		if (command)
			return print_help(command);
		print_commands(stdout);
		return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
	}
	command = find(strcmp(argv[1], "--version") == 0 ? "version" : argv[1]);
	if (!command) {
		fprintf(stderr,
			"bulkhead: there is no command `%s`; `bulkhead --help` lists them.\n",
			argv[1]);
		return EXIT_USAGE;
	}
	return command->run(command, argc - 1, argv + 1);
}
