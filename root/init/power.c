// SPDX-License-Identifier: Apache-2.0
/* poweroff, reboot and halt: one program, which of them is in its name. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

static const struct verb {
	const char *name, *meaning;
	int signal, command;
} verbs[] = {
	{"poweroff", "switch the machine off", SIGUSR2, RB_POWER_OFF},
	{"reboot", "start the machine again", SIGTERM, RB_AUTOBOOT},
	{"halt", "stop the machine", SIGUSR1, (int)RB_HALT_SYSTEM},
};

static const struct verb *find_verb(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (!strcmp(name, verbs[i].name))
			return &verbs[i];
	return &verbs[0];
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"force", no_argument, NULL, 'f'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const struct verb *verb = find_verb(argv[0]);
	bool force = false;
	int option;

	while ((option = getopt_long(argc, argv, "fh", options, NULL)) != -1) {
		if (option == 'f') {
			force = true;
			continue;
		}
		fprintf(option == 'h' ? stdout : stderr,
			"usage: %s [-f]\n%s; with -f at once, without ending processes first\n",
			verb->name, verb->meaning);
		return option == 'h' ? 0 : 2;
	}
	/* The end of the machine must not become the end of this command before it has succeeded.
	 */
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (force) {
		sync();
		reboot(verb->command);
	} else if (!kill(1, verb->signal)) {
		return 0;
	}
	fprintf(stderr, "%s: %s\n", verb->name, strerror(errno));
	return 1;
}
