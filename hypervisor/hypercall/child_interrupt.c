// SPDX-License-Identifier: Apache-2.0
/* Interrupts that a parent gives to its child. */
#include "hypercall/handlers.h"

#include "abi/hv/interrupt.h"
#include "hypercall/target.h"
#include "partition/partition.h"
#include "partition/vp.h"

/*
 * Returns HV_STATUS_SUCCESS, also where nobody has that destination;
 * HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_INVALID_PARAMETER: no such type, or a vector that is an
 * exception's. Source: Linux's mshv driver.
 */
enum hv_status hvcall_assert_virtual_interrupt(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_assert_virtual_interrupt *input = in;
	enum hv_status status;
	struct target target;

	(void)out;
	status = target_child(call, input->partition_id, &target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	spin_lock(&target.partition->lock);
	if (input->target_vtl != 0 ||
	    !apic_assert(target.partition, input->interrupt_type,
			 input->control & HV_INTERRUPT_CONTROL_LEVEL,
			 input->control & HV_INTERRUPT_CONTROL_LOGICAL,
			 (uint32_t)input->destination, input->requested_vector))
		status = HV_STATUS_INVALID_PARAMETER;
	spin_unlock(&target.partition->lock);
	target_put(&target);
	return status;
}

/*
 * Take back an interrupt of the type that an 8259 sends. Returns HV_STATUS_SUCCESS;
 * HV_STATUS_INVALID_PARTITION_ID.
 */
enum hv_status hvcall_clear_virtual_interrupt(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_clear_virtual_interrupt *input = in;
	enum hv_status status;
	struct target target;

	(void)out;
	status = target_child(call, input->partition_id, &target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	__atomic_store_n(&target.partition->extint, 0, __ATOMIC_SEQ_CST);
	target_put(&target);
	return HV_STATUS_SUCCESS;
}
