// SPDX-License-Identifier: Apache-2.0
#include <stdarg.h>
#include <stdio.h>

#include "cli/doctor.h"

void findings_add(struct findings *findings, enum verdict verdict, const char *name,
		  const char *advice, const char *fmt, ...)
{
	struct finding *finding;
	va_list args;

	if (findings->count >= FINDINGS_MAX)
		return;
	finding = &findings->list[findings->count++];
	finding->verdict = verdict;
	snprintf(finding->name, sizeof(finding->name), "%s", name);
	snprintf(finding->advice, sizeof(finding->advice), "%s", advice ? advice : "");
	va_start(args, fmt);
	vsnprintf(finding->meaning, sizeof(finding->meaning), fmt, args);
	va_end(args);
}

size_t findings_count(const struct findings *findings, enum verdict verdict)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->list[i].verdict == verdict;
	return count;
}

void doctor_judge(const struct doctor_facts *facts, struct findings *findings)
{
	findings->count = 0;
	doctor_judge_processor(facts, findings);
	doctor_judge_kernel(facts, findings);
	doctor_judge_devices(facts, findings);
}
