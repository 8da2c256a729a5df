// SPDX-License-Identifier: Apache-2.0
/*
 * `bulkhead doctor` in three steps: gather facts (doctor_facts.c, touches the machine), judge them
 * (doctor_*_rules.c, pure), print the findings (doctor.c).
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "abi/hv/bulkhead.h"
#include "cli/platform.h"

enum verdict {
	VERDICT_OK,
	VERDICT_WARN, /* works, but something is missing that somebody will want */
	VERDICT_FAIL, /* Bulkhead cannot be used like this */
	VERDICT_SKIP, /* makes no sense before something else is cured */
};

#define FINDING_NAME_SIZE 40u
#define FINDING_TEXT_SIZE 256u

struct finding {
	enum verdict verdict;
	char name[FINDING_NAME_SIZE];
	char meaning[FINDING_TEXT_SIZE]; /* what is, and what it means */
	char advice[FINDING_TEXT_SIZE];  /* what to do; empty if there is nothing to do */
};

#define FINDINGS_MAX 64u

struct findings {
	struct finding list[FINDINGS_MAX];
	size_t count;
};

/* What became of opening a file or device: 0, or an errno. */
struct device_fact {
	const char *path;
	int error;
};

#define DOCTOR_DEVICES 4u

struct doctor_facts {
	struct platform_leaves leaves;
	const char *config_path; /* where the configuration came from, NULL: not found */
	char *config;            /* its text */
	size_t config_length;
	int device_error; /* errno of opening /dev/mshv, 0: open */
	int log_error;    /* errno of reading the log, 0: read */
	unsigned int log_status;
	bool log_damaged;
	unsigned int log_errors, log_warnings; /* messages of these levels */
	int integrity_error; /* errno of asking the hypervisor to check itself, 0: asked */
	unsigned int integrity_status;
	struct bulkhead_integrity integrity; /* what it found */
	bool statistics;                     /* /sys/kernel/debug/mshv is there */
	struct device_fact devices[DOCTOR_DEVICES];
};

/* Look at the machine. Never fails: what cannot be seen is a fact. */
void doctor_gather(struct doctor_facts *facts);
void doctor_release(struct doctor_facts *facts);

/* Judge the facts; findings appear in the order in which they should be cured. Pure. */
void doctor_judge(const struct doctor_facts *facts, struct findings *findings);

/* Parts of doctor_judge(): CPUID; the kernel's configuration; devices and what they answered. */
void doctor_judge_processor(const struct doctor_facts *facts, struct findings *findings);
void doctor_judge_kernel(const struct doctor_facts *facts, struct findings *findings);
void doctor_judge_devices(const struct doctor_facts *facts, struct findings *findings);

/* Append a finding; texts are cut at their size, findings beyond FINDINGS_MAX are dropped. */
void findings_add(struct findings *findings, enum verdict verdict, const char *name,
		  const char *advice, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* How many findings have `verdict`. */
size_t findings_count(const struct findings *findings, enum verdict verdict);

#endif
