// SPDX-License-Identifier: Apache-2.0
/*
 * Counters that describe themselves: declared beside the code that bumps them, found by the linker,
 * shown by `bulkhead counters` without anybody listing them.
 */
#ifndef CORE_COUNTER_H
#define CORE_COUNTER_H

#include "core/types.h"

struct counter {
	const char *name; /* dotted, the room first: "exit.cpuid" */
	uint64_t value;
} __aligned(16);

/* Define the file-local counter `var`, shown as `name`. */
#define COUNTER(var, text) \
	static struct counter var __used __attribute__((section("counters"))) = {.name = text}

static inline void counter_inc(struct counter *c)
{
	__atomic_fetch_add(&c->value, 1, __ATOMIC_RELAXED);
}

static inline uint64_t counter_read(const struct counter *c)
{
	return __atomic_load_n(&c->value, __ATOMIC_RELAXED);
}

/* All counters of the image, in link order: counters_begin() <= c < counters_end(). */
struct counter *counters_begin(void);
struct counter *counters_end(void);

#endif
