// SPDX-License-Identifier: Apache-2.0
/*
 * State of a child's VP, in pages of the caller's or in the call itself. Source: Linux's mshv
 * driver. What is read or written is first of all in memory that only this processor uses.
 */
#include "hypercall/handlers.h"

#include "abi/hv/vp_state.h"
#include "core/string.h"
#include "hypercall/target.h"
#include "partition/partition.h"
#include "partition/registers.h"
#include "partition/vp_state.h"

/* A page of this processor's own. */
static void *own_page(void)
{
	return hypercall_buffers()->pages;
}

/* The first of the pages that the call names; it has to have one, and may have more. */
static enum hv_status first_page(const struct hypercall *call, gpa_t *gpa)
{
	const uint64_t *numbers = call->variable;

	if (!numbers || numbers[0] >= call->caller->gpa.limit >> PAGE_SHIFT)
		return HV_STATUS_INVALID_PARAMETER;
	*gpa = numbers[0] << PAGE_SHIFT;
	return HV_STATUS_SUCCESS;
}

/* Write `size` bytes of `data` to the page. */
static enum hv_status deliver(const struct hypercall *call, const void *data, uint32_t size)
{
	struct partition *caller = call->caller;
	enum hv_status status;
	gpa_t gpa;

	status = first_page(call, &gpa);
	if (status != HV_STATUS_SUCCESS)
		return status;
	spin_lock(&caller->lock);
	if (!copy_to_gpa(&caller->gpa, gpa, data, size))
		status = HV_STATUS_INVALID_PARAMETER;
	spin_unlock(&caller->lock);
	return status;
}

/*
 * Read the page of a state that is in pages into our own, or take what stands in the call, `size`
 * bytes; *data becomes where it is.
 */
static enum hv_status fetch(const struct hypercall *call, uint32_t type, uint32_t size,
			    const void **data)
{
	struct partition *caller = call->caller;
	enum hv_status status;
	gpa_t gpa;

	if (!(type & HV_VP_STATE_IN_PAGES)) {
		*data = call->variable;
		return call->variable_size == size ? HV_STATUS_SUCCESS
						   : HV_STATUS_INVALID_PARAMETER;
	}
	status = first_page(call, &gpa);
	if (status != HV_STATUS_SUCCESS)
		return status;
	*data = own_page();
	spin_lock(&caller->lock);
	if (!copy_from_gpa(&caller->gpa, own_page(), gpa, PAGE_SIZE))
		status = HV_STATUS_INVALID_PARAMETER;
	spin_unlock(&caller->lock);
	return status;
}

static enum hv_status find(const struct hypercall *call, const struct hv_input_vp_state *input,
			   struct target *target, uint32_t *size)
{
	enum hv_status status;

	if (input->input_vtl != 0)
		return HV_STATUS_INVALID_PARAMETER;
	status = target_vp(call, input->partition_id, input->vp_index, VP_OWNER_ACCESS, target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	*size = vp_state_size(target->vp, input->type, input->xsave_states);
	if (*size != 0)
		return HV_STATUS_SUCCESS;
	target_release(target, false);
	return HV_STATUS_INVALID_PARAMETER;
}

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID, _INVALID_VP_INDEX;
 * HV_STATUS_INVALID_PARTITION_STATE: it is not initialized, or has been finalized;
 * HV_STATUS_INVALID_PARAMETER: no such type, a VTL, no page for it, or none that can be written.
 */
enum hv_status hvcall_get_vp_state(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_vp_state *input = in;
	enum hv_status status;
	struct target target;
	uint32_t size;

	status = find(call, input, &target, &size);
	if (status != HV_STATUS_SUCCESS)
		return status;
	register_page_take(target.vp);
	if (input->type & HV_VP_STATE_IN_PAGES) {
		vp_state_get(target.vp, input->type, input->xsave_states, own_page());
		status = deliver(call, own_page(), size);
	} else {
		vp_state_get(target.vp, input->type, input->xsave_states, out);
	}
	target_release(&target, false);
	return status;
}

/*
 * As hvcall_get_vp_state; HV_STATUS_INVALID_PARAMETER also where the VP cannot have the state, or
 * what stands in the call has another size.
 */
enum hv_status hvcall_set_vp_state(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_vp_state *input = in;
	enum hv_status status;
	struct target target;
	const void *data;
	uint32_t size;

	(void)out;
	status = find(call, input, &target, &size);
	if (status != HV_STATUS_SUCCESS)
		return status;
	status = fetch(call, input->type, size, &data);
	if (status == HV_STATUS_SUCCESS) {
		register_page_take(target.vp);
		status = vp_state_set(target.vp, input->type, data);
		register_page_fill(target.vp);
	}
	target_release(&target, false);
	return status;
}
