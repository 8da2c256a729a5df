// SPDX-License-Identifier: Apache-2.0
/* Calls about memory pools. Source: TLFS, "Virtual MMU" and the calls named. */
#include "hypercall/handlers.h"

#include "abi/hv/memory.h"
#include "partition/partition.h"
#include "partition/stats.h"

/* Page numbers beyond this have no address. */
#define PAGE_NUMBER_MAX (UINT64_MAX >> PAGE_SHIFT)

/*
 * True if each of `count` pages is the caller's to give away. Holds caller->lock.
 */
static bool all_owned(struct partition *caller, const uint64_t *numbers, uint32_t count)
{
	spa_t page;

	for (uint32_t i = 0; i < count; i++) {
		if (numbers[i] > PAGE_NUMBER_MAX ||
		    !gpa_owned_page(&caller->gpa, numbers[i] << PAGE_SHIFT, &page))
			return false;
	}
	return true;
}

/*
 * Take `count` pages out of the caller's space into `pages`. All or none: a page named twice is not
 * the caller's any more when its turn comes again, and tables may not be splittable for want of
 * memory. Holds caller->lock.
 */
static enum hv_status revoke_all(struct partition *caller, const uint64_t *numbers, spa_t *pages,
				 uint32_t count)
{
	enum hv_status status = HV_STATUS_SUCCESS;
	uint32_t done;

	for (done = 0; done < count; done++) {
		gpa_t gpa = numbers[done] << PAGE_SHIFT;

		if (!gpa_owned_page(&caller->gpa, gpa, &pages[done])) {
			status = HV_STATUS_INVALID_PARAMETER;
			break;
		}
		if (!gpa_revoke_page(&caller->gpa, gpa)) {
			status = HV_STATUS_INSUFFICIENT_MEMORY;
			break;
		}
	}
	if (status != HV_STATUS_SUCCESS) {
		while (done > 0)
			gpa_restore_page(&caller->gpa, numbers[--done] << PAGE_SHIFT);
	}
	gpa_sync();
	return status;
}

/*
 * All elements in one round, or none: a caller that gets an error takes every page of its list back
 * into use. Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_INVALID_PARAMETER:
 * a page that is not the caller's ordinary memory, or is named twice;
 * HV_STATUS_INSUFFICIENT_MEMORY: no memory left to split tables with. Source: TLFS,
 * HvCallDepositMemory.
 */
enum hv_status hvcall_deposit_memory(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_deposit_memory *input = in;
	struct partition *target = partition_find(call->caller, input->partition_id);
	uint32_t count = call->rep_count - call->rep_start;
	spa_t *pages = hypercall_buffers()->pages;
	enum hv_status status = HV_STATUS_INVALID_PARAMETER;

	(void)out;
	if (!target)
		return HV_STATUS_INVALID_PARTITION_ID;

	spin_lock(&call->caller->lock);
	if (all_owned(call->caller, call->rep_in, count))
		status = revoke_all(call->caller, call->rep_in, pages, count);
	/* Under the lock, so that a page is always either the caller's or in the pool. */
	for (uint32_t i = 0; status == HV_STATUS_SUCCESS && i < count; i++)
		page_pool_add(&target->pool, pages[i]);
	spin_unlock(&call->caller->lock);
	if (status != HV_STATUS_SUCCESS)
		return status;

	stats_update_pool(target);
	call->rep_done = count;
	return HV_STATUS_SUCCESS;
}

/*
 * A page a time, wiped before the caller sees it again; at most HYPERCALL_REP_BATCH pages a round.
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_NO_RESOURCES: no free page
 * is left. Source: TLFS, HvCallWithdrawMemory.
 */
enum hv_status hvcall_withdraw_memory(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_withdraw_memory *input = in;
	struct partition *target = partition_find(call->caller, input->partition_id);
	uint32_t wanted = MIN(call->rep_count - call->rep_start, HYPERCALL_REP_BATCH);
	uint64_t *numbers = call->rep_out;
	gpa_t gpa;

	(void)out;
	if (!target)
		return HV_STATUS_INVALID_PARTITION_ID;

	spin_lock(&call->caller->lock);
	while (call->rep_done < wanted && partition_take_back(call->caller, &target->pool, &gpa))
		numbers[call->rep_done++] = gpa >> PAGE_SHIFT;
	spin_unlock(&call->caller->lock);
	stats_update_pool(target);
	return call->rep_done == wanted ? HV_STATUS_SUCCESS : HV_STATUS_NO_RESOURCES;
}

/*
 * Returns HV_STATUS_SUCCESS, HV_STATUS_INVALID_PARTITION_ID. Source: TLFS, HvCallGetMemoryBalance.
 */
enum hv_status hvcall_get_memory_balance(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_get_memory_balance *input = in;
	struct hv_output_get_memory_balance *output = out;
	struct partition *target = partition_find(call->caller, input->partition_id);

	if (!target)
		return HV_STATUS_INVALID_PARTITION_ID;
	spin_lock(&target->pool.lock);
	output->pages_available = target->pool.free_count;
	output->pages_in_use = target->pool.used_count;
	spin_unlock(&target->pool.lock);
	return HV_STATUS_SUCCESS;
}
