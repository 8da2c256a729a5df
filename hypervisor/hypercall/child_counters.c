// SPDX-License-Identifier: Apache-2.0
#include "hypercall/child_counters.h"

#include "abi/hv/bulkhead.h"
#include "core/string.h"
#include "hypercall/table.h"
#include "partition/partition.h"
#include "partition/vp.h"

static const char *const exit_names[CHILD_EXIT_COUNT] = {
	[CHILD_EXIT_INTERRUPT] = "exit.interrupt", [CHILD_EXIT_WINDOW] = "exit.window",
	[CHILD_EXIT_CPUID] = "exit.cpuid",         [CHILD_EXIT_MSR] = "exit.msr",
	[CHILD_EXIT_HYPERCALL] = "exit.hypercall", [CHILD_EXIT_MEMORY] = "exit.memory",
	[CHILD_EXIT_PORT] = "exit.port",           [CHILD_EXIT_HALT] = "exit.halt",
	[CHILD_EXIT_OTHER] = "exit.other",
};

/* The name of counter `i`, NULL beyond the last one. */
static const char *name_of(uint64_t i)
{
	const struct hypercall_row *row;

	if (i < CHILD_EXIT_COUNT)
		return exit_names[i];
	if (i == CHILD_EXIT_COUNT)
		return "hypercall.unknown";
	if (i - CHILD_EXIT_COUNT >= VP_CALLS_MAX)
		return NULL;
	row = hypercall_row(i - CHILD_EXIT_COUNT - 1);
	return row ? row->counter->name : NULL;
}

/* Holds p->lock. */
static uint64_t sum(const struct partition *p, uint64_t i)
{
	uint64_t value = 0;

	for (uint32_t n = 0; n < p->vp_limit; n++) {
		const struct vp *vp = p->vps[n];

		if (vp)
			value += __atomic_load_n(i < CHILD_EXIT_COUNT
							 ? &vp->child.exits[i]
							 : &vp->child.calls[i - CHILD_EXIT_COUNT],
						 __ATOMIC_RELAXED);
	}
	return value;
}

enum hv_status child_counters_get(struct partition *p, uint64_t first, void *value,
				  uint32_t capacity, uint32_t *size)
{
	struct bulkhead_counters *header = value;
	struct bulkhead_counter *out = (struct bulkhead_counter *)(header + 1);
	const char *name;
	size_t fits;

	if (capacity < sizeof(*header) + sizeof(*out))
		return HV_STATUS_INVALID_ALIGNMENT;
	fits = (capacity - sizeof(*header)) / sizeof(*out);
	while (name_of(header->total))
		header->total++;
	spin_lock(&p->lock);
	for (uint64_t i = first; header->count < fits; i++, header->count++, out++) {
		name = name_of(i);
		if (!name)
			break;
		out->value = sum(p, i);
		memcpy(out->name, name, MIN(strlen(name), sizeof(out->name) - 1));
	}
	spin_unlock(&p->lock);
	*size = (uint32_t)(sizeof(*header) + header->count * sizeof(*out));
	return HV_STATUS_SUCCESS;
}
