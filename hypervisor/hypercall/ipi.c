// SPDX-License-Identifier: Apache-2.0
/* Interrupts from a VP to a set of its partition's VPs, in one call. */
#include "hypercall/handlers.h"

#include "abi/hv/interrupt.h"
#include "partition/partition.h"
#include "partition/vp.h"

static bool vector_valid(uint32_t vector)
{
	return vector >= HV_INTERRUPT_VECTOR_MIN && vector <= HV_INTERRUPT_VECTOR_MAX;
}

/* Raise `vector` in the VPs of `bank`, which holds those from `base` on; others do not exist. */
static void raise_in_bank(const struct partition *p, uint64_t bank, uint32_t base, uint8_t vector)
{
	while (bank != 0) {
		uint32_t index = base + (uint32_t)__builtin_ctzl(bank);
		struct vp *vp = index < p->vp_limit ? partition_vp(p, index) : NULL;

		if (vp)
			apic_raise(vp, vector);
		bank &= bank - 1;
	}
}

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARAMETER: the vector is an exception's, or there is
 * no such VTL. VPs that do not exist are ignored.
 */
enum hv_status hvcall_send_ipi(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_send_ipi *input = in;

	(void)out;
	if (!vector_valid(input->vector) || input->target_vtl != 0)
		return HV_STATUS_INVALID_PARAMETER;
	raise_in_bank(call->caller, input->vp_mask, 0, (uint8_t)input->vector);
	return HV_STATUS_SUCCESS;
}

/* As hvcall_send_ipi; HV_STATUS_INVALID_PARAMETER also where the set's mask and its banks disagree.
 */
enum hv_status hvcall_send_ipi_ex(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_send_ipi_ex *input = in;
	const struct partition *p = call->caller;
	const uint64_t *bank = call->variable;
	uint8_t vector = (uint8_t)input->vector;

	(void)out;
	if (!vector_valid(input->vector) || input->target_vtl != 0)
		return HV_STATUS_INVALID_PARAMETER;
	if (input->format == HV_GENERIC_SET_ALL) {
		for (uint32_t base = 0; base < p->vp_limit; base += HV_VCPUS_PER_SPARSE_BANK)
			raise_in_bank(p, UINT64_MAX, base, vector);
		return HV_STATUS_SUCCESS;
	}
	if (input->format != HV_GENERIC_SET_SPARSE_4K ||
	    bits_set(input->valid_bank_mask) != call->variable_size / 8)
		return HV_STATUS_INVALID_PARAMETER;
	for (uint32_t n = 0; n < HV_MAX_SPARSE_VCPU_BANKS; n++)
		if (input->valid_bank_mask & BIT(n))
			raise_in_bank(p, *bank++, n * HV_VCPUS_PER_SPARSE_BANK, vector);
	return HV_STATUS_SUCCESS;
}
