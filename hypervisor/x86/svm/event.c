// SPDX-License-Identifier: Apache-2.0
/*
 * Events of a VP: stepping over an instruction, raising an exception, letting a non-maskable
 * interrupt in, and what becomes of an event that an exit interrupted.
 */
#include "x86/svm/svm.h"

#include "abi/hv/vp.h"
#include "core/printk.h"
#include "core/string.h"
#include "decoder/decoder.h"
#include "intercept/intercept.h"
#include "partition/partition.h"
#include "x86/cpu.h"
#include "x86/exception.h"
#include "x86/lp.h"
#include "x86/vendor.h"

/* Exceptions that raising another one has to know of. */
#define VECTOR_DB 1u
#define VECTOR_DF 8u
#define VECTOR_PF 14u

#define DR6_SINGLE_STEP BIT(14)

/* Where the VP stands. */
static struct fetch_at position(const struct vp *vp)
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
	return at;
}

/*
 * A child's tables can be taken apart by its parent, on another processor, while they are walked.
 * The root's stay.
 */
static void hold_tables(const struct vp *vp)
{
	if (!partition_is_root(vp->partition))
		spin_lock(&vp->partition->lock);
}

static void let_go_of_tables(const struct vp *vp)
{
	if (!partition_is_root(vp->partition))
		spin_unlock(&vp->partition->lock);
}

/* How long the instruction is where the VP stands, if it is `plain` bytes long without prefixes. */
static unsigned int instruction_length(struct vp *vp, unsigned int plain)
{
	const struct fetch_at at = position(vp);
	unsigned int length;

	hold_tables(vp);
	length = fetch_length(&vp->arch->fetch, &vp->partition->gpa, &at, plain);
	let_go_of_tables(vp);
	return length;
}

bool vp_decode(struct vp *vp, struct instruction *insn)
{
	const struct fetch_at at = position(vp);
	bool decoded;

	hold_tables(vp);
	decoded = fetch_instruction(&vp->partition->gpa, &at, insn);
	let_go_of_tables(vp);
	return decoded;
}

/* True if the instruction where the VP stands, in 64-bit code, is known to have no prefixes. */
static inline bool is_plain(struct vp *vp, const struct vmcb *vmcb)
{
	return fetch_is_plain(&vp->arch->fetch, &vp->partition->gpa, vp->regs.rip, vmcb->cr3,
			      fetch_paging(vmcb->cr0, vmcb->cr4, vmcb->efer));
}

static inline void step(struct vp *vp, unsigned int length, bool wide)
{
	struct vmcb *vmcb = vp->arch->vmcb;

	vp->regs.rip += length;
	if (!wide)
		vp->regs.rip = (uint32_t)vp->regs.rip;
	vmcb->interrupt_shadow &= ~INTERRUPT_SHADOW;
	vp->regs.rflags &= ~RFLAGS_RF;
	/* A step over an instruction under single step ends in its debug exception. */
	if ((vp->regs.rflags & RFLAGS_TF) && !(vmcb->event_injection & EVENT_VALID)) {
		vmcb->dr6 |= DR6_SINGLE_STEP;
		vmcb->event_injection = EVENT_VALID | EVENT_TYPE_EXCEPTION | VECTOR_DB;
	}
}

void vp_step(struct vp *vp, unsigned int length)
{
	step(vp, length, svm_long_mode(vp->arch->vmcb));
}

unsigned int vp_length(struct vp *vp, unsigned int plain)
{
	const struct vmcb *vmcb = vp->arch->vmcb;

	if (svm_has_next_rip && vmcb->next_rip)
		return (unsigned int)(vmcb->next_rip - vp->regs.rip);
	return instruction_length(vp, plain);
}

/* vp_advance() where it takes more than a look; out of the way of nearly every exit. */
static void __noinline advance_slowly(struct vp *vp, unsigned int plain)
{
	vp_step(vp, vp_length(vp, plain));
}

void vp_advance(struct vp *vp, unsigned int length)
{
	const struct vmcb *vmcb = vp->arch->vmcb;

	if (!svm_has_next_rip && svm_long_mode(vmcb) && is_plain(vp, vmcb))
		step(vp, length, true);
	else
		advance_slowly(vp, length);
}

/* True for exceptions two of which make a double fault (APM volume 2, 8.2.9). */
static bool contributory(uint64_t vector)
{
	return vector == 0 || (vector >= 10 && vector <= VECTOR_GP);
}

/* A processor would, at the third exception: the machine's end for the root, a child's for a child.
 */
static void shut_down(struct vp *vp)
{
	if (partition_is_root(vp->partition))
		intercept_shutdown(vp);
	vp->arch->vmcb->event_injection = 0;
	vp->child.shut_down = true;
}

void vp_raise(struct vp *vp, unsigned int vector)
{
	const uint64_t exception = EVENT_VALID | EVENT_TYPE_EXCEPTION;
	struct vmcb *vmcb = vp->arch->vmcb;
	uint64_t earlier = vmcb->event_injection & 0xff;

	/* Raised by the delivery of another: two make a double fault, three a shutdown. */
	if ((vmcb->event_injection & (EVENT_VALID | EVENT_TYPE_MASK)) == exception) {
		if (earlier == VECTOR_DF) {
			shut_down(vp);
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
uint64_t svm_event_again(uint64_t info, uint64_t injected)
{
	uint64_t vector = info & 0xff;

	/* What we brought in ourselves we know better: emulators are known to call an external
	 * interrupt an exception. */
	if ((injected & EVENT_VALID) && (injected & 0xff) == vector)
		return injected;
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

/*
 * Exit as soon as the VP can take `waiting` (struct apic_next), APIC_NONE: nothing. RFLAGS.IF, the
 * interrupt shadow and blocked events are the processor's to watch (V_IRQ), the priority is ours:
 * TPR changes by exits but for CR8, whose writes are intercepted meanwhile. Emulators compare the
 * priorities wrongly, and abort at an unintercepted write that lets a V_IRQ in.
 */
static void set_window(struct vp *vp, int waiting)
{
	struct vmcb *vmcb = vp->arch->vmcb;

	vmcb->interrupt_control &= ~V_IRQ;
	vmcb->intercept_cr &= ~(uint32_t)INTERCEPT_CR8_WRITE;
	if (waiting == APIC_NONE)
		return;
	vmcb->intercept_cr |= (uint32_t)INTERCEPT_CR8_WRITE;
	if (waiting == APIC_WINDOW_EXTINT || (uint32_t)waiting >> 4 > vp->apic.tpr >> 4)
		vmcb->interrupt_control |= V_IRQ | V_IGN_TPR;
}

void vp_interrupt_window(struct vp *vp)
{
	set_window(vp, APIC_WINDOW_EXTINT);
	/* The next look takes it back. */
	vp->apic.look = true;
}

void svm_write_cr8(struct vp *vp)
{
	struct instruction insn;
	uint64_t value;

	if (!vp_decode(vp, &insn)) {
		vp_raise(vp, VECTOR_GP);
		return;
	}
	value = vp->regs.general[(insn.modrm & 7) | (insn.rex & REX_B ? 8 : 0)];
	if (value > 15) {
		vp_raise(vp, VECTOR_GP);
		return;
	}
	apic_write_tpr(vp, value << 4);
	vp_step(vp, insn.length);
}

static void deliver_machine_check(struct vp *vp)
{
	vp->machine_check_pending = false;
	printk(LOG_ERROR, "machine check: passed on to root VP %u", vp->index);
	/* Who does not want to hear of it shuts down. */
	if (vendor_cr4(vp) & CR4_MCE)
		vp->arch->vmcb->event_injection = EVENT_VALID | EVENT_TYPE_EXCEPTION | EXCEPTION_MC;
	else
		intercept_shutdown(vp);
}

/*
 * An interrupt that was chosen and has not gone in, for something had to be looked at first: what
 * was asked for meanwhile may have to go in before it.
 */
static void reconsider(struct vp *vp)
{
	struct vp_arch *arch = vp->arch;
	uint64_t event = arch->vmcb->event_injection;

	if (!svm_is_external(event) || !arch->returnable)
		return;
	arch->vmcb->event_injection = 0;
	apic_return(vp, (uint8_t)event);
}

void svm_deliver(struct vp *vp)
{
	struct vp_arch *arch = vp->arch;
	struct vmcb *vmcb = arch->vmcb;
	struct apic_next next;

	reconsider(vp);
	if (vp->machine_check_pending && !(vmcb->event_injection & EVENT_VALID))
		deliver_machine_check(vp);
	if (vp->nmi_pending && arch->nmi == SVM_NMI_OPEN &&
	    !(vmcb->event_injection & EVENT_VALID)) {
		vp->nmi_pending = false;
		svm_nmi_inject(arch);
	}
	if (!vp->apic.look)
		return;
	next = apic_next(vp, (vp->regs.rflags & RFLAGS_IF) &&
				     !(vmcb->interrupt_shadow & INTERRUPT_SHADOW) &&
				     !(vmcb->event_injection & EVENT_VALID));
	if (next.vector != APIC_NONE) {
		vmcb->event_injection = EVENT_VALID | EVENT_TYPE_EXTERNAL | (uint64_t)next.vector;
		arch->returnable = next.returnable;
	}
	set_window(vp, next.window);
}

void svm_nmi_mask(struct vp_arch *arch)
{
	arch->nmi = SVM_NMI_HANDLED;
	arch->vmcb->intercept_1 |= (uint32_t)INTERCEPT1_IRET;
}

unsigned int vp_instruction_bytes(struct vp *vp, uint8_t *bytes)
{
	const struct vmcb *vmcb = vp->arch->vmcb;
	const struct fetch_at at = position(vp);
	unsigned int count;

	/* Processors with decode assists have them at hand. */
	if (vmcb->fetched != 0) {
		memcpy(bytes, vmcb->instruction, INSTRUCTION_MAX);
		return MIN(vmcb->fetched & 0xfu, INSTRUCTION_MAX);
	}
	hold_tables(vp);
	count = fetch_bytes(&vp->partition->gpa, &at, bytes);
	let_go_of_tables(vp);
	return count;
}

bool vp_set_pending_event(struct vp *vp, uint64_t low, uint64_t high)
{
	struct vmcb *vmcb = vp->arch->vmcb;

	if (!(low & HV_PENDING_EVENT_VALID)) {
		vmcb->event_injection = 0;
		return true;
	}
	if ((low >> HV_PENDING_EVENT_TYPE_SHIFT & 7) != HV_PENDING_EVENT_EXCEPTION ||
	    (low >> 16 & 0xffff) >= EXCEPTION_COUNT)
		return false;
	vmcb->event_injection = EVENT_VALID | EVENT_TYPE_EXCEPTION | (low >> 16 & 0xff) |
				(low & HV_PENDING_EVENT_ERROR ? EVENT_ERROR_VALID : 0) |
				(low >> 32) << 32;
	if ((low >> 16 & 0xff) == VECTOR_PF)
		vmcb->cr2 = high;
	return true;
}
