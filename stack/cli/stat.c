// SPDX-License-Identifier: Apache-2.0
/* `bulkhead stat`: what a running machine has done so far. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "cli/output.h"

#define COLUMN 40

static void print_value(const char *prefix, const char *name, const json_t *value)
{
	int width = printf("%s%s", prefix, *prefix ? "." : "");

	output_text(stdout, name, strlen(name));
	width += (int)strlen(name);
	printf("%*s ", width < COLUMN ? COLUMN - width : 0, "");
	if (json_is_integer(value)) {
		printf("%" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
		return;
	}
	output_text(stdout, json_string_value(value), json_string_length(value));
	putchar('\n');
}

static void print_text(json_t *machine)
{
	const char *name, *inner_name;
	json_t *value, *inner;

	json_object_foreach(machine, name, value)
	{
		if (json_is_integer(value) || json_is_string(value))
			print_value("", name, value);
		json_object_foreach(value, inner_name, inner)
		{
			if (json_is_integer(inner))
				print_value(name, inner_name, inner);
		}
	}
}

static int run(const struct command *self, int argc, char **argv)
{
	enum output_format format = OUTPUT_TEXT;
	int code = options_parse(self, argc, argv, 1, &format), fd;
	json_t *machine;

	if (code != OPTIONS_GO_ON)
		return code;
	if (optind >= argc) {
		complain(self, "which machine? `bulkhead list` lists them");
		return usage_error(self);
	}
	fd = machine_connect(argv[optind]);
	if (fd < 0) {
		complain(self, "no machine called `%s` runs; `bulkhead list` lists those that do",
			 argv[optind]);
		return EXIT_FAILED;
	}
	machine = machine_ask(fd, json_pack("{s:s}", "do", "stat"));
	close(fd);
	if (!machine) {
		complain(self, "the machine `%s` does not answer", argv[optind]);
		return EXIT_FAILED;
	}
	if (format == OUTPUT_JSON) {
		json_dumpf(machine, stdout, JSON_INDENT(1));
		putchar('\n');
	} else {
		print_text(machine);
	}
	json_decref(machine);
	return finish_output(self, EXIT_DONE);
}

const struct command stat_command = {
	.name = "stat",
	.arguments = "[-o FORMAT] NAME",
	.summary = "print what a running machine has done so far",
	.help = "Print what a running machine is and has done: processor time in nanoseconds, "
		"pages "
		"of\n"
		"memory that exist, how often its processors' threads came back to the worker, "
		"exits\n"
		"by reason, hypercalls by name.\n\n"
		"  -o, --output FORMAT  text (the default) or json: an object\n"
		"  -h, --help           this text\n",
	.run = run,
};
