// SPDX-License-Identifier: Apache-2.0
/* `bulkhead list`: the machines that run. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "cli/output.h"

static const char *const shown[] = {"name", "pid", "cpus", "memory", "console"};

#define SHOWN (sizeof(shown) / sizeof(shown[0]))

/* What a machine says of itself, or NULL if none of that name runs. */
static json_t *ask(const char *name)
{
	int fd = machine_connect(name);
	json_t *reply = NULL;

	if (fd < 0)
		return NULL;
	reply = machine_ask(fd, json_pack("{s:s}", "do", "stat"));
	close(fd);
	return reply;
}

static void print_text(const json_t *machine)
{
	const char *name = json_string_value(json_object_get(machine, "name"));
	const char *console = json_string_value(json_object_get(machine, "console"));

	if (!name || !console)
		return;
	output_text(stdout, name, strlen(name));
	printf("%*s %7" JSON_INTEGER_FORMAT " %4" JSON_INTEGER_FORMAT " %6" JSON_INTEGER_FORMAT
	       " MiB  ",
	       strlen(name) < 16 ? 16 - (int)strlen(name) : 0, "",
	       json_integer_value(json_object_get(machine, "pid")),
	       json_integer_value(json_object_get(machine, "cpus")),
	       json_integer_value(json_object_get(machine, "memory")) >> 20);
	output_text(stdout, console, strlen(console));
	putchar('\n');
}

static void print_json(const json_t *machine, bool first)
{
	json_t *row = json_object();

	for (size_t i = 0; i < SHOWN; i++)
		json_object_set(row, shown[i], json_object_get(machine, shown[i]));
	fputs(first ? "\n" : ",\n", stdout);
	json_dumpf(row, stdout, JSON_COMPACT);
	json_decref(row);
}

static int run(const struct command *self, int argc, char **argv)
{
	enum output_format format = OUTPUT_TEXT;
	int code = options_parse(self, argc, argv, 0, &format);
	struct machine_names list;
	size_t count = 0;

	if (code != OPTIONS_GO_ON)
		return code;
	if (!machine_names(&list)) {
		complain(self, "cannot look for machines: %s", strerror(errno));
		machine_names_free(&list);
		return EXIT_FAILED;
	}
	if (format == OUTPUT_JSON)
		putchar('[');
	for (size_t i = 0; i < list.count; i++) {
		json_t *machine = ask(list.names[i]);

		if (machine && format == OUTPUT_JSON)
			print_json(machine, count == 0);
		else if (machine)
			print_text(machine);
		count += machine != NULL;
		json_decref(machine);
	}
	if (format == OUTPUT_JSON)
		puts(count ? "\n]" : "]");
	machine_names_free(&list);
	return finish_output(self, EXIT_DONE);
}

const struct command list_command = {
	.name = "list",
	.arguments = "[-o FORMAT]",
	.summary = "list the machines that run",
	.help = "List the machines that run: name, process, processors, memory, and where the "
		"console is.\n\n"
		"  -o, --output FORMAT  text (the default) or json: an array of objects\n"
		"  -h, --help           this text\n",
	.run = run,
};
