// SPDX-License-Identifier: Apache-2.0
/* The hypervisor's own command line. */
#ifndef BOOT_OPTIONS_H
#define BOOT_OPTIONS_H

#include "core/printk.h"
#include "core/selftest.h"
#include "core/types.h"

struct boot_options {
	enum log_level log; /* log=error|warn|info|debug: what consoles show (default info) */
	bool console_com1;  /* console=com1: mirror the log there also once the root runs */
	bool console_com2;  /* console=com2 */
	bool console_debug; /* console=debug: port 0xe9, on by default where it exists */
	enum selftest test; /* test=...: fail on purpose when the root enables its hypercall page */
};

/*
 * Parse `line`: words separated by blanks, each `name=value`. Returns NULL, or a pointer to the
 * first word in `line` that is not understood.
 */
const char *boot_options_parse(struct boot_options *options, const char *line);

/* What boot_options_parse understands, for people. */
extern const char boot_options_help[];

#endif
