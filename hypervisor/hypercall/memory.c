// SPDX-License-Identifier: Apache-2.0
/* Calls about memory pools and about what children have for memory. Source: TLFS, "Virtual MMU" and
 * the calls named. */
#include "hypercall/handlers.h"

#include "abi/hv/memory.h"
#include "partition/gpa_map.h"
#include "partition/memory.h"
#include "partition/partition.h"

/*
 * All elements in one round, or none: a caller that gets an error takes every page of its list back
 * into use. Returns those of memory_deposit(), HV_STATUS_INVALID_PARTITION_ID. Source: TLFS,
 * HvCallDepositMemory.
 */
enum hv_status hvcall_deposit_memory(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_deposit_memory *input = in;
	struct partition *target = partition_get(call->caller, input->partition_id);
	uint32_t count = call->rep_count - call->rep_start;
	enum hv_status status;

	(void)out;
	if (!target)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = memory_deposit(call->caller, target, call->rep_in, hypercall_buffers()->pages,
				count);
	if (status == HV_STATUS_SUCCESS)
		call->rep_done = count;
	partition_put(target);
	return status;
}

/*
 * A page a time, wiped before the caller sees it again; at most HYPERCALL_REP_BATCH pages a round.
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_ACCESS_DENIED: the caller is
 * no root, the pages are its parent's; HV_STATUS_NO_RESOURCES: no free page is left. Source: TLFS,
 * HvCallWithdrawMemory.
 */
enum hv_status hvcall_withdraw_memory(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_withdraw_memory *input = in;
	struct partition *target = partition_get(call->caller, input->partition_id);
	uint32_t wanted = MIN(call->rep_count - call->rep_start, HYPERCALL_REP_BATCH);
	enum hv_status status = HV_STATUS_ACCESS_DENIED;

	(void)out;
	if (!target)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (partition_is_root(call->caller)) {
		call->rep_done = memory_withdraw(call->caller, target, call->rep_out, wanted);
		status = call->rep_done == wanted ? HV_STATUS_SUCCESS : HV_STATUS_NO_RESOURCES;
	}
	partition_put(target);
	return status;
}

/*
 * Returns HV_STATUS_SUCCESS, HV_STATUS_INVALID_PARTITION_ID. Source: TLFS, HvCallGetMemoryBalance.
 */
enum hv_status hvcall_get_memory_balance(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_get_memory_balance *input = in;
	struct hv_output_get_memory_balance *output = out;
	struct partition *target = partition_get(call->caller, input->partition_id);

	if (!target)
		return HV_STATUS_INVALID_PARTITION_ID;
	spin_lock(&target->pool.lock);
	output->pages_available = target->pool.free_count;
	output->pages_in_use = target->pool.used_count;
	spin_unlock(&target->pool.lock);
	partition_put(target);
	return HV_STATUS_SUCCESS;
}

/*
 * The page number of element `start`, `unit` pages each from `base` on; beyond any space if there
 * is no such number.
 */
static uint64_t page_of_element(uint64_t base, uint32_t start, uint64_t unit)
{
	uint64_t page;

	return __builtin_add_overflow(base, start * unit, &page) ? UINT64_MAX : page;
}

/* Returns those of memory_map(), HV_STATUS_INVALID_PARTITION_ID. Source: TLFS, HvCallMapGpaPages.
 */
enum hv_status hvcall_map_gpa_pages(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_map_gpa_pages *input = in;
	struct partition *child = partition_get_child(call->caller, input->target_partition_id);
	uint64_t unit = input->map_flags & HV_MAP_GPA_LARGE_PAGE ? GPA_LARGE_PAGES : 1;
	enum hv_status status;

	(void)out;
	if (!child)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = memory_map(
		call->caller, child, page_of_element(input->target_gpa_base, call->rep_start, unit),
		input->map_flags, call->rep_in, call->rep_count - call->rep_start, &call->rep_done);
	partition_put(child);
	return status;
}

/*
 * Returns those of memory_unmap(), HV_STATUS_INVALID_PARTITION_ID. Source: TLFS,
 * HvCallUnmapGpaPages.
 */
enum hv_status hvcall_unmap_gpa_pages(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_unmap_gpa_pages *input = in;
	struct partition *child = partition_get_child(call->caller, input->target_partition_id);
	uint64_t unit = input->unmap_flags & HV_UNMAP_GPA_LARGE_PAGE ? GPA_LARGE_PAGES : 1;
	enum hv_status status;

	(void)out;
	if (!child)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = memory_unmap(
		call->caller, child, page_of_element(input->target_gpa_base, call->rep_start, unit),
		input->unmap_flags, call->rep_count - call->rep_start, &call->rep_done);
	partition_put(child);
	return status;
}

/*
 * Returns those of memory_access_states(), HV_STATUS_INVALID_PARTITION_ID. Source: TLFS,
 * HvCallGetGpaPagesAccessStates.
 */
enum hv_status hvcall_get_gpa_pages_access_states(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_get_gpa_pages_access_states *input = in;
	struct partition *child = partition_get_child(call->caller, input->partition_id);
	enum hv_status status;

	(void)out;
	if (!child)
		return HV_STATUS_INVALID_PARTITION_ID;
	status = memory_access_states(
		call->caller, child, page_of_element(input->gpa_page, call->rep_start, 1),
		input->flags, call->rep_out, call->rep_count - call->rep_start, &call->rep_done);
	partition_put(child);
	return status;
}
