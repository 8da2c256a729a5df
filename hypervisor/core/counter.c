// SPDX-License-Identifier: Apache-2.0
#include "core/counter.h"

/* The bounds of the section "counters", set by the linker. */
extern struct counter __start_counters[];
extern struct counter __stop_counters[];

struct counter *counters_begin(void)
{
	return __start_counters;
}

struct counter *counters_end(void)
{
	return __stop_counters;
}
