// SPDX-License-Identifier: Apache-2.0
/* What CPUID says to a child. */
#include "hypercall/handlers.h"

#include "abi/hv/vp_calls.h"
#include "hypercall/target.h"
#include "intercept/child.h"
#include "partition/cpuid_result.h"
#include "partition/partition.h"
#include "x86/cpu.h"

#define FLAGS_KNOWN (HV_GET_VP_CPUID_VALUES_USE_XFEM | HV_GET_VP_CPUID_VALUES_REGISTERED)

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID, _INVALID_VP_INDEX;
 * HV_STATUS_INVALID_PARTITION_STATE: it is not initialized, or has been finalized;
 * HV_STATUS_INVALID_PARAMETER: flags that are not known. Source: TLFS, HvCallGetVpCpuidValues.
 */
enum hv_status hvcall_get_vp_cpuid_values(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_get_vp_cpuid_values *input = in;
	const struct hv_cpuid_leaf_info *leaf = call->rep_in;
	struct hv_cpuid_values *values = call->rep_out;
	uint32_t count = MIN(call->rep_count - call->rep_start, HYPERCALL_REP_BATCH);
	enum hv_status status;
	struct target target;

	(void)out;
	if (input->flags & ~FLAGS_KNOWN)
		return HV_STATUS_INVALID_PARAMETER;
	status = target_vp(call, input->partition_id, input->vp_index, VP_OWNER_ACCESS, &target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t xcr0 = input->flags & HV_GET_VP_CPUID_VALUES_USE_XFEM
					? leaf[i].xfem
					: target.vp->child.xcr0;
		struct cpuid_regs r;

		child_cpuid_leaf(target.vp, leaf[i].eax, leaf[i].ecx, xcr0, &r);
		if (input->flags & HV_GET_VP_CPUID_VALUES_REGISTERED)
			cpuid_result_apply(target.vp, leaf[i].eax, leaf[i].ecx, &r);
		values[i] = (struct hv_cpuid_values){r.eax, r.ebx, r.ecx, r.edx};
	}
	call->rep_done = count;
	target_release(&target, false);
	return HV_STATUS_SUCCESS;
}
