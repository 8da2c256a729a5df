// SPDX-License-Identifier: Apache-2.0
#include "partition/registers.h"

#include "abi/hv/msr.h"
#include "abi/hv/vp.h"
#include "core/machine.h"
#include "core/string.h"
#include "intercept/child.h"
#include "partition/partition.h"
#include "partition/synthetic.h"
#include "partition/vp.h"
#include "synic/synic.h"
#include "x86/cpu.h"
#include "x86/vendor.h"
#include "x86/xstate.h"

/* Where things are in the legacy region of the extended state (APM volume 2, 11.4.4). */
#define FXSAVE_FCW   0u
#define FXSAVE_FSW   2u
#define FXSAVE_FTW   4u
#define FXSAVE_FOP   6u
#define FXSAVE_RIP   8u
#define FXSAVE_RDP   16u
#define FXSAVE_MXCSR 24u
#define FXSAVE_MASK  28u
#define FXSAVE_ST0   32u
#define FXSAVE_XMM0  160u

/* Registers that are MSRs: runs of both, numbered alike. */
static const struct {
	uint32_t name, count, msr;
} synthetic[] = {
	{HV_REGISTER_GUEST_CRASH_P0, 6, HV_X64_MSR_CRASH_P0},
	{HV_REGISTER_VP_RUNTIME, 1, HV_X64_MSR_VP_RUNTIME},
	{HV_X64_REGISTER_HYPERCALL, 1, HV_X64_MSR_HYPERCALL},
	{HV_REGISTER_GUEST_OS_ID, 1, HV_X64_MSR_GUEST_OS_ID},
	{HV_REGISTER_VP_INDEX, 1, HV_X64_MSR_VP_INDEX},
	{HV_REGISTER_TIME_REF_COUNT, 1, HV_X64_MSR_TIME_REF_COUNT},
	{HV_REGISTER_EOI, 4, HV_X64_MSR_EOI},
	{HV_REGISTER_REFERENCE_TSC, 1, HV_X64_MSR_REFERENCE_TSC},
	{HV_REGISTER_SINT0, 16, HV_X64_MSR_SINT0},
	{HV_REGISTER_SCONTROL, 2, HV_X64_MSR_SCONTROL},
	{HV_REGISTER_SIEFP, 4, HV_X64_MSR_SIEFP},
	{HV_REGISTER_STIMER0_CONFIG, 8, HV_X64_MSR_STIMER0_CONFIG},
};

/* The same for MSRs that a processor has. */
static const struct {
	uint32_t name, count, msr;
} native[] = {
	{HV_X64_REGISTER_TSC, 1, MSR_TSC},
	{HV_X64_REGISTER_APIC_BASE, 1, MSR_APIC_BASE},
	{HV_X64_REGISTER_MTRR_CAP, 1, MSR_MTRR_CAP},
	{HV_X64_REGISTER_MTRR_DEF_TYPE, 1, MSR_MTRR_DEF_TYPE},
	{HV_X64_REGISTER_MISC_ENABLE, 1, MSR_MISC_ENABLE},
};

/* The MSR that register `name` is, 0 if it is none (or one with its own way). */
static uint32_t msr_of(uint32_t name)
{
	for (size_t i = 0; i < ARRAY_SIZE(synthetic); i++)
		if (name - synthetic[i].name < synthetic[i].count)
			return synthetic[i].msr + name - synthetic[i].name;
	for (size_t i = 0; i < ARRAY_SIZE(native); i++)
		if (name - native[i].name < native[i].count)
			return native[i].msr + name - native[i].name;
	if (name >= HV_X64_REGISTER_MTRR_PHYS_BASE0 &&
	    name < HV_X64_REGISTER_MTRR_PHYS_BASE0 + VP_MTRR_VARIABLE)
		return MSR_MTRR_PHYS_BASE0 + 2 * (name - HV_X64_REGISTER_MTRR_PHYS_BASE0);
	if (name >= HV_X64_REGISTER_MTRR_PHYS_MASK0 &&
	    name < HV_X64_REGISTER_MTRR_PHYS_MASK0 + VP_MTRR_VARIABLE)
		return MSR_MTRR_PHYS_BASE0 + 2 * (name - HV_X64_REGISTER_MTRR_PHYS_MASK0) + 1;
	return 0;
}

/* Registers of the saved vector state; *size: bytes. NULL if it is none. */
static uint8_t *saved_state(struct vp *vp, uint32_t name, size_t *size)
{
	uint8_t *image = vp->child.xsave;

	if (name >= HV_X64_REGISTER_XMM0 && name <= HV_X64_REGISTER_XMM15) {
		*size = 16;
		return image + FXSAVE_XMM0 + (name - HV_X64_REGISTER_XMM0) * 16;
	}
	if (name >= HV_X64_REGISTER_FP_MMX0 && name <= HV_X64_REGISTER_FP_MMX7) {
		*size = 10;
		return image + FXSAVE_ST0 + (name - HV_X64_REGISTER_FP_MMX0) * 16;
	}
	return NULL;
}

/* The components of the image that `name` belongs to are not in their initial state any more. */
static void state_in_use(struct vp *vp)
{
	uint64_t *bv = (void *)((uint8_t *)vp->child.xsave + XSTATE_BV);

	*bv |= XSTATE_X87 | XSTATE_SSE;
}

static void get_fp_control(const uint8_t *image, union hv_register_value *value)
{
	memcpy(&value->fp_control_status.fp_control, image + FXSAVE_FCW, 2);
	memcpy(&value->fp_control_status.fp_status, image + FXSAVE_FSW, 2);
	memcpy(&value->fp_control_status.fp_tag, image + FXSAVE_FTW, 1);
	memcpy(&value->fp_control_status.last_fp_op, image + FXSAVE_FOP, 2);
	memcpy(&value->fp_control_status.last_fp_rip, image + FXSAVE_RIP, 8);
}

static void set_fp_control(uint8_t *image, const union hv_register_value *value)
{
	memcpy(image + FXSAVE_FCW, &value->fp_control_status.fp_control, 2);
	memcpy(image + FXSAVE_FSW, &value->fp_control_status.fp_status, 2);
	memcpy(image + FXSAVE_FTW, &value->fp_control_status.fp_tag, 1);
	memcpy(image + FXSAVE_FOP, &value->fp_control_status.last_fp_op, 2);
	memcpy(image + FXSAVE_RIP, &value->fp_control_status.last_fp_rip, 8);
}

static uint64_t activity(const struct vp *vp)
{
	return (vp->waits_for_startup ? HV_ACTIVITY_STARTUP_SUSPEND : 0) |
	       (vp->child.halted ? HV_ACTIVITY_HALT_SUSPEND : 0) |
	       (vp->child.idle ? HV_ACTIVITY_IDLE_SUSPEND : 0);
}

/* What is in no processor's control block and no MSR. Returns false if `name` is not among it. */
static bool get_own(struct vp *vp, uint32_t name, union hv_register_value *value)
{
	const struct vp_child *child = &vp->child;
	const uint64_t *regs = &vp->regs.rax;

	if (name >= HV_X64_REGISTER_RAX && name <= HV_X64_REGISTER_RFLAGS) {
		value->reg64 = regs[name - HV_X64_REGISTER_RAX];
		return true;
	}
	if (name >= HV_X64_REGISTER_DR0 && name <= HV_X64_REGISTER_DR3) {
		value->reg64 = child->dr[name - HV_X64_REGISTER_DR0];
		return true;
	}
	switch (name) {
	case HV_REGISTER_EXPLICIT_SUSPEND:
		value->reg64 = child->explicit_suspend;
		return true;
	case HV_REGISTER_INTERCEPT_SUSPEND:
		value->reg64 = child->intercept_suspend;
		return true;
	case HV_REGISTER_DISPATCH_SUSPEND:
		value->reg64 = child->dispatch_suspend;
		return true;
	case HV_REGISTER_INTERNAL_ACTIVITY_STATE:
		value->reg64 = activity(vp);
		return true;
	case HV_REGISTER_DELIVERABILITY_NOTIFICATIONS:
		value->reg64 = child->deliverability;
		return true;
	case HV_REGISTER_VP_ROOT_SIGNAL_COUNT:
		value->reg64 = child->signals;
		return true;
	case HV_REGISTER_PENDING_EVENT0:
	case HV_REGISTER_PENDING_EVENT1:
	case HV_X64_REGISTER_PENDING_DEBUG_EXCEPTION:
	case HV_X64_REGISTER_XSS:
	case HV_X64_REGISTER_TSC_ADJUST:
	case HV_X64_REGISTER_PRED_CMD:
	case HV_X64_REGISTER_VIRT_SPEC_CTRL:
		return true;
	case HV_X64_REGISTER_FP_CONTROL_STATUS:
		get_fp_control(child->xsave, value);
		return true;
	case HV_X64_REGISTER_XMM_CONTROL_STATUS:
		memcpy(&value->xmm_control_status.last_fp_rdp, (uint8_t *)child->xsave + FXSAVE_RDP,
		       8);
		memcpy(&value->xmm_control_status.xmm_status_control,
		       (uint8_t *)child->xsave + FXSAVE_MXCSR, 4);
		value->xmm_control_status.xmm_status_control_mask = 0xffff;
		return true;
	case HV_X64_REGISTER_CR8:
		value->reg64 = vp->apic.tpr >> 4;
		return true;
	case HV_X64_REGISTER_XFEM:
		value->reg64 = child->xcr0;
		return true;
	case HV_X64_REGISTER_INITIAL_APIC_ID:
		value->reg64 = vp->apic.id;
		return true;
	case HV_X64_REGISTER_APIC_ID:
		value->reg64 = apic_is_x2apic(vp) ? vp->apic.id : vp->apic.id << 24;
		return true;
	case HV_X64_REGISTER_TSC_AUX:
		value->reg64 = child->tsc_aux;
		return true;
	case HV_X64_REGISTER_SPEC_CTRL:
		value->reg64 = child->spec_ctrl;
		return true;
	default:
		return false;
	}
}

enum hv_status registers_get(struct vp *vp, uint32_t name, union hv_register_value *value)
{
	uint32_t msr = msr_of(name);
	size_t size;
	const uint8_t *saved = saved_state(vp, name, &size);

	if (saved) {
		memcpy(value, saved, size);
		return HV_STATUS_SUCCESS;
	}
	if (get_own(vp, name, value) || vendor_get_register(vp, name, value))
		return HV_STATUS_SUCCESS;
	if (msr == 0)
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	/* One that the partition was not given reads as nothing. */
	if (!child_read_msr(vp, msr, &value->reg64))
		value->reg64 = 0;
	return HV_STATUS_SUCCESS;
}

const void *registers_xmm(const struct vp *vp)
{
	return (const uint8_t *)vp->child.xsave + FXSAVE_XMM0;
}

uint32_t registers_pkru(const struct vp *vp)
{
	const uint8_t *image = vp->child.xsave;
	uint32_t size, offset = xstate_offset(XSTATE_PKRU_NUMBER, &size), pkru = 0;
	uint64_t in_use;

	memcpy(&in_use, image + XSTATE_BV, sizeof(in_use));
	if (size != 0 && (in_use & XSTATE_PKRU))
		memcpy(&pkru, image + offset, sizeof(pkru));
	return pkru;
}

static void set_activity(struct vp *vp, uint64_t value)
{
	vp->waits_for_startup = value & HV_ACTIVITY_STARTUP_SUSPEND;
	vp->child.halted = value & HV_ACTIVITY_HALT_SUSPEND;
	vp->child.idle = value & HV_ACTIVITY_IDLE_SUSPEND;
}

/* As get_own(). */
static bool set_own(struct vp *vp, uint32_t name, const union hv_register_value *value,
		    enum hv_status *status, bool *wake)
{
	struct vp_child *child = &vp->child;
	uint64_t *regs = &vp->regs.rax;

	*status = HV_STATUS_SUCCESS;
	if (name >= HV_X64_REGISTER_RAX && name <= HV_X64_REGISTER_RFLAGS) {
		regs[name - HV_X64_REGISTER_RAX] = value->reg64;
		if (name == HV_X64_REGISTER_RFLAGS)
			vp->regs.rflags |= RFLAGS_FIXED;
		return true;
	}
	if (name >= HV_X64_REGISTER_DR0 && name <= HV_X64_REGISTER_DR3) {
		child->dr[name - HV_X64_REGISTER_DR0] = value->reg64;
		return true;
	}
	switch (name) {
	case HV_REGISTER_EXPLICIT_SUSPEND:
		child->explicit_suspend = value->reg64 & 1;
		*wake = !child->explicit_suspend;
		return true;
	case HV_REGISTER_INTERCEPT_SUSPEND:
		child->intercept_suspend = value->reg64 & 1;
		*wake = !child->intercept_suspend;
		return true;
	case HV_REGISTER_DISPATCH_SUSPEND:
		child->dispatch_suspend = value->reg64 & 1;
		return true;
	case HV_REGISTER_INTERNAL_ACTIVITY_STATE:
		set_activity(vp, value->reg64);
		*wake = true;
		return true;
	case HV_REGISTER_DELIVERABILITY_NOTIFICATIONS:
		child->deliverability = value->reg64;
		*wake = true;
		return true;
	case HV_REGISTER_PENDING_EVENT0:
	case HV_REGISTER_PENDING_EVENT1:
		*status = vp_set_pending_event(vp, value->reg128[0], value->reg128[1])
				  ? HV_STATUS_SUCCESS
				  : HV_STATUS_INVALID_REGISTER_VALUE;
		return true;
	case HV_X64_REGISTER_PENDING_DEBUG_EXCEPTION:
	case HV_X64_REGISTER_XSS:
	case HV_X64_REGISTER_PRED_CMD:
	case HV_X64_REGISTER_VIRT_SPEC_CTRL:
	case HV_X64_REGISTER_TSC_ADJUST:
		if (value->reg64 != 0)
			*status = HV_STATUS_INVALID_REGISTER_VALUE;
		return true;
	case HV_X64_REGISTER_FP_CONTROL_STATUS:
		set_fp_control(child->xsave, value);
		state_in_use(vp);
		return true;
	case HV_X64_REGISTER_XMM_CONTROL_STATUS:
		if (value->xmm_control_status.xmm_status_control & ~0xffffu) {
			*status = HV_STATUS_INVALID_REGISTER_VALUE;
			return true;
		}
		memcpy((uint8_t *)child->xsave + FXSAVE_RDP, &value->xmm_control_status.last_fp_rdp,
		       8);
		memcpy((uint8_t *)child->xsave + FXSAVE_MXCSR,
		       &value->xmm_control_status.xmm_status_control, 4);
		state_in_use(vp);
		return true;
	case HV_X64_REGISTER_CR8:
		if (value->reg64 > 15 || !apic_write_tpr(vp, value->reg64 << 4))
			*status = HV_STATUS_INVALID_REGISTER_VALUE;
		return true;
	case HV_X64_REGISTER_XFEM:
		if (xstate_xcr0_valid(value->reg64, vp->partition->xsave_states))
			child->xcr0 = value->reg64;
		else
			*status = HV_STATUS_INVALID_REGISTER_VALUE;
		return true;
	case HV_X64_REGISTER_INITIAL_APIC_ID:
		vp->apic.id = (uint32_t)value->reg64;
		return true;
	case HV_X64_REGISTER_APIC_ID:
		vp->apic.id = (uint32_t)(apic_is_x2apic(vp) ? value->reg64 : value->reg64 >> 24);
		return true;
	case HV_X64_REGISTER_TSC_AUX:
		child->tsc_aux = (uint32_t)value->reg64;
		return true;
	case HV_X64_REGISTER_SPEC_CTRL:
		if (value->reg64 & ~xstate_spec_ctrl())
			*status = HV_STATUS_INVALID_REGISTER_VALUE;
		else
			child->spec_ctrl = value->reg64;
		return true;
	default:
		return false;
	}
}

enum hv_status registers_set(struct vp *vp, uint32_t name, const union hv_register_value *value,
			     bool *wake)
{
	uint32_t msr = msr_of(name);
	enum hv_status status;
	size_t size;
	uint8_t *saved = saved_state(vp, name, &size);

	if (saved) {
		memcpy(saved, value, size);
		state_in_use(vp);
		return HV_STATUS_SUCCESS;
	}
	if (set_own(vp, name, value, &status, wake))
		return status;
	status = vendor_set_register(vp, name, value);
	if (status != HV_STATUS_UNKNOWN_REGISTER_NAME || msr == 0)
		return status;
	return child_write_msr(vp, msr, value->reg64) ? HV_STATUS_SUCCESS
						      : HV_STATUS_INVALID_REGISTER_VALUE;
}
