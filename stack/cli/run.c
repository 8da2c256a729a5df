// SPDX-License-Identifier: Apache-2.0
/* `bulkhead run`: a machine in the foreground. The worker takes this process over. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "worker/config.h"

static int run(const struct command *self, int argc, char **argv)
{
	struct worker_config config;
	struct problem problem;

	switch (config_parse(&config, argc, argv, "vm", &problem)) {
	case CONFIG_HELP:
		return print_help(self);
	case CONFIG_BAD:
		complain(self, "%s", problem.text);
		return usage_error(self);
	case CONFIG_DONE:
	default:
		break;
	}
	execv(WORKER_PROGRAM, argv);
	complain(self, "cannot run a machine: " WORKER_PROGRAM " does not start (%s)",
		 strerror(errno));
	return EXIT_FAILED;
}

const struct command run_command = {
	.name = "run",
	.arguments = "--kernel FILE [OPTION]...",
	.summary = "run a virtual machine in a child partition",
	.help = "Run a virtual machine until it ends. Its serial port is this terminal, on which\n"
		"Ctrl-] stops it by force.\n\n"
		"      --kernel FILE   a bzImage, an ELF file with a PVH entry, or a Multiboot "
		"image\n"
		"      --initrd FILE   its initial RAM disk\n"
		"      --append TEXT   its command line (default: console=ttyS0)\n"
		"      --memory SIZE   16M to 512G (default: 1G)\n"
		"      --cpus N        1 to 255 (default: 1)\n"
		"      --serial TO     stdio (the default), pty, or a file to append to\n"
		"      --name NAME     what list, stat and stop call it (default: vm and a "
		"number)\n"
		"  -h, --help          this text\n\n"
		"Exit codes: 0 the guest powered off, 1 error, 2 wrong usage, 10 the guest asked "
		"for\n"
		"a reset, 11 it crashed, 12 it was stopped by force. Other ends than the first "
		"are\n"
		"explained in a line on stderr.\n",
	.run = run,
};
