// SPDX-License-Identifier: Apache-2.0
/* Takes apart what BULKHEAD_PROPERTY_COUNTERS returns (abi/hv/bulkhead.h). Pure; trusts no byte. */
#ifndef CLI_COUNTER_PAGE_H
#define CLI_COUNTER_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/hv/bulkhead.h"

/* No hypervisor has more counters than this; more is refused, so that reading them all ends. */
#define COUNTERS_MAX 65536u

struct counter_list {
	struct bulkhead_counter *counters; /* names are terminated */
	size_t count;
	size_t room;
};

/*
 * Append the counters in the `size` bytes at `value`, read with index list->count. Returns 1 if
 * there are more to read, 0 if these were the last, -1 if the value contradicts itself, -2 if
 * memory ran out.
 */
int counter_page_take(struct counter_list *list, const void *value, size_t size);

/* Sort by name. */
void counter_list_sort(struct counter_list *list);

void counter_list_free(struct counter_list *list);

#endif
