// SPDX-License-Identifier: Apache-2.0
#include "hypercall/target.h"

#include "partition/partition.h"
#include "scheduler/scheduler.h"

enum hv_status target_child(const struct hypercall *call, uint64_t id, struct target *target)
{
	target->vp = NULL;
	target->partition = partition_get_child(call->caller, id);
	return target->partition ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARTITION_ID;
}

/* One try; *again: somebody else had the VP. Takes the partition's lock. */
static enum hv_status claim(struct target *target, uint32_t vp_index, enum vp_owner owner,
			    struct vp *carrier, bool *again)
{
	struct partition *p = target->partition;
	enum hv_status status;

	*again = false;
	spin_lock(&p->lock);
	status = partition_check_initialized(p);
	target->vp = vp_index < PARTITION_MAX_VPS ? p->vps[vp_index] : NULL;
	if (status == HV_STATUS_SUCCESS && !target->vp)
		status = HV_STATUS_INVALID_VP_INDEX;
	if (status == HV_STATUS_SUCCESS) {
		enum vp_claim claim = scheduler_claim(target->vp, owner, carrier);

		if (claim == VP_RUNS && owner == VP_OWNER_DISPATCH)
			status = HV_STATUS_INVALID_VP_STATE;
		else
			*again = claim != VP_CLAIMED;
	}
	spin_unlock(&p->lock);
	return status;
}

enum hv_status target_vp(const struct hypercall *call, uint64_t id, uint32_t vp_index,
			 enum vp_owner owner, struct target *target)
{
	enum hv_status status = target_child(call, id, target);
	bool again = true;

	if (status != HV_STATUS_SUCCESS)
		return status;
	while (again && status == HV_STATUS_SUCCESS) {
		status = claim(target, vp_index, owner, call->vp, &again);
		__builtin_ia32_pause();
	}
	if (status != HV_STATUS_SUCCESS)
		target_put(target);
	return status;
}

void target_release(struct target *target, bool wake)
{
	scheduler_release(target->vp, wake);
	target_put(target);
}

void target_put(struct target *target)
{
	partition_put(target->partition);
}
