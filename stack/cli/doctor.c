// SPDX-License-Identifier: Apache-2.0
/* `bulkhead doctor`: what is missing, what that means, what to do. */
#include "cli/doctor.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"

static const char *const verdict_names[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_WARN] = "warn",
	[VERDICT_FAIL] = "fail",
	[VERDICT_SKIP] = "skip",
};

static void print_text(const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->list[i];

		printf("%-4s  %s: %s\n", verdict_names[f->verdict], f->name, f->meaning);
		if (f->advice[0] != '\0')
			printf("      -> %s\n", f->advice);
	}
	printf("\n%zu ok, %zu warnings, %zu failures\n", findings_count(findings, VERDICT_OK),
	       findings_count(findings, VERDICT_WARN), findings_count(findings, VERDICT_FAIL));
}

static void print_member(const char *name, const char *text)
{
	printf(",\"%s\":", name);
	output_json_string(stdout, text, strlen(text));
}

static void print_json(const struct findings *findings)
{
	putchar('[');
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *f = &findings->list[i];

		printf("%s\n{\"verdict\":\"%s\"", i > 0 ? "," : "", verdict_names[f->verdict]);
		print_member("check", f->name);
		print_member("meaning", f->meaning);
		if (f->advice[0] != '\0')
			print_member("advice", f->advice);
		putchar('}');
	}
	puts("\n]");
}

static int run(const struct command *self, int argc, char **argv)
{
	static struct findings findings;
	enum output_format format = OUTPUT_TEXT;
	struct doctor_facts facts;
	int code = options_parse(self, argc, argv, 0, &format);

	if (code != OPTIONS_GO_ON)
		return code;
	doctor_gather(&facts);
	doctor_judge(&facts, &findings);
	doctor_release(&facts);
	if (format == OUTPUT_JSON)
		print_json(&findings);
	else
		print_text(&findings);
	return finish_output(self,
			     findings_count(&findings, VERDICT_FAIL) > 0 ? EXIT_FAILED : EXIT_DONE);
}

const struct command doctor_command = {
	.name = "doctor",
	.arguments = "[-o FORMAT]",
	.summary = "check what this machine lacks, and say what to do",
	.help = "Check hypervisor, privileges, kernel options and devices, one line each: ok, warn "
		"(works,\n"
		"but something is missing that somebody will want), fail (Bulkhead cannot be used "
		"like\n"
		"this), skip (makes no sense before something else is cured). Exits with 1 if a "
		"check\n"
		"fails.\n\n"
		"  -o, --output FORMAT  text (the default) or json: an array of {verdict, check, "
		"meaning,\n"
		"                       advice}\n"
		"  -h, --help           this text\n",
	.run = run,
};
