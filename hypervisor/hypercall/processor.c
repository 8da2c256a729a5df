// SPDX-License-Identifier: Apache-2.0
/* Calls about processors, logical and virtual. Source: TLFS and Linux's root partition code. */
#include "hypercall/handlers.h"

#include "abi/hv/system.h"
#include "abi/hv/vp.h"
#include "core/machine.h"
#include "hypercall/target.h"
#include "partition/child_vp.h"
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

/* The logical processor stands in `flags`, the bytes between are what Linux left there. */
static enum hv_status create_root_vp(struct hypercall *call, const struct hv_input_create_vp *input)
{
	enum hv_status status;

	if (input->flags > UINT32_MAX)
		return HV_STATUS_INVALID_LP_INDEX;
	spin_lock(&call->caller->lock);
	status = root_create_vp(input->vp_index, (uint32_t)input->flags);
	spin_unlock(&call->caller->lock);
	return status;
}

/*
 * Returns what root_create_vp() does for the root itself, what child_vp_create() does for its
 * children, and HV_STATUS_INVALID_PARTITION_ID. Source: TLFS, HvCallCreateVp.
 */
enum hv_status hvcall_create_vp(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_create_vp *input = in;
	enum hv_status status;
	struct target target;

	(void)out;
	if (partition_is_self(call->caller, input->partition_id))
		return partition_is_root(call->caller) ? create_root_vp(call, input)
						       : HV_STATUS_INVALID_PARTITION_ID;
	status = target_child(call, input->partition_id, &target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	spin_lock(&target.partition->lock);
	status = child_vp_create(target.partition, input->vp_index);
	spin_unlock(&target.partition->lock);
	target_put(&target);
	return status;
}
