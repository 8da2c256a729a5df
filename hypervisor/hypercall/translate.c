// SPDX-License-Identifier: Apache-2.0
/* Where an address of a child's code leads. Source: TLFS, HvCallTranslateVirtualAddress. */
#include "hypercall/handlers.h"

#include "abi/hv/intercept.h"
#include "abi/hv/vp_calls.h"
#include "core/machine.h"
#include "hypercall/target.h"
#include "partition/gpa_map.h"
#include "partition/partition.h"
#include "partition/registers.h"
#include "x86/cpu.h"
#include "x86/walk.h"

/* Shadow stacks, which are not virtualized, are not among them. */
#define FLAGS_KNOWN                                                              \
	(HV_TRANSLATE_GVA_VALIDATE_READ | HV_TRANSLATE_GVA_VALIDATE_WRITE |      \
	 HV_TRANSLATE_GVA_VALIDATE_EXECUTE | HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT | \
	 HV_TRANSLATE_GVA_SET_TABLE_BITS | HV_TRANSLATE_GVA_TLB_FLUSH_INHIBIT |  \
	 HV_TRANSLATE_GVA_SUPERVISOR_ACCESS | HV_TRANSLATE_GVA_USER_ACCESS |     \
	 HV_TRANSLATE_GVA_ENFORCE_SMAP | HV_TRANSLATE_GVA_OVERRIDE_SMAP)

#define GIGABYTE_PAGES BIT(15) /* of the first bank of processor features */

static uint64_t value_of(struct vp *vp, uint32_t name)
{
	union hv_register_value value = {0};

	registers_get(vp, name, &value);
	return value.reg64;
}

/* The VP as it stands, with the privilege and the exceptions that `flags` name. */
static struct walk_state state_of(struct vp *vp, uint64_t flags)
{
	struct walk_state state = {
		.cr0 = value_of(vp, HV_X64_REGISTER_CR0),
		.cr3 = value_of(vp, HV_X64_REGISTER_CR3),
		.cr4 = value_of(vp, HV_X64_REGISTER_CR4),
		.efer = value_of(vp, HV_X64_REGISTER_EFER),
		.rflags = vp->regs.rflags,
		.pkru = registers_pkru(vp),
		.cpl = (uint8_t)vp_cpl(vp),
		.physical_bits = (uint8_t)machine_physical_bits(),
		.gigabyte_pages = !(vp->partition->disabled_features[0] & GIGABYTE_PAGES),
	};

	if (flags & (HV_TRANSLATE_GVA_SUPERVISOR_ACCESS | HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT))
		state.cpl = 0;
	if (flags & HV_TRANSLATE_GVA_USER_ACCESS)
		state.cpl = 3;
	if (flags & HV_TRANSLATE_GVA_ENFORCE_SMAP)
		state.rflags &= ~RFLAGS_AC;
	if (flags & (HV_TRANSLATE_GVA_OVERRIDE_SMAP | HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT))
		state.cr4 &= ~CR4_SMAP;
	if (flags & HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT)
		state.cr4 &= ~CR4_SMEP;
	return state;
}

/* What went wrong on the way. */
static enum hv_translate_gva_result
walk_result(const struct gpa_space *space, enum walk_status status, const struct walk_result *found)
{
	switch (status) {
	case WALK_NO_TABLE:
		return gpa_lookup(space, found->gpa, GPA_READ) == GPA_UNMAPPED
			       ? HV_TRANSLATE_GVA_GPA_UNMAPPED
			       : HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS;
	case WALK_FAULT:
		if (found->error & FAULT_RESERVED)
			return HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS;
		return found->error & FAULT_PRESENT ? HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION
						    : HV_TRANSLATE_GVA_PAGE_NOT_PRESENT;
	default: /* not canonical; tables that do not hold still */
		return HV_TRANSLATE_GVA_PAGE_NOT_PRESENT;
	}
}

/*
 * What is at the end of it. Memory that the parent has mapped without access is there for whom it
 * concerns: it brings it when the child touches it.
 */
static enum hv_translate_gva_result final_result(const struct gpa_space *space, gpa_t gpa,
						 uint64_t flags)
{
	bool write = flags & HV_TRANSLATE_GVA_VALIDATE_WRITE;
	unsigned int access = GPA_READ | (write ? GPA_WRITE : 0) |
			      (flags & HV_TRANSLATE_GVA_VALIDATE_EXECUTE ? GPA_EXECUTE : 0);

	switch (gpa_lookup(space, gpa, access)) {
	case GPA_UNMAPPED:
		return HV_TRANSLATE_GVA_GPA_UNMAPPED;
	case GPA_VIOLATION:
		if (gpa_is_overlay(space, gpa))
			return HV_TRANSLATE_GVA_GPA_ILLEGAL_OVERLAY_ACCESS;
		return write ? HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS
			     : HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS;
	default:
		return HV_TRANSLATE_GVA_SUCCESS;
	}
}

/* Translate for data, for code, or both, as `flags` say. Holds the partition's lock. */
static void translate(struct vp *vp, uint64_t address, uint64_t flags,
		      struct hv_output_translate_virtual_address *output)
{
	struct gpa_space *space = &vp->partition->gpa;
	const struct walk_state state = state_of(vp, flags);
	unsigned int bits = flags & HV_TRANSLATE_GVA_SET_TABLE_BITS ? WALK_SET_BITS : 0;
	unsigned int data = flags & HV_TRANSLATE_GVA_VALIDATE_WRITE  ? WALK_WRITE
			    : flags & HV_TRANSLATE_GVA_VALIDATE_READ ? 0
								     : WALK_ANY;
	struct walk_result found = {0};
	enum walk_status status = walk(space, &state, address, data | bits, &found);

	if (status == WALK_OK && (flags & HV_TRANSLATE_GVA_VALIDATE_EXECUTE))
		status = walk(space, &state, address, WALK_FETCH | bits, &found);
	if (status != WALK_OK) {
		output->result_code = walk_result(space, status, &found);
		return;
	}
	output->result_code = final_result(space, found.gpa, flags);
	output->cache_type = HV_CACHE_TYPE_WRITE_BACK;
	output->overlay_page = gpa_is_overlay(space, found.gpa);
	output->gpa_page = found.gpa >> PAGE_SHIFT;
}

/*
 * Returns HV_STATUS_SUCCESS, also where the address leads nowhere: the output says so;
 * HV_STATUS_INVALID_PARTITION_ID, _INVALID_VP_INDEX; HV_STATUS_INVALID_PARTITION_STATE: it is not
 * initialized, or has been finalized; HV_STATUS_INVALID_PARAMETER: flags that are not known, or
 * contradict each other. Source: TLFS, HvCallTranslateVirtualAddress.
 */
enum hv_status hvcall_translate_virtual_address(struct hypercall *call, const void *in, void *out)
{
	const uint64_t both = HV_TRANSLATE_GVA_SUPERVISOR_ACCESS | HV_TRANSLATE_GVA_USER_ACCESS;
	const struct hv_input_translate_virtual_address *input = in;
	enum hv_status status;
	struct target target;

	if ((input->control_flags & ~FLAGS_KNOWN) || (input->control_flags & both) == both)
		return HV_STATUS_INVALID_PARAMETER;
	status = target_vp(call, input->partition_id, input->vp_index, VP_OWNER_ACCESS, &target);
	if (status != HV_STATUS_SUCCESS)
		return status;
	register_page_take(target.vp);
	spin_lock(&target.partition->lock);
	translate(target.vp, input->gva_page << PAGE_SHIFT, input->control_flags, out);
	spin_unlock(&target.partition->lock);
	target_release(&target, false);
	return HV_STATUS_SUCCESS;
}
