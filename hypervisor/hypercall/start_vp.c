// SPDX-License-Identifier: Apache-2.0
/* VPs that their own partition finds and starts, without start-up messages. */
#include "hypercall/handlers.h"

#include "abi/hv/vp_calls.h"
#include "partition/partition.h"
#include "partition/registers.h"
#include "partition/vp.h"
#include "scheduler/scheduler.h"
#include "x86/cpu.h"
#include "x86/vendor.h"

/*
 * Own VP `index` of `p`, which waits to be started; one try. *again: a hypercall looks into it, or
 * its dispatch is about to find that it waits. Takes the partition's lock.
 */
static enum hv_status claim(struct partition *p, uint32_t index, struct vp **vp, bool *again)
{
	enum hv_status status = HV_STATUS_SUCCESS;

	*again = false;
	spin_lock(&p->lock);
	*vp = index < PARTITION_MAX_VPS ? p->vps[index] : NULL;
	if (!*vp)
		status = HV_STATUS_INVALID_VP_INDEX;
	else if (!__atomic_load_n(&(*vp)->waits_for_startup, __ATOMIC_RELAXED))
		status = HV_STATUS_INVALID_VP_STATE;
	else
		*again = scheduler_claim(*vp, VP_OWNER_ACCESS, NULL) != VP_CLAIMED;
	spin_unlock(&p->lock);
	return status;
}

static void set(struct vp *vp, uint32_t name, uint64_t value)
{
	const union hv_register_value v = {.reg64 = value};
	bool wake;

	registers_set(vp, name, &v, &wake);
}

static void set_table(struct vp *vp, uint32_t name, const struct hv_x64_table_register *table)
{
	const union hv_register_value v = {.table = {.limit = table->limit, .base = table->base}};
	bool wake;

	registers_set(vp, name, &v, &wake);
}

/* All that a start-up message sets, and then what the context says. */
static void start(struct vp *vp, const struct hv_initial_vp_context *context)
{
	vendor_set_startup_state(vp, 0);
	set(vp, HV_X64_REGISTER_EFER, context->efer);
	set(vp, HV_X64_REGISTER_CR0, context->cr0);
	set(vp, HV_X64_REGISTER_CR3, context->cr3);
	set(vp, HV_X64_REGISTER_CR4, context->cr4);
	set(vp, HV_X64_REGISTER_PAT, context->pat);
	vp_set_segment(vp, HV_X64_REGISTER_CS, &context->cs);
	vp_set_segment(vp, HV_X64_REGISTER_DS, &context->ds);
	vp_set_segment(vp, HV_X64_REGISTER_ES, &context->es);
	vp_set_segment(vp, HV_X64_REGISTER_FS, &context->fs);
	vp_set_segment(vp, HV_X64_REGISTER_GS, &context->gs);
	vp_set_segment(vp, HV_X64_REGISTER_SS, &context->ss);
	vp_set_segment(vp, HV_X64_REGISTER_TR, &context->tr);
	vp_set_segment(vp, HV_X64_REGISTER_LDTR, &context->ldtr);
	set_table(vp, HV_X64_REGISTER_IDTR, &context->idtr);
	set_table(vp, HV_X64_REGISTER_GDTR, &context->gdtr);
	vp->regs.rip = context->rip;
	vp->regs.rsp = context->rsp;
	vp->regs.rflags = context->rflags | RFLAGS_FIXED;
	vp->waits_for_startup = false;
}

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID: not the caller's own;
 * HV_STATUS_INVALID_VP_INDEX; HV_STATUS_INVALID_VP_STATE: it does not wait to be started;
 * HV_STATUS_INVALID_PARAMETER: a VTL, or an EFER that there is not. Source: TLFS,
 * HvCallStartVirtualProcessor.
 */
enum hv_status hvcall_start_vp(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_start_vp *input = in;
	enum hv_status status = HV_STATUS_SUCCESS;
	bool again = true;
	struct vp *vp;

	(void)out;
	/* The root's VPs are not scheduled, and start as processors do. */
	if (!partition_is_self(call->caller, input->partition_id) ||
	    partition_is_root(call->caller))
		return HV_STATUS_INVALID_PARTITION_ID;
	if (input->target_vtl != 0 || (input->context.efer & EFER_SVME))
		return HV_STATUS_INVALID_PARAMETER;
	/* Who waits makes no calls, and is given back at once. */
	while (again && status == HV_STATUS_SUCCESS) {
		status = claim(call->caller, input->vp_index, &vp, &again);
		__builtin_ia32_pause();
	}
	if (status != HV_STATUS_SUCCESS)
		return status;
	register_page_take(vp);
	if (vp->waits_for_startup)
		start(vp, &input->context);
	else
		status = HV_STATUS_INVALID_VP_STATE;
	scheduler_release(vp, status == HV_STATUS_SUCCESS);
	return status;
}

/* The VP of `p` with that APIC id, HV_ANY_VP if there is none. Holds p->lock. */
static uint32_t index_of(const struct partition *p, uint32_t apic_id)
{
	for (uint32_t i = 0; i < p->vp_limit; i++)
		if (p->vps[i] && p->vps[i]->apic.id == apic_id)
			return i;
	return HV_ANY_VP;
}

/*
 * Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_ID; HV_STATUS_INVALID_PARAMETER: a VTL, or
 * no VP has that id. Source: TLFS, HvCallGetVpIndexFromApicId.
 */
enum hv_status hvcall_get_vp_index_from_apic_id(struct hypercall *call, const void *in, void *out)
{
	const struct hv_input_get_vp_index_from_apic_id *input = in;
	const uint32_t *apic_id = call->rep_in;
	uint32_t *index = call->rep_out;
	uint32_t count = MIN(call->rep_count - call->rep_start, HYPERCALL_REP_BATCH);
	struct partition *p = partition_get(call->caller, input->partition_id);
	enum hv_status status = HV_STATUS_SUCCESS;

	(void)out;
	if (!p)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (input->target_vtl != 0)
		status = HV_STATUS_INVALID_PARAMETER;
	spin_lock(&p->lock);
	for (uint32_t i = 0; i < count && status == HV_STATUS_SUCCESS; i++) {
		index[i] = index_of(p, apic_id[i]);
		if (index[i] == HV_ANY_VP)
			status = HV_STATUS_INVALID_PARAMETER;
		else
			call->rep_done++;
	}
	spin_unlock(&p->lock);
	partition_put(p);
	return status;
}
