// SPDX-License-Identifier: Apache-2.0
/* `bulkhead stop`: end a running machine. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/machine.h"
#include "cli/options.h"

#define LIMIT 90000 /* ms a guest gets to shut down */

static int stop(const struct command *self, const char *name, bool force)
{
	int fd = machine_connect(name);
	json_t *reply;
	bool done, ended;

	if (fd < 0) {
		complain(self, "no machine called `%s` runs; `bulkhead list` lists those that do",
			 name);
		return EXIT_FAILED;
	}
	reply = machine_ask(fd, json_pack("{s:s, s:b}", "do", "stop", "force", (int)force));
	/* a machine that is gone already answers no more */
	done = !reply || json_is_true(json_object_get(reply, "done"));
	json_decref(reply);
	ended = done && machine_wait_end(fd, LIMIT);
	close(fd);
	if (ended)
		return EXIT_DONE;
	complain(self,
		 done ? "`%s` has not shut down within %d s; --force ends it at once"
		      : "`%s` refused within %d s",
		 name, LIMIT / 1000);
	return EXIT_FAILED;
}

static int run(const struct command *self, int argc, char **argv)
{
	static const struct option options[] = {
		{"force", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	bool force = false;
	int c, code;

	opterr = 0;
	/* options may follow the name */
	while ((c = getopt_long(argc, argv, ":fh", options, NULL)) != -1) {
		switch (c) {
		case 'f':
			force = true;
			break;
		case 'h':
			return print_help(self);
		default:
			return options_error(self, c, argv);
		}
	}
	code = options_words(self, argc, argv, 1);
	if (code != OPTIONS_GO_ON)
		return code;
	if (optind >= argc) {
		complain(self, "which machine? `bulkhead list` lists them");
		return usage_error(self);
	}
	return stop(self, argv[optind], force);
}

const struct command stop_command = {
	.name = "stop",
	.arguments = "NAME [--force]",
	.summary = "shut a running machine down, or end it",
	.help = "Press the power button of a running machine and wait until it has shut down.\n\n"
		"  -f, --force  end it at once instead\n"
		"  -h, --help   this text\n",
	.run = run,
};
