// SPDX-License-Identifier: Apache-2.0
/* `bulkhead version`: of this command, and of the interface that the hypervisor shows. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/platform.h"

#ifndef BULKHEAD_VERSION
#error "the build says which version this is"
#endif

static const char *platform_name(enum platform platform)
{
	switch (platform) {
	case PLATFORM_BARE:
		return "none";
	case PLATFORM_OTHER:
		return "other";
	case PLATFORM_CHILD:
		return "child";
	case PLATFORM_L1VH:
		return "l1vh";
	case PLATFORM_ROOT:
	default:
		return "root";
	}
}

static void print_json(const struct platform_leaves *leaves, enum platform platform)
{
	printf("{\"bulkhead\":\"%s\",\"partition\":\"%s\"", BULKHEAD_VERSION,
	       platform_name(platform));
	if (platform >= PLATFORM_CHILD)
		printf(",\"interface\":{\"major\":%u,\"minor\":%u,\"build\":%u}",
		       leaves->version.ebx >> 16, leaves->version.ebx & 0xffff,
		       leaves->version.eax);
	puts("}");
}

static void print_text(const struct platform_leaves *leaves, enum platform platform)
{
	puts("bulkhead " BULKHEAD_VERSION);
	switch (platform) {
	case PLATFORM_BARE:
		puts("no hypervisor runs beneath this Linux");
		break;
	case PLATFORM_OTHER:
		puts("this Linux runs on another hypervisor or on an emulator, not on Bulkhead");
		break;
	case PLATFORM_CHILD:
	case PLATFORM_L1VH:
	case PLATFORM_ROOT:
	default:
		printf("Hyper-V interface %u.%u build %u, seen from %s\n",
		       leaves->version.ebx >> 16, leaves->version.ebx & 0xffff, leaves->version.eax,
		       platform == PLATFORM_ROOT ? "the root partition" : "a child partition");
		break;
	}
}

static int run(const struct command *self, int argc, char **argv)
{
	enum output_format format = OUTPUT_TEXT;
	struct platform_leaves leaves;
	int code = options_parse(self, argc, argv, 0, &format);

	if (code != OPTIONS_GO_ON)
		return code;
	platform_read(&leaves);
	if (format == OUTPUT_JSON)
		print_json(&leaves, platform_identify(&leaves));
	else
		print_text(&leaves, platform_identify(&leaves));
	return finish_output(self, EXIT_DONE);
}

const struct command version_command = {
	.name = "version",
	.arguments = "[-o FORMAT]",
	.summary = "print the versions of this command and of the hypervisor's interface",
	.help = "Print the version of this command, and the version of the Hyper-V interface that "
		"the\n"
		"hypervisor beneath shows. Works everywhere.\n\n"
		"  -o, --output FORMAT  text (the default) or json\n"
		"  -h, --help           this text\n",
	.run = run,
};
