// SPDX-License-Identifier: Apache-2.0
/* Ways to break the hypervisor on purpose (option test=), so that what guards it can be seen to
 * work. */
#ifndef CORE_SELFTEST_H
#define CORE_SELFTEST_H

enum selftest {
	SELFTEST_NONE,
	SELFTEST_PANIC,          /* an invalid instruction */
	SELFTEST_WRITE_TEXT,     /* store into code */
	SELFTEST_WRITE_RODATA,   /* store into constants */
	SELFTEST_EXECUTE_DATA,   /* call into data */
	SELFTEST_OVERFLOW_STACK, /* recurse until the stack is used up */
	SELFTEST_SMASH_STACK,    /* write beyond a local array */
};

/* Do it. Every one of them ends in a panic; returns only for SELFTEST_NONE. */
void selftest_run(enum selftest which);

#endif
