// SPDX-License-Identifier: Apache-2.0
/* Calls about the state pages of VPs. Source: TLFS, HvCallMapVpStatePage and its relative. */
#include "hypercall/handlers.h"

#include "abi/hv/vp.h"
#include "partition/partition.h"
#include "partition/state_page.h"

/*
 * The hypervisor chooses the page: the caller cannot (it is not told it could). Returns those of
 * state_page_map(); HV_STATUS_INVALID_PARAMETER: a location, another VTL;
 * HV_STATUS_INVALID_PARTITION_ID. Source: TLFS, HvCallMapVpStatePage.
 */
enum hv_status hvcall_map_vp_state_page(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_map_vp_state_page *input = in;
	struct hv_output_map_vp_state_page *output = out;
	struct partition *child = partition_get_child(call->caller, input->partition_id);
	enum hv_status status = HV_STATUS_INVALID_PARAMETER;

	if (!child)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (input->input_vtl == 0 && input->flags == 0)
		status = state_page_map(call->caller, child, input->vp_index, input->type,
					&output->map_location);
	partition_put(child);
	return status;
}

/*
 * Returns those of state_page_unmap(); HV_STATUS_INVALID_PARAMETER: another VTL;
 * HV_STATUS_INVALID_PARTITION_ID. Source: TLFS, HvCallUnmapVpStatePage.
 */
enum hv_status hvcall_unmap_vp_state_page(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_unmap_vp_state_page *input = in;
	struct partition *child = partition_get_child(call->caller, input->partition_id);
	enum hv_status status = HV_STATUS_INVALID_PARAMETER;

	(void)out;
	if (!child)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (input->input_vtl == 0)
		status = state_page_unmap(call->caller, child, input->vp_index, input->type);
	partition_put(child);
	return status;
}
