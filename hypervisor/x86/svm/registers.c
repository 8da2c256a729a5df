// SPDX-License-Identifier: Apache-2.0
/* The registers of a VP that stand in its control block, by name. */
#include "abi/hv/intercept.h"
#include "abi/hv/vp.h"
#include "core/string.h"
#include "partition/partition.h"
#include "x86/cpu.h"
#include "x86/svm/svm.h"
#include "x86/vendor.h"

/* VMCB attributes keep AVL, L, D/B and G right above the present bit (APM volume 2, 15.5.1). */
#define ATTRIBUTES_LOW  0x00ffu
#define ATTRIBUTES_HIGH 0x0f00u

static struct vmcb_segment *segment_of(struct vmcb *vmcb, uint32_t name)
{
	static const uint16_t offsets[] = {
		offsetof(struct vmcb, es),   offsetof(struct vmcb, cs), offsetof(struct vmcb, ss),
		offsetof(struct vmcb, ds),   offsetof(struct vmcb, fs), offsetof(struct vmcb, gs),
		offsetof(struct vmcb, ldtr), offsetof(struct vmcb, tr),
	};

	return (void *)((uint8_t *)vmcb + offsets[name - HV_X64_REGISTER_ES]);
}

void vp_get_segment(const struct vp *vp, uint32_t name, struct hv_x64_segment_register *value)
{
	const struct vmcb_segment *s = segment_of(vp->arch->vmcb, name);

	value->base = s->base;
	value->limit = s->limit;
	value->selector = s->selector;
	value->attributes = (uint16_t)((s->attributes & ATTRIBUTES_LOW) |
				       (s->attributes & ATTRIBUTES_HIGH) << 4);
}

void vp_set_segment(struct vp *vp, uint32_t name, const struct hv_x64_segment_register *value)
{
	struct vmcb *vmcb = vp->arch->vmcb;
	struct vmcb_segment *s = segment_of(vmcb, name);

	s->base = value->base;
	s->limit = value->limit;
	s->selector = value->selector;
	s->attributes = (uint16_t)((value->attributes & ATTRIBUTES_LOW) |
				   (value->attributes >> 4 & ATTRIBUTES_HIGH));
	/* The privilege level is that of the stack segment. */
	if (name == HV_X64_REGISTER_SS)
		vmcb->cpl = (uint8_t)(value->attributes >> 5 & 3);
}

uint16_t vp_execution_state(const struct vp *vp)
{
	const struct vmcb *vmcb = vp->arch->vmcb;
	uint16_t state = vmcb->cpl & HV_EXECUTION_STATE_CPL_MASK;

	if (vmcb->cr0 & CR0_PE)
		state |= HV_EXECUTION_STATE_CR0_PE;
	if (vmcb->cr0 & CR0_AM)
		state |= HV_EXECUTION_STATE_CR0_AM;
	if (vmcb->efer & EFER_LMA)
		state |= HV_EXECUTION_STATE_EFER_LMA;
	if (vmcb->dr7 & DR7_ENABLED)
		state |= HV_EXECUTION_STATE_DEBUG_ACTIVE;
	if (vmcb->event_injection & EVENT_VALID)
		state |= HV_EXECUTION_STATE_INTERRUPTION_PENDING;
	if (vmcb->interrupt_shadow & INTERRUPT_SHADOW)
		state |= HV_EXECUTION_STATE_INTERRUPT_SHADOW;
	return state;
}

bool vp_nmi_open(const struct vp *vp)
{
	return vp->arch->nmi == SVM_NMI_OPEN && !vp->nmi_pending &&
	       !(vp->arch->vmcb->event_injection & EVENT_VALID);
}

bool vp_interrupt_open(const struct vp *vp)
{
	const struct vmcb *vmcb = vp->arch->vmcb;

	return (vp->regs.rflags & RFLAGS_IF) && !(vmcb->interrupt_shadow & INTERRUPT_SHADOW) &&
	       !(vmcb->event_injection & EVENT_VALID);
}

/* Where a register of 64 bits is in the control block, NULL if it is not one of those. */
static uint64_t *plain(struct vmcb *vmcb, uint32_t name)
{
	switch (name) {
	case HV_X64_REGISTER_CR0:
		return &vmcb->cr0;
	case HV_X64_REGISTER_CR2:
		return &vmcb->cr2;
	case HV_X64_REGISTER_CR3:
		return &vmcb->cr3;
	case HV_X64_REGISTER_CR4:
		return &vmcb->cr4;
	case HV_X64_REGISTER_DR6:
		return &vmcb->dr6;
	case HV_X64_REGISTER_DR7:
		return &vmcb->dr7;
	case HV_X64_REGISTER_KERNEL_GS_BASE:
		return &vmcb->kernel_gs_base;
	case HV_X64_REGISTER_PAT:
		return &vmcb->g_pat;
	case HV_X64_REGISTER_SYSENTER_CS:
		return &vmcb->sysenter_cs;
	case HV_X64_REGISTER_SYSENTER_EIP:
		return &vmcb->sysenter_eip;
	case HV_X64_REGISTER_SYSENTER_ESP:
		return &vmcb->sysenter_esp;
	case HV_X64_REGISTER_STAR:
		return &vmcb->star;
	case HV_X64_REGISTER_LSTAR:
		return &vmcb->lstar;
	case HV_X64_REGISTER_CSTAR:
		return &vmcb->cstar;
	case HV_X64_REGISTER_SFMASK:
		return &vmcb->sfmask;
	case HV_X64_REGISTER_DEBUG_CTL:
		return &vmcb->debug_control;
	default:
		return NULL;
	}
}

static uint64_t pending_interruption(const struct vmcb *vmcb)
{
	uint64_t event = vmcb->event_injection;

	if (!(event & EVENT_VALID))
		return 0;
	return HV_PENDING_INTERRUPTION_VALID |
	       (event >> 8 & 7) << HV_PENDING_INTERRUPTION_TYPE_SHIFT |
	       (event & EVENT_ERROR_VALID ? HV_PENDING_INTERRUPTION_ERROR : 0) |
	       (event & 0xff) << 16 | (event >> 32) << 32;
}

static bool set_pending_interruption(struct vmcb *vmcb, uint64_t value)
{
	uint64_t type = value >> HV_PENDING_INTERRUPTION_TYPE_SHIFT & 7;

	if (!(value & HV_PENDING_INTERRUPTION_VALID)) {
		vmcb->event_injection = 0;
		return true;
	}
	/* External, non-maskable, exception; software interrupts execute their instruction. */
	if ((type != 0 && type != 2 && type != 3) || (value >> 16 & 0xffff) > 0xff)
		return false;
	vmcb->event_injection = EVENT_VALID | type << 8 | (value >> 16 & 0xff) |
				(value & HV_PENDING_INTERRUPTION_ERROR ? EVENT_ERROR_VALID : 0) |
				(value >> 32) << 32;
	return true;
}

bool vendor_get_register(struct vp *vp, uint32_t name, union hv_register_value *value)
{
	struct vmcb *vmcb = vp->arch->vmcb;
	const uint64_t *place = plain(vmcb, name);

	if (place) {
		value->reg64 = *place;
		return true;
	}
	if (name >= HV_X64_REGISTER_ES && name <= HV_X64_REGISTER_TR) {
		vp_get_segment(vp, name, &value->segment);
		return true;
	}
	switch (name) {
	case HV_X64_REGISTER_EFER:
		value->reg64 = vendor_efer(vp);
		return true;
	case HV_X64_REGISTER_IDTR:
		value->table.limit = (uint16_t)vmcb->idtr.limit;
		value->table.base = vmcb->idtr.base;
		return true;
	case HV_X64_REGISTER_GDTR:
		value->table.limit = (uint16_t)vmcb->gdtr.limit;
		value->table.base = vmcb->gdtr.base;
		return true;
	case HV_REGISTER_PENDING_INTERRUPTION:
		value->reg64 = pending_interruption(vmcb);
		return true;
	case HV_REGISTER_INTERRUPT_STATE:
		value->reg64 = (vmcb->interrupt_shadow & INTERRUPT_SHADOW
					? HV_INTERRUPT_STATE_SHADOW
					: 0) |
			       (vp->arch->nmi != SVM_NMI_OPEN ? HV_INTERRUPT_STATE_NMI_MASKED : 0);
		return true;
	default:
		return false;
	}
}

enum hv_status vendor_set_register(struct vp *vp, uint32_t name,
				   const union hv_register_value *value)
{
	struct vmcb *vmcb = vp->arch->vmcb;
	uint64_t *place = plain(vmcb, name);

	if (place) {
		*place = value->reg64;
		return HV_STATUS_SUCCESS;
	}
	if (name >= HV_X64_REGISTER_ES && name <= HV_X64_REGISTER_TR) {
		vp_set_segment(vp, name, &value->segment);
		return HV_STATUS_SUCCESS;
	}
	switch (name) {
	case HV_X64_REGISTER_EFER:
		if (value->reg64 & EFER_SVME)
			return HV_STATUS_INVALID_REGISTER_VALUE;
		vendor_set_efer(vp, value->reg64);
		return HV_STATUS_SUCCESS;
	case HV_X64_REGISTER_IDTR:
		vmcb->idtr.limit = value->table.limit;
		vmcb->idtr.base = value->table.base;
		return HV_STATUS_SUCCESS;
	case HV_X64_REGISTER_GDTR:
		vmcb->gdtr.limit = value->table.limit;
		vmcb->gdtr.base = value->table.base;
		return HV_STATUS_SUCCESS;
	case HV_REGISTER_PENDING_INTERRUPTION:
		return set_pending_interruption(vmcb, value->reg64)
			       ? HV_STATUS_SUCCESS
			       : HV_STATUS_INVALID_REGISTER_VALUE;
	case HV_REGISTER_INTERRUPT_STATE:
		vmcb->interrupt_shadow = value->reg64 & HV_INTERRUPT_STATE_SHADOW;
		if (!(value->reg64 & HV_INTERRUPT_STATE_NMI_MASKED))
			svm_nmi_open(vp->arch);
		else if (vp->arch->nmi == SVM_NMI_OPEN)
			svm_nmi_mask(vp->arch);
		return HV_STATUS_SUCCESS;
	default:
		return HV_STATUS_UNKNOWN_REGISTER_NAME;
	}
}

uint64_t vendor_pat(const struct vp *vp)
{
	return vp->arch->vmcb->g_pat;
}

void vendor_set_pat(struct vp *vp, uint64_t pat)
{
	vp->arch->vmcb->g_pat = pat;
}
