// SPDX-License-Identifier: Apache-2.0
/*
 * The end of a broken hypervisor: say what, where and whose fault on every console and in the log,
 * and stop. Nothing a partition does may lead here; a broken partition is parked
 * (partition/partition.h).
 */
#ifndef CORE_PANIC_H
#define CORE_PANIC_H

#include "core/types.h"

void panic(const char *fmt, ...) __noreturn __printf(1, 2);

/* The steps of panic(), for whoever has an exception frame: take all consoles; a second panic just
 * stops. */
void panic_begin(void);

/* Print the chain of calls that led to `rip`, whose frame pointer was `frame`. */
void panic_backtrace(uint64_t rip, uint64_t frame);

/* Check what must hold by construction; never what a guest can influence. */
#define ASSERT(cond)                                                                     \
	do {                                                                             \
		if (__builtin_expect(!(cond), 0))                                        \
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond); \
	} while (0)

#endif
