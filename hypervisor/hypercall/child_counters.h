// SPDX-License-Identifier: Apache-2.0
/* How often what happened in a child, for its parent. */
#ifndef HYPERCALL_CHILD_COUNTERS_H
#define HYPERCALL_CHILD_COUNTERS_H

#include "abi/hv/status.h"
#include "core/types.h"

struct partition;

/*
 * Write struct bulkhead_counters and the counters of `p`, a child, from the one with the index
 * `first` on into `value`, zeroed, of `capacity` bytes; *size: how many of these. They are sums
 * over the VPs that there are: exits by reason, then hypercalls by name, as often as the
 * instruction was executed. Takes p->lock. Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_ALIGNMENT:
 * there is room for none.
 */
enum hv_status child_counters_get(struct partition *p, uint64_t first, void *value,
				  uint32_t capacity, uint32_t *size);

#endif
