// SPDX-License-Identifier: Apache-2.0
/* What a parent wants to be told of, and what it answers for once and for all. */
#include "hypercall/handlers.h"

#include "abi/hv/intercept.h"
#include "hypercall/target.h"
#include "partition/cpuid_result.h"
#include "partition/partition.h"

/* The types that a parent can ask for here; ports, memory and resets it is told of anyway. */
#define TYPES                                                                                 \
	(BIT(HV_INTERCEPT_TYPE_X64_IO_PORT) | BIT(HV_INTERCEPT_TYPE_X64_MSR) |                \
	 BIT(HV_INTERCEPT_TYPE_HYPERCALL) | BIT(HV_INTERCEPT_TYPE_UNKNOWN_SYNIC_CONNECTION) | \
	 BIT(HV_INTERCEPT_TYPE_X64_APIC_EOI) | BIT(HV_INTERCEPT_TYPE_RETARGET_UNKNOWN_DEVICE))

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_INVALID_PARAMETER: a type
 * that is not served, or an access there is not. No access at all takes the interest back. Source:
 * TLFS, HvCallInstallIntercept.
 */
enum hv_status hvcall_install_intercept(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_install_intercept *input = in;
	enum hv_status status;
	struct target target;

	(void)out;
	if (input->intercept_type >= 64 || !(TYPES & BIT(input->intercept_type)) ||
	    (input->access_type & ~(HV_INTERCEPT_ACCESS_MASK_READ | HV_INTERCEPT_ACCESS_MASK_WRITE |
				    HV_INTERCEPT_ACCESS_MASK_EXECUTE)))
		return HV_STATUS_INVALID_PARAMETER;
	status = target_child(call, input->partition_id, &target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	if (input->access_type != 0)
		__atomic_fetch_or(&target.partition->intercepts, BIT(input->intercept_type),
				  __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&target.partition->intercepts, ~BIT(input->intercept_type),
				   __ATOMIC_RELAXED);
	target_put(&target);
	return HV_STATUS_SUCCESS;
}

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_INVALID_VP_INDEX;
 * HV_STATUS_INVALID_PARAMETER: not of CPUID; HV_STATUS_INVALID_PARTITION_STATE;
 * HV_STATUS_INSUFFICIENT_MEMORY;
 * HV_STATUS_NO_RESOURCES: it has too many. Source: TLFS, HvCallRegisterInterceptResult.
 */
enum hv_status hvcall_register_intercept_result(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_register_intercept_result *input = in;
	struct cpuid_result result = {
		.vp_index = input->vp_index,
		.leaf = input->eax,
		.subleaf = input->ecx,
		.subleaf_specific = input->subleaf_specific,
		.always_override = input->always_override,
	};
	enum hv_status status;
	struct target target;

	(void)out;
	if (input->intercept_type != HV_INTERCEPT_TYPE_X64_CPUID)
		return HV_STATUS_INVALID_PARAMETER;
	if (input->vp_index != HV_ANY_VP && input->vp_index >= PARTITION_MAX_VPS)
		return HV_STATUS_INVALID_VP_INDEX;
	for (unsigned int i = 0; i < ARRAY_SIZE(result.value); i++) {
		result.value[i] = input->result[i].value;
		result.mask[i] = input->result[i].mask;
	}
	status = target_child(call, input->partition_id, &target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	status = cpuid_result_add(target.partition, &result);
	target_put(&target);
	return status;
}
