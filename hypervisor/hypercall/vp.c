// SPDX-License-Identifier: Apache-2.0
/* Virtual processors of children: their registers, and letting them run. */
#include "hypercall/handlers.h"

#include "abi/hv/scheduler.h"
#include "abi/hv/vp.h"
#include "core/string.h"
#include "hypercall/target.h"
#include "partition/child.h"
#include "partition/partition.h"
#include "partition/registers.h"
#include "partition/vp.h"
#include "scheduler/scheduler.h"

/* Only VTL 0 exists; it may be named, or said to be the target's own. */
#define INPUT_VTL_MASK 0x0fu

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID, _INVALID_VP_INDEX; HV_STATUS_
 * OPERATION_DENIED: the root's own VPs run while they ask; HV_STATUS_UNKNOWN_REGISTER_NAME. Source:
 * TLFS, HvCallGetVpRegisters.
 */
enum hv_status hvcall_get_vp_registers(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_vp_registers *input = in;
	const uint32_t *name = call->rep_in;
	union hv_register_value *value = call->rep_out;
	uint32_t count = MIN(call->rep_count - call->rep_start, HYPERCALL_REP_BATCH);
	enum hv_status status;
	struct target target;

	(void)out;
	if (input->input_vtl & INPUT_VTL_MASK)
		return HV_STATUS_INVALID_PARAMETER;
	status = target_vp(call, input->partition_id, input->vp_index, VP_OWNER_ACCESS, &target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	register_page_take(target.vp);
	for (uint32_t i = 0; i < count && status == HV_STATUS_SUCCESS; i++) {
		status = registers_get(target.vp, name[i], &value[i]);
		if (status == HV_STATUS_SUCCESS)
			call->rep_done++;
	}
	target_release(&target, false);
	return status;
}

/* As hvcall_get_vp_registers; HV_STATUS_INVALID_REGISTER_VALUE. Source: TLFS, HvCallSetVpRegisters.
 */
enum hv_status hvcall_set_vp_registers(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_vp_registers *input = in;
	const struct hv_register_assoc *element = call->rep_in;
	uint32_t count = MIN(call->rep_count - call->rep_start, HYPERCALL_REP_BATCH);
	bool wake = false;
	enum hv_status status;
	struct target target;

	(void)out;
	if (input->input_vtl & INPUT_VTL_MASK)
		return HV_STATUS_INVALID_PARAMETER;
	status = target_vp(call, input->partition_id, input->vp_index, VP_OWNER_ACCESS, &target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	register_page_take(target.vp);
	for (uint32_t i = 0; i < count && status == HV_STATUS_SUCCESS; i++) {
		status = registers_set(target.vp, element[i].name, &element[i].value, &wake);
		if (status == HV_STATUS_SUCCESS)
			call->rep_done++;
	}
	register_page_fill(target.vp);
	target_release(&target, wake);
	return status;
}

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID, _INVALID_VP_INDEX, _OPERATION_DENIED
 * as above; HV_STATUS_INVALID_PARTITION_STATE: it is not initialized, or has been finalized;
 * HV_STATUS_INVALID_VP_STATE: another processor runs the VP. Source: Linux's mshv driver.
 */
enum hv_status hvcall_dispatch_vp(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_dispatch_vp *input = in;
	enum hv_status status;
	struct target target;

	status = target_vp(call, input->partition_id, input->vp_index, VP_OWNER_DISPATCH, &target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	scheduler_run(target.vp, input->flags, out);
	target_put(&target);
	return HV_STATUS_SUCCESS;
}

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID, _INVALID_VP_INDEX;
 * HV_STATUS_INVALID_PARTITION_STATE; HV_STATUS_INVALID_VP_STATE: a VP of the partition is
 * dispatched. Source: TLFS, HvCallDeleteVp.
 */
enum hv_status hvcall_delete_vp(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_delete_vp *input = in;
	enum hv_status status;
	struct target target;

	(void)out;
	status = target_child(call, input->partition_id, &target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	status = partition_delete_vp(target.partition, input->vp_index);
	target_put(&target);
	return status;
}
