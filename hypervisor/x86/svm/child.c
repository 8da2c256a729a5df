// SPDX-License-Identifier: Apache-2.0
/*
 * A child's VP on this processor: entered again and again, until the root wants the processor, the
 * VP waits, or its parent has to do something for it.
 */
#include "abi/hv/intercept.h"
#include "core/counter.h"
#include "core/printk.h"
#include "hypercall/hypercall.h"
#include "intercept/child.h"
#include "intercept/intercept.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "scheduler/scheduler.h"
#include "x86/cpu.h"
#include "x86/interrupt.h"
#include "x86/lp.h"
#include "x86/svm/svm.h"
#include "x86/vendor.h"

COUNTER(child_exits, "child.exits");

/* Bits of EXITINFO1 of an I/O exit (APM volume 2, 15.10.2). */
#define IO_IN         BIT(0)
#define IO_STRING     BIT(2)
#define IO_REP        BIT(3)
#define IO_SIZE_SHIFT 4
#define IO_SIZE_MASK  7u
#define IO_PORT_SHIFT 16

static bool io_port(struct vp *vp)
{
	const struct vmcb *vmcb = vp->arch->vmcb;
	uint64_t info = vmcb->exit_info_1;
	struct child_io io = {
		.port = (uint16_t)(info >> IO_PORT_SHIFT),
		.size = (uint8_t)(info >> IO_SIZE_SHIFT & IO_SIZE_MASK),
		.in = info & IO_IN,
		.string = info & IO_STRING,
		.rep = info & IO_REP,
		/* Where the next instruction is, which all processors tell here. */
		.length = (uint8_t)(vmcb->exit_info_2 - vp->regs.rip),
	};

	return child_io_port(vp, &io);
}

static bool nested_page_fault(struct vp *vp)
{
	const struct vmcb *vmcb = vp->arch->vmcb;
	unsigned int access = HV_INTERCEPT_ACCESS_READ;

	if (vmcb->exit_info_1 & NPF_WRITE)
		access = HV_INTERCEPT_ACCESS_WRITE;
	else if (vmcb->exit_info_1 & NPF_FETCH)
		access = HV_INTERCEPT_ACCESS_EXECUTE;
	return child_memory(vp, vmcb->exit_info_2, access);
}

/* What the parent reads as the reason of an exit. */
static enum child_exit reason_of(uint64_t code)
{
	switch (code) {
	case EXIT_INTR:
	case EXIT_NMI:
		return CHILD_EXIT_INTERRUPT;
	case EXIT_VINTR:
	case EXIT_CR8_WRITE:
	case EXIT_IRET:
	case EXIT_DB:
		return CHILD_EXIT_WINDOW;
	case EXIT_CPUID:
		return CHILD_EXIT_CPUID;
	case EXIT_MSR:
		return CHILD_EXIT_MSR;
	case EXIT_VMMCALL:
		return CHILD_EXIT_HYPERCALL;
	case EXIT_NPF:
		return CHILD_EXIT_MEMORY;
	case EXIT_IOIO:
		return CHILD_EXIT_PORT;
	case EXIT_HLT:
		return CHILD_EXIT_HALT;
	default:
		return CHILD_EXIT_OTHER;
	}
}

/* The reason of the exit. Returns true if the parent has a message. */
static bool handle_exit(struct vp *vp)
{
	struct vmcb *vmcb = vp->arch->vmcb;

	counter_inc(&child_exits);
	vp->child.exits[reason_of(vmcb->exit_code)]++;
	vmcb->event_injection = svm_interrupted_event(vmcb->exit_interrupt_info,
						      vp->arch->injected);
	switch (vmcb->exit_code) {
	case EXIT_INTR:
		interrupt_take(vp->lp);
		return false;
	case EXIT_NMI:
		__asm__ volatile("stgi; clgi" : : : "memory");
		return false;
	case EXIT_MC:
		vp_request(vp->lp->vp, VP_REQUEST_MACHINE_CHECK);
		return false;
	case EXIT_VINTR:
		return false;
	case EXIT_CR8_WRITE:
		svm_write_cr8(vp);
		return false;
	case EXIT_CPUID:
		return child_cpuid(vp);
	case EXIT_MSR:
		return child_msr(vp, vmcb->exit_info_1 & 1);
	case EXIT_VMMCALL:
		return child_hypercall(vp);
	case EXIT_NPF:
		return nested_page_fault(vp);
	case EXIT_IOIO:
		return io_port(vp);
	case EXIT_HLT:
		return child_halt(vp);
	case EXIT_XSETBV:
		child_xsetbv(vp);
		return false;
	case EXIT_IRET:
		svm_nmi_return(vp);
		return false;
	case EXIT_DB:
		svm_nmi_returned(vp);
		return false;
	case EXIT_INVD:
		__asm__ volatile("wbinvd" : : : "memory");
		vp_advance(vp, 2);
		return false;
	case EXIT_WBINVD:
		/* Caches are coherent, and devices are the parent's. */
		vp_advance(vp, 2);
		return false;
	case EXIT_SHUTDOWN:
		/* That was the last exception; whatever its parent makes of it begins without. */
		vmcb->event_injection = 0;
		return child_unrecoverable(vp);
	case EXIT_INVALID:
		/* Emulators leave their idea of the hypervisor's own registers in the control
		 * block: nobody is to see those, nor to go on with them. */
		vendor_set_reset_state(vp);
		return child_invalid_state(vp);
	default:
		/* Instructions that the child's CPUID does not have. */
		vp_raise(vp, VECTOR_UD);
		return false;
	}
}

/* True if the root's VP here has something that it must be let go on for. */
static bool root_wants(struct vp *root)
{
	vp_take_light_requests(root);
	return root->nmi_pending || root->machine_check_pending || apic_has_interrupt(root) ||
	       __atomic_load_n(&root->requests, __ATOMIC_RELAXED) != 0;
}

/* Look at what was asked of both. Returns true if the VP has to stop. */
static bool look(struct vp *vp)
{
	struct lp *lp = vp->lp;
	uint32_t requests;

	lp_look(lp);
	if (root_wants(lp->vp)) {
		/* It is looked at again before the root goes on. */
		__atomic_store_n(&lp->wake, 1, __ATOMIC_SEQ_CST);
		return true;
	}
	requests = vp_take_child_requests(vp);
	if (requests & VP_REQUEST_FLUSH)
		vp->arch->generation = 0;
	return requests & VP_REQUEST_YIELD;
}

/* True if the VP can execute an instruction; `waits` of what it would take then. */
static bool can_run(struct vp *vp)
{
	struct vp_child *child = &vp->child;

	if (vp->waits_for_startup)
		return false;
	if (child->idle && (vp->nmi_pending || apic_has_interrupt(vp)))
		child->idle = false;
	if (vp->apic.look || vp->nmi_pending)
		svm_deliver(vp);
	if (vp->arch->vmcb->event_injection & EVENT_VALID)
		child->halted = false;
	return !child->halted && !child->idle;
}

enum vp_outcome vendor_run_child(struct vp *vp)
{
	struct lp *lp = vp->lp;
	struct vp *carrier = lp->vp;
	enum vp_outcome outcome = VP_READY;

	svm_context_enter(vp, carrier);
	/* Translations of another one may still be here, or its own somewhere else. */
	if (lp->last_child != vp->child.serial || vp->child.last_lp != lp)
		vp->arch->generation = 0;
	__atomic_store_n(&lp->child, vp, __ATOMIC_SEQ_CST);
	lp->last_child = vp->child.serial;
	vp->child.last_lp = lp;
	lp_wake_self(lp);
	for (;;) {
		if (__atomic_load_n(&lp->wake, __ATOMIC_RELAXED) != 0 && look(vp))
			break;
		if (!can_run(vp)) {
			/* It may wait for what its parent wants to be told that it could take. */
			outcome = !vp->waits_for_startup && child_before_entry(vp) ? VP_INTERCEPTED
										   : VP_BLOCKED;
			break;
		}
		if (child_before_entry(vp)) {
			outcome = VP_INTERCEPTED;
			break;
		}
		if (!lp_enter_guest(lp))
			continue;
		svm_enter_vp(vp);
		lp_leave_guest(lp);
		if (handle_exit(vp)) {
			outcome = VP_INTERCEPTED;
			break;
		}
	}
	__atomic_store_n(&lp->child, NULL, __ATOMIC_SEQ_CST);
	svm_context_leave(vp, carrier);
	return outcome;
}
