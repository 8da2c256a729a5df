// SPDX-License-Identifier: Apache-2.0
/* Calls about processors, logical and virtual. Source: TLFS and Linux's root partition code. */
#include "hypercall/handlers.h"

#include "abi/hv/system.h"
#include "abi/hv/vp.h"
#include "core/machine.h"
#include "partition/partition.h"
#include "partition/root.h"

/*
 * The processors have been running since before the root did: the call gives one of them, found by
 * its APIC id, the index that the root wants to call it. Returns HV_STATUS_SUCCESS;
 * HV_STATUS_INVALID_LP_INDEX: there is no such processor, or it or the index is taken.
 */
enum hv_status hvcall_add_logical_processor(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_add_logical_processor *input = in;
	bool added;

	(void)out;
	spin_lock(&call->caller->lock);
	added = machine_add_lp(input->lp_index, input->apic_id);
	spin_unlock(&call->caller->lock);
	return added ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_LP_INDEX;
}

/*
 * The root's own VPs only: the logical processor stands in `flags`, the bytes between are what
 * Linux left there. Returns what root_create_vp() does, and HV_STATUS_INVALID_PARTITION_ID.
 */
enum hv_status hvcall_create_vp(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_create_vp *input = in;
	enum hv_status status;

	(void)out;
	if (!partition_is_self(call->caller, input->partition_id) ||
	    !partition_is_root(call->caller))
		return HV_STATUS_INVALID_PARTITION_ID;
	if (input->flags > UINT32_MAX)
		return HV_STATUS_INVALID_LP_INDEX;
	spin_lock(&call->caller->lock);
	status = root_create_vp(input->vp_index, (uint32_t)input->flags);
	spin_unlock(&call->caller->lock);
	return status;
}
