// SPDX-License-Identifier: Apache-2.0
#include "worker/config.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "worker/layout.h"

bool config_name_valid(const char *name)
{
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789-_.");

	return length > 0 && length <= CONFIG_NAME_MAX && name[length] == '\0' && name[0] != '.';
}

bool config_size(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	unsigned long long number;
	unsigned int shift = 0;
	const char *unit;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno)
		return false;
	if (*end) {
		unit = strchr(units, *end);
		if (!unit || end[1])
			return false;
		shift = 10 * (unsigned int)(unit - units + 1);
	}
	if (number > UINT64_C(1) << (63 - shift))
		return false;
	*bytes = (uint64_t)number << shift;
	return true;
}

static bool parse_memory(struct worker_config *config, const char *text, struct problem *problem)
{
	if (!config_size(text, &config->memory) || config->memory < RAM_MIN ||
	    config->memory > RAM_MAX || config->memory % PAGE_SIZE_2M)
		return problem_set(problem,
				   "--memory %s: give 16M to 512G, a multiple of 2 MiB, as in 1G",
				   text);
	return true;
}

static bool parse_cpus(struct worker_config *config, const char *text, struct problem *problem)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || number < 1 || number > VP_MAX)
		return problem_set(problem, "--cpus %s: give 1 to %u", text, VP_MAX);
	config->cpus = (unsigned int)number;
	return true;
}

static bool parse_name(struct worker_config *config, const char *text, struct problem *problem)
{
	if (!config_name_valid(text))
		return problem_set(problem,
				   "--name %.80s: a name has 1 to %u letters, digits, '-', '_' "
				   "and '.', and does not begin with '.'",
				   text, CONFIG_NAME_MAX);
	memcpy(config->name, text, strlen(text) + 1);
	return true;
}

enum option_code {
	OPTION_KERNEL = 1000,
	OPTION_INITRD,
	OPTION_APPEND,
	OPTION_MEMORY,
	OPTION_CPUS,
	OPTION_SERIAL,
	OPTION_NAME,
};

/* Take one option in. Returns false with *problem if its value is wrong. */
static bool take(struct worker_config *config, int option, const char *value,
		 struct problem *problem)
{
	switch (option) {
	case OPTION_KERNEL:
		config->kernel = value;
		return true;
	case OPTION_INITRD:
		config->initrd = value;
		return true;
	case OPTION_APPEND:
		config->append = value;
		return true;
	case OPTION_SERIAL:
		config->serial = value;
		return true;
	case OPTION_MEMORY:
		return parse_memory(config, value, problem);
	case OPTION_CPUS:
		return parse_cpus(config, value, problem);
	case OPTION_NAME:
	default:
		return parse_name(config, value, problem);
	}
}

static enum config_result check(const struct worker_config *config, int argc, char **argv,
				struct problem *problem)
{
	if (optind < argc)
		problem_set(problem, "`%s` is one word too many", argv[optind]);
	else if (!config->kernel)
		problem_set(problem, "which kernel? Give --kernel FILE");
	else if (!*config->serial)
		problem_set(problem, "--serial needs stdio, pty or a file");
	else
		return CONFIG_DONE;
	return CONFIG_BAD;
}

enum config_result config_parse(struct worker_config *config, int argc, char **argv,
				const char *default_name, struct problem *problem)
{
	static const struct option options[] = {
		{"kernel", required_argument, NULL, OPTION_KERNEL},
		{"initrd", required_argument, NULL, OPTION_INITRD},
		{"append", required_argument, NULL, OPTION_APPEND},
		{"memory", required_argument, NULL, OPTION_MEMORY},
		{"cpus", required_argument, NULL, OPTION_CPUS},
		{"serial", required_argument, NULL, OPTION_SERIAL},
		{"name", required_argument, NULL, OPTION_NAME},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	*config = (struct worker_config){
		.append = "console=ttyS0", .serial = "stdio", .memory = GIB, .cpus = 1};
	if (!parse_name(config, default_name, problem))
		return CONFIG_BAD;
	opterr = 0;
	optind = 0; /* begin again, with whatever argv it is now */
	while ((option = getopt_long(argc, argv, "+:h", options, NULL)) != -1) {
		if (option == 'h')
			return CONFIG_HELP;
		if (option == ':' || option == '?') {
			problem_set(problem,
				    option == ':' ? "option %s needs a value"
						  : "option %s is not understood",
				    argv[optind - 1]);
			return CONFIG_BAD;
		}
		if (!take(config, option, optarg, problem))
			return CONFIG_BAD;
	}
	return check(config, argc, argv, problem);
}
