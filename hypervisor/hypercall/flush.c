// SPDX-License-Identifier: Apache-2.0
/*
 * Guests that have their translations forgotten on several VPs at once. Whatever is asked for, a VP
 * forgets all of its own: that is more than enough, and hardware has no cheaper way for another's.
 * On return no VP that was meant uses what it had.
 */
#include "hypercall/handlers.h"

#include "abi/hv/interrupt.h"
#include "core/machine.h"
#include "partition/partition.h"
#include "partition/vp.h"

#define FLAGS_KNOWN                                                      \
	(HV_FLUSH_ALL_PROCESSORS | HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES | \
	 HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY)

static void flush_bank(const struct partition *p, uint64_t bank, uint32_t base)
{
	while (bank != 0) {
		uint32_t index = base + (uint32_t)__builtin_ctzl(bank);
		struct vp *vp = index < p->vp_limit ? partition_vp(p, index) : NULL;

		/* Who is about to be entered looks before; who is in flight is waited for. */
		if (vp)
			__atomic_fetch_or(&vp->requests, VP_REQUEST_FLUSH, __ATOMIC_SEQ_CST);
		bank &= bank - 1;
	}
}

static void flush_all(const struct partition *p)
{
	for (uint32_t base = 0; base < p->vp_limit; base += HV_VCPUS_PER_SPARSE_BANK)
		flush_bank(p, UINT64_MAX, base);
}

static enum hv_status flush(struct hypercall *call, uint64_t flags, uint64_t mask)
{
	if (flags & ~FLAGS_KNOWN)
		return HV_STATUS_INVALID_PARAMETER;
	if (flags & HV_FLUSH_ALL_PROCESSORS)
		flush_all(call->caller);
	else
		flush_bank(call->caller, mask, 0);
	machine_sync_vps(call->caller);
	return HV_STATUS_SUCCESS;
}

/* Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARAMETER: unknown flags. Source: TLFS. */
enum hv_status hvcall_flush_virtual_address_space(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_flush *input = in;

	(void)out;
	return flush(call, input->flags, input->processor_mask);
}

enum hv_status hvcall_flush_virtual_address_list(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_flush *input = in;
	enum hv_status status;

	(void)out;
	status = flush(call, input->flags, input->processor_mask);
	if (status == HV_STATUS_SUCCESS)
		call->rep_done = call->rep_count - call->rep_start;
	return status;
}

static enum hv_status flush_ex(struct hypercall *call, const struct hv_input_flush_ex *input)
{
	const uint64_t *bank = call->variable;
	bool all = input->format == HV_GENERIC_SET_ALL || (input->flags & HV_FLUSH_ALL_PROCESSORS);

	if ((input->flags & ~FLAGS_KNOWN) || (!all && input->format != HV_GENERIC_SET_SPARSE_4K) ||
	    (!all && bits_set(input->valid_bank_mask) != call->variable_size / 8))
		return HV_STATUS_INVALID_PARAMETER;
	if (all)
		flush_all(call->caller);
	for (uint32_t n = 0; !all && n < HV_MAX_SPARSE_VCPU_BANKS; n++)
		if (input->valid_bank_mask & BIT(n))
			flush_bank(call->caller, *bank++, n * HV_VCPUS_PER_SPARSE_BANK);
	machine_sync_vps(call->caller);
	return HV_STATUS_SUCCESS;
}

/* ... and HV_STATUS_INVALID_PARAMETER where the set's mask and its banks disagree. */
enum hv_status hvcall_flush_virtual_address_space_ex(struct hypercall *call, const void *in,
						     void *out)
{
	(void)out;
	return flush_ex(call, in);
}

enum hv_status hvcall_flush_virtual_address_list_ex(struct hypercall *call, const void *in,
						    void *out)
{
	enum hv_status status;

	(void)out;
	status = flush_ex(call, in);
	if (status == HV_STATUS_SUCCESS)
		call->rep_done = call->rep_count - call->rep_start;
	return status;
}
