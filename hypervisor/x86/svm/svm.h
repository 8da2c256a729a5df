// SPDX-License-Identifier: Apache-2.0
/*
 * The vendor's share of a processor and a VP on AMD (SVM). The functions of x86/vendor.h and
 * partition/vp.h are implemented here; vmx/ would offer the same ones.
 */
#ifndef X86_SVM_SVM_H
#define X86_SVM_SVM_H

#include "partition/vp.h"
#include "x86/fetch.h"
#include "x86/svm/vmcb.h"

/* Whether a non-maskable interrupt can go in: not before the handler of the last one is through. */
enum svm_nmi {
	SVM_NMI_OPEN,
	SVM_NMI_HANDLED,  /* the handler runs until its IRET, which exits */
	SVM_NMI_RETURNING /* that IRET is executed under single step */
};

struct vp_arch {
	struct vmcb *vmcb;
	spa_t vmcb_spa;
	uint64_t generation; /* of the GPA space, as far as the TLB knows it */
	enum svm_nmi nmi;
	uint64_t nmi_dr6;  /* before the single step */
	uint64_t injected; /* what the last entry brought in, as in event_injection */
	bool returnable;   /* the last external interrupt chosen can go back to the APIC */
	struct fetch_cache fetch;
};

/* vp_long_mode(), without a call: every exit asks. */
static inline bool svm_long_mode(const struct vmcb *vmcb)
{
	return (vmcb->efer & EFER_LMA) && (vmcb->cs.attributes & BIT(9));
}

/* The processor tells where the next instruction is (CPUID 0x8000000a EDX bit 3). */
extern bool svm_has_next_rip;

/*
 * The event to inject again of what an exit interrupted (`info`: EXITINTINFO; `injected`: what the
 * last entry brought in), or 0: a software interrupt or exception executes its instruction again
 * instead. Most exits interrupt none.
 */
uint64_t svm_event_again(uint64_t info, uint64_t injected);
static inline uint64_t svm_interrupted_event(uint64_t info, uint64_t injected)
{
	return info & EVENT_VALID ? svm_event_again(info, injected) : 0;
}

/* True if `event`, as in event_injection, is an interrupt from outside. */
static inline bool svm_is_external(uint64_t event)
{
	return (event & (EVENT_VALID | EVENT_TYPE_MASK)) == (EVENT_VALID | EVENT_TYPE_EXTERNAL);
}

/* Enter `vp` and come back with its next exit. */
void svm_enter_vp(struct vp *vp);

/* What VMRUN leaves in the processor: that of a child's VP comes, that of the root's is kept; and
 * back. */
void svm_context_enter(struct vp *vp, struct vp *carrier);
void svm_context_leave(struct vp *vp, struct vp *carrier);

/* Hold back non-maskable interrupts as if a handler of one were running. */
void svm_nmi_mask(struct vp_arch *arch);

/* Put what `vp` has to take next into its control block, if it can take it now. */
void svm_deliver(struct vp *vp);

/* The VP writes CR8 while something waits for a lower priority. */
void svm_write_cr8(struct vp *vp);

/* Non-maskable interrupts go in one at a time. All of the VP that is stopped on this processor. */
void svm_nmi_open(struct vp_arch *arch);   /* forget that one is handled */
void svm_nmi_inject(struct vp_arch *arch); /* let one in; nmi is SVM_NMI_OPEN */
void svm_nmi_return(struct vp *vp);        /* its handler's IRET has exited */
void svm_nmi_returned(struct vp *vp);      /* a debug exception while that IRET is stepped over */

#endif
