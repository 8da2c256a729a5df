// SPDX-License-Identifier: Apache-2.0
/*
 * Events of a VP: stepping over an instruction, raising an exception, letting a non-maskable
 * interrupt in, and what becomes of an event that an exit interrupted.
 */
#include "x86/svm/svm.h"

#include "intercept/intercept.h"
#include "partition/partition.h"
#include "x86/cpu.h"
#include "x86/exception.h"
#include "x86/lp.h"

/* Exceptions that raising another one has to know of. */
#define VECTOR_DB 1u
#define VECTOR_DF 8u
#define VECTOR_PF 14u

#define DR6_SINGLE_STEP BIT(14)

/*
 * How long the instruction is where the VP stands, if it is `plain` bytes long without prefixes.
 * Out of the way of what happens on nearly every exit.
 */
static unsigned int __noinline instruction_length(struct vp *vp, unsigned int plain)
{
	const struct vmcb *vmcb = vp->arch->vmcb;
	struct fetch_at at = {
		.address = vp->regs.rip,
		.cr0 = vmcb->cr0,
		.cr3 = vmcb->cr3,
		.cr4 = vmcb->cr4,
		.efer = vmcb->efer,
		.mode = DECODE_64,
	};

	if (!vp_long_mode(vp)) {
		at.address = (uint32_t)(vmcb->cs.base + vp->regs.rip);
		at.mode = vmcb->cs.attributes & BIT(10) ? DECODE_32 : DECODE_16;
	}
	return fetch_length(&vp->arch->fetch, &vp->partition->gpa, &at, plain);
}

/* What vp_advance() adds to RIP: seldom anything but `plain`. */
static unsigned int step_length(struct vp *vp, unsigned int plain)
{
	const struct vmcb *vmcb = vp->arch->vmcb;
	uint64_t paging = fetch_paging(vmcb->cr0, vmcb->cr4, vmcb->efer);

	if (vp_long_mode(vp) &&
	    fetch_is_plain(&vp->arch->fetch, &vp->partition->gpa, vp->regs.rip, vmcb->cr3, paging))
		return plain;
	return instruction_length(vp, plain);
}

void vp_advance(struct vp *vp, unsigned int length)
{
	struct vmcb *vmcb = vp->arch->vmcb;

	if (svm_has_next_rip && vmcb->next_rip)
		vp->regs.rip = vmcb->next_rip;
	else
		vp->regs.rip += step_length(vp, length);
	if (!vp_long_mode(vp))
		vp->regs.rip = (uint32_t)vp->regs.rip;
	vmcb->interrupt_shadow &= ~INTERRUPT_SHADOW;
	vp->regs.rflags &= ~RFLAGS_RF;
	/* A step over an instruction under single step ends in its debug exception. */
	if ((vp->regs.rflags & RFLAGS_TF) && !(vmcb->event_injection & EVENT_VALID)) {
		vmcb->dr6 |= DR6_SINGLE_STEP;
		vmcb->event_injection = EVENT_VALID | EVENT_TYPE_EXCEPTION | VECTOR_DB;
	}
}

/* True for exceptions two of which make a double fault (APM volume 2, 8.2.9). */
static bool contributory(uint64_t vector)
{
	return vector == 0 || (vector >= 10 && vector <= VECTOR_GP);
}

void vp_raise(struct vp *vp, unsigned int vector)
{
	const uint64_t exception = EVENT_VALID | EVENT_TYPE_EXCEPTION;
	struct vmcb *vmcb = vp->arch->vmcb;
	uint64_t earlier = vmcb->event_injection & 0xff;

	/* Raised by the delivery of another: two make a double fault, three a shutdown. */
	if ((vmcb->event_injection & (EVENT_VALID | EVENT_TYPE_MASK)) == exception) {
		if (earlier == VECTOR_DF) {
			intercept_shutdown(vp);
			return;
		}
		if (contributory(vector) && (contributory(earlier) || earlier == VECTOR_PF))
			vector = VECTOR_DF;
	}
	vmcb->event_injection = exception | vector;
	/* Real mode knows no error codes. */
	if ((vector == VECTOR_GP || vector == VECTOR_DF) && vp_protected_mode(vp))
		vmcb->event_injection |= EVENT_ERROR_VALID;
}
/* A software interrupt or exception re-executes its instruction; what came from outside must go in
 * again. */
uint64_t svm_interrupted_event(uint64_t info)
{
	uint64_t vector = info & 0xff;

	if (!(info & EVENT_VALID))
		return 0;
	switch (info & EVENT_TYPE_MASK) {
	case EVENT_TYPE_SOFTWARE:
		return 0;
	case EVENT_TYPE_EXCEPTION:
		if (vector == 3 || vector == 4)
			return 0;
		return info;
	default:
		return info;
	}
}
void svm_nmi_open(struct vp_arch *arch)
{
	arch->nmi = SVM_NMI_OPEN;
	arch->vmcb->intercept_1 &= ~(uint32_t)INTERCEPT1_IRET;
	arch->vmcb->intercept_exceptions &= ~(uint32_t)INTERCEPT_DB;
}

/*
 * Let a non-maskable interrupt in, and hold back the next one until its handler has returned: for
 * an injected one that is ours to see to.
 */
void svm_nmi_inject(struct vp_arch *arch)
{
	arch->nmi = SVM_NMI_HANDLED;
	arch->vmcb->intercept_1 |= (uint32_t)INTERCEPT1_IRET;
	arch->vmcb->event_injection = EVENT_VALID | EVENT_TYPE_NMI | EXCEPTION_NMI;
}

/* The handler is about to return. The IRET itself still needs the handler's stack. */
void svm_nmi_return(struct vp *vp)
{
	struct vp_arch *arch = vp->arch;

	arch->nmi = SVM_NMI_RETURNING;
	arch->nmi_dr6 = arch->vmcb->dr6;
	arch->vmcb->intercept_1 &= ~(uint32_t)INTERCEPT1_IRET;
	arch->vmcb->intercept_exceptions |= (uint32_t)INTERCEPT_DB;
	/* IRET loads the flags, so that the partition does not get to see this. */
	vp->regs.rflags |= RFLAGS_TF;
}

/* A debug exception under our single step: ours if it is only that. */
void svm_nmi_returned(struct vp *vp)
{
	struct vp_arch *arch = vp->arch;

	if (!(arch->vmcb->dr6 & DR6_SINGLE_STEP)) {
		vp_raise(vp, VECTOR_DB);
		return;
	}
	arch->vmcb->dr6 = arch->nmi_dr6;
	svm_nmi_open(arch);
}
