// SPDX-License-Identifier: Apache-2.0
/* `bulkhead counters`: how often what happened in the hypervisor. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "abi/hv/bulkhead.h"
#include "cli/command.h"
#include "cli/counter_page.h"
#include "cli/hypervisor.h"
#include "cli/options.h"
#include "cli/output.h"

#define DOING "read the hypervisor's counters"

static int read_all(const struct command *self, const struct hypervisor *hv,
		    struct counter_list *list)
{
	_Alignas(8) uint8_t value[HYPERVISOR_VALUE_SIZE];
	int more;

	do {
		enum hv_status status;
		int error = hypervisor_get_property(hv, BULKHEAD_PROPERTY_COUNTERS, list->count,
						    value, &status);

		if (error)
			return hypervisor_refused(self, DOING, error, status);
		more = counter_page_take(list, value, sizeof(value));
	} while (more > 0);
	if (more == -2) {
		complain(self, "cannot " DOING ": %s", strerror(ENOMEM));
		return EXIT_FAILED;
	}
	if (more < 0) {
		complain(self,
			 "cannot " DOING ": what came back from index %zu on contradicts itself; "
			 "install matching versions of hypervisor and command",
			 list->count);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

static bool wanted(const struct bulkhead_counter *counter, const char *prefix)
{
	return strncmp(counter->name, prefix, strlen(prefix)) == 0;
}

/* Print those whose name begins with `prefix`. Returns how many there were. */
static size_t print_text(const struct counter_list *list, const char *prefix)
{
	size_t printed = 0;
	int width = 0;

	for (size_t i = 0; i < list->count; i++) {
		int length = (int)strlen(list->counters[i].name);

		if (wanted(&list->counters[i], prefix) && length > width)
			width = length;
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct bulkhead_counter *counter = &list->counters[i];
		int length = (int)strlen(counter->name);

		if (!wanted(counter, prefix))
			continue;
		output_text(stdout, counter->name, (size_t)length);
		printf("%*s  %12" PRIu64 "\n", width - length, "", counter->value);
		printed++;
	}
	return printed;
}

static size_t print_json(const struct counter_list *list, const char *prefix)
{
	size_t printed = 0;

	putchar('[');
	for (size_t i = 0; i < list->count; i++) {
		const struct bulkhead_counter *counter = &list->counters[i];

		if (!wanted(counter, prefix))
			continue;
		printf("%s\n{\"name\":", printed > 0 ? "," : "");
		output_json_string(stdout, counter->name, strlen(counter->name));
		printf(",\"value\":%" PRIu64 "}", counter->value);
		printed++;
	}
	puts(printed > 0 ? "\n]" : "]");
	return printed;
}

static int show(const struct command *self, enum output_format format, const char *prefix)
{
	struct counter_list list = {0};
	struct hypervisor hv;
	int code = hypervisor_open(&hv, self, DOING);
	size_t printed;

	if (code != EXIT_DONE)
		return code;
	code = read_all(self, &hv, &list);
	hypervisor_close(&hv);
	if (code == EXIT_DONE) {
		counter_list_sort(&list);
		printed = format == OUTPUT_JSON ? print_json(&list, prefix)
						: print_text(&list, prefix);
		code = finish_output(self, EXIT_DONE);
		if (code == EXIT_DONE && printed == 0) {
			complain(self,
				 "no counter's name begins with `%s`; without a prefix all %zu are "
				 "listed",
				 prefix, list.count);
			code = EXIT_FAILED;
		}
	}
	counter_list_free(&list);
	return code;
}

static int run(const struct command *self, int argc, char **argv)
{
	enum output_format format = OUTPUT_TEXT;
	int code = options_parse(self, argc, argv, 1, &format);

	if (code != OPTIONS_GO_ON)
		return code;
	return show(self, format, optind < argc ? argv[optind] : "");
}

const struct command counters_command = {
	.name = "counters",
	.arguments = "[-o FORMAT] [PREFIX]",
	.summary = "print the hypervisor's counters",
	.help = "Print how often what has happened in the hypervisor since it started, sorted by "
		"name.\n"
		"Names begin with their room: exit., hypercall., ... With PREFIX only the counters "
		"whose\n"
		"name begins with it.\n\n"
		"  -o, --output FORMAT  text (the default) or json: an array of {name, value}\n"
		"  -h, --help           this text\n",
	.run = run,
};
