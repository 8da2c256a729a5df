// SPDX-License-Identifier: Apache-2.0
/* `bulkhead log`: the hypervisor's log, once or for as long as somebody looks on. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "abi/hv/bulkhead.h"
#include "cli/command.h"
#include "cli/hypervisor.h"
#include "cli/log_chunk.h"
#include "cli/options.h"
#include "cli/output.h"

#define DOING "read the hypervisor's log"

#define SECOND_100NS 10000000u

/* How long `-f` waits before it asks again: the hypervisor raises no event for new records. */
static const struct timespec follow_interval = {.tv_nsec = 200000000};

struct log_options {
	enum output_format format;
	uint8_t level; /* show this level and the more important ones */
	bool follow;
};

static void print_lost(const struct log_options *options, uint64_t lost, bool first)
{
	if (options->format == OUTPUT_JSON)
		printf("{\"lost\":%" PRIu64 "}\n", lost);
	else
		printf("-- %" PRIu64 " bytes %s --\n", lost,
		       first ? "of older messages have been overwritten"
			     : "lost: overwritten before they could be read");
}

static void print_line(const struct log_options *options, const struct log_line *line)
{
	const char *level = log_level_name(line->level);
	uint64_t seconds = line->time_100ns / SECOND_100NS;
	uint32_t fraction = (uint32_t)(line->time_100ns % SECOND_100NS);

	if (options->format == OUTPUT_JSON) {
		printf("{\"position\":%" PRIu64 ",\"time\":%" PRIu64 ".%07" PRIu32
		       ",\"level\":\"%s\",\"text\":",
		       line->position, seconds, fraction, level);
		output_json_string(stdout, line->text, line->length);
		puts("}");
		return;
	}
	printf("[%5" PRIu64 ".%06" PRIu32 "] ", seconds, fraction / 10);
	if (line->level <= log_level_parse("warn"))
		printf("%s: ", line->level <= log_level_parse("error") ? "error" : "warning");
	output_text(stdout, line->text, line->length);
	putchar('\n');
}

/*
 * Print the chunk at *position and move on. Returns EXIT_DONE, *more telling whether there was
 * anything, or another exit code after complaining.
 */
static int print_chunk(const struct command *self, const struct log_options *options,
		       const struct hypervisor *hv, uint64_t *position, bool *more)
{
	_Alignas(8) uint8_t value[HYPERVISOR_VALUE_SIZE];
	struct log_chunk chunk;
	struct log_line line;
	enum hv_status status;
	int error, taken;

	error = hypervisor_get_property(hv, BULKHEAD_PROPERTY_LOG, *position, value, &status);
	if (error)
		return hypervisor_refused(self, DOING, error, status);
	if (!log_chunk_open(&chunk, value, sizeof(value), *position))
		goto damaged;
	if (chunk.lost > 0)
		print_lost(options, chunk.lost, *position == 0);
	*more = chunk.left > 0;
	while ((taken = log_chunk_next(&chunk, &line)) > 0)
		if (line.level <= options->level)
			print_line(options, &line);
	if (taken < 0)
		goto damaged;
	*position = chunk.next;
	return EXIT_DONE;

damaged:
	complain(self,
		 "cannot " DOING ": what came back at position %" PRIu64
		 " contradicts itself; install matching versions of hypervisor and command",
		 *position);
	return EXIT_FAILED;
}

static int print_log(const struct command *self, const struct log_options *options,
		     const struct hypervisor *hv)
{
	uint64_t position = 0;

	for (;;) {
		bool more = false;
		int code = print_chunk(self, options, hv, &position, &more);

		if (code != EXIT_DONE)
			return code;
		if (more)
			continue;
		code = finish_output(self, EXIT_DONE);
		if (code != EXIT_DONE || !options->follow)
			return code;
		nanosleep(&follow_interval, NULL);
	}
}

static int run(const struct command *self, int argc, char **argv)
{
	static const struct option long_options[] = {
		{"follow", no_argument, NULL, 'f'},
		{"output", required_argument, NULL, 'o'},
		{"level", required_argument, NULL, 'l'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct log_options options = {.level = UINT8_MAX};
	struct hypervisor hv;
	int c, code;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:fo:l:h", long_options, NULL)) != -1) {
		switch (c) {
		case 'f':
			options.follow = true;
			break;
		case 'o':
			code = options_format(self, optarg, &options.format);
			if (code != OPTIONS_GO_ON)
				return code;
			break;
		case 'l':
			options.level = log_level_parse(optarg);
			if (options.level == 0) {
				complain(self,
					 "there is no level `%s`, only error, warn, info and debug",
					 optarg);
				return usage_error(self);
			}
			break;
		case 'h':
			return print_help(self);
		default:
			return options_error(self, c, argv);
		}
	}
	code = options_words(self, argc, argv, 0);
	if (code != OPTIONS_GO_ON)
		return code;
	code = hypervisor_open(&hv, self, DOING);
	if (code != EXIT_DONE)
		return code;
	code = print_log(self, &options, &hv);
	hypervisor_close(&hv);
	return code;
}

const struct command log_command = {
	.name = "log",
	.arguments = "[-f] [-l LEVEL] [-o FORMAT]",
	.summary = "print the hypervisor's log",
	.help = "Print the messages that the hypervisor keeps, the oldest first. The time is in "
		"seconds\n"
		"since the hypervisor started.\n\n"
		"  -f, --follow         go on with new messages as they come, until interrupted\n"
		"  -l, --level LEVEL    only messages as important as LEVEL: error, warn, info, "
		"debug\n"
		"  -o, --output FORMAT  text (the default) or json: an object a line, with "
		"position,\n"
		"                       time, level and text; {\"lost\": BYTES} where messages "
		"were\n"
		"                       overwritten before they could be read\n"
		"  -h, --help           this text\n",
	.run = run,
};
