// SPDX-License-Identifier: Apache-2.0
/* A processor's life: enter the VP, see why it left, do that, enter again. */
#include "core/counter.h"
#include "core/panic.h"
#include "core/printk.h"
#include "hypercall/hypercall.h"
#include "intercept/intercept.h"
#include "partition/partition.h"
#include "x86/interrupt.h"
#include "x86/lp.h"
#include "x86/npt.h"
#include "x86/svm/svm.h"
#include "x86/vendor.h"

COUNTER(exits_cpuid, "exit.cpuid");
COUNTER(exits_msr, "exit.msr");
COUNTER(exits_hypercall, "exit.hypercall");
COUNTER(exits_npf, "exit.nested_page_fault");
COUNTER(exits_invd, "exit.invd");
COUNTER(exits_svm, "exit.svm_instruction");
COUNTER(exits_shutdown, "exit.shutdown");
COUNTER(exits_nmi, "exit.nmi");
COUNTER(exits_interrupt, "exit.interrupt");
COUNTER(exits_window, "exit.interrupt_window");
COUNTER(exits_cr8, "exit.cr8_write");
COUNTER(exits_machine_check, "exit.machine_check");
COUNTER(exits_iret, "exit.iret");
COUNTER(exits_debug, "exit.debug");

void svm_enter(struct vp_regs *regs, spa_t vmcb, spa_t host_vmcb);

static void nested_page_fault(struct vp *vp)
{
	const struct vmcb *vmcb = vp->arch->vmcb;
	struct gpa_space *space = &vp->partition->gpa;
	uint64_t gpa = vmcb->exit_info_2;

	counter_inc(&exits_npf);
	if (intercept_apic_page(vp, gpa))
		return;
	spin_lock(&vp->partition->lock);
	if (npt_fill_device(space, gpa)) {
		spin_unlock(&vp->partition->lock);
		return;
	}
	spin_unlock(&vp->partition->lock);
	intercept_forbidden(vp, gpa, vmcb->exit_info_1 & NPF_WRITE, vmcb->exit_info_1 & NPF_FETCH);
}

static void handle_exit(struct vp *vp)
{
	struct vmcb *vmcb = vp->arch->vmcb;

	vmcb->event_injection = svm_interrupted_event(vmcb->exit_interrupt_info,
						      vp->arch->injected);

	/* Software takes exit codes in 64 bits; this is the one table of what the root's exits
	 * mean. */
	switch (vmcb->exit_code) {
	case EXIT_CPUID:
		counter_inc(&exits_cpuid);
		intercept_cpuid(vp);
		vp_advance(vp, 2);
		break;
	case EXIT_MSR:
		counter_inc(&exits_msr);
		intercept_msr(vp, vmcb->exit_info_1 & 1);
		break;
	case EXIT_VMMCALL:
		counter_inc(&exits_hypercall);
		hypercall_dispatch(vp);
		break;
	case EXIT_NPF:
		nested_page_fault(vp);
		break;
	case EXIT_INTR:
		counter_inc(&exits_interrupt);
		interrupt_take(vp->lp);
		break;
	case EXIT_VINTR:
		/* The VP can take now what waits in its APIC, and what looks next will see that. */
		counter_inc(&exits_window);
		break;
	case EXIT_CR8_WRITE:
		counter_inc(&exits_cr8);
		svm_write_cr8(vp);
		break;
	case EXIT_IRET:
		counter_inc(&exits_iret);
		svm_nmi_return(vp);
		break;
	case EXIT_DB:
		counter_inc(&exits_debug);
		svm_nmi_returned(vp);
		break;
	case EXIT_INVD:
		/* Dropping dirty lines would drop other partitions' writes: write them back
		 * instead. */
		counter_inc(&exits_invd);
		__asm__ volatile("wbinvd" : : : "memory");
		vp_advance(vp, 2);
		break;
	case EXIT_VMRUN:
	case EXIT_VMLOAD:
	case EXIT_VMSAVE:
	case EXIT_STGI:
	case EXIT_CLGI:
	case EXIT_SKINIT:
	case EXIT_INVLPGA:
		counter_inc(&exits_svm);
		vp_raise(vp, VECTOR_UD);
		break;
	case EXIT_NMI:
		/* It is still pending: let it in. The handler requests it for the VP. */
		counter_inc(&exits_nmi);
		__asm__ volatile("stgi; clgi" : : : "memory");
		break;
	case EXIT_MC:
		counter_inc(&exits_machine_check);
		vp_request(vp, VP_REQUEST_MACHINE_CHECK);
		break;
	case EXIT_INVALID:
		/* The processor refuses to go on with what the partition made of its registers. */
		printk(LOG_ERROR, "root VP %u has a state that the processor cannot run",
		       vp->index);
		vendor_describe(LOG_ERROR, vp);
		intercept_shutdown(vp);
		break;
	case EXIT_SHUTDOWN:
		counter_inc(&exits_shutdown);
		intercept_shutdown(vp);
		break;
	default:
		panic("root VP %u left with exit 0x%lx, which is not intercepted", vp->index,
		      vmcb->exit_code);
	}
}

/*
 * Bring an external interrupt in as a virtual one where the processor's means for that are free
 * (no window waits): emulators that are asked to go on in the middle of an injection have been seen
 * to deliver the injected vector a second time. It goes in before the first instruction, for it is
 * injected only where the VP can take it.
 */
static bool inject_virtually(struct vmcb *vmcb)
{
	uint64_t event = vmcb->event_injection;

	if (!svm_is_external(event) || (vmcb->interrupt_control & V_IRQ))
		return false;
	vmcb->interrupt_control = (vmcb->interrupt_control & ~V_VECTOR_MASK) | V_IRQ | V_IGN_TPR |
				  (event & 0xff) << V_VECTOR_SHIFT;
	vmcb->intercept_1 &= ~(uint32_t)INTERCEPT1_VINTR;
	vmcb->event_injection = 0;
	return true;
}

/*
 * It is in, or something came first, as a physical interrupt does. Then it goes back to the APIC:
 * what is asked for meanwhile may have to go in before it. An 8259 takes nothing back.
 */
static void end_virtual_injection(struct vp *vp)
{
	struct vp_arch *arch = vp->arch;
	struct vmcb *vmcb = arch->vmcb;

	if (vmcb->interrupt_control & V_IRQ) {
		vmcb->exit_interrupt_info = arch->returnable ? 0 : arch->injected;
		if (arch->returnable)
			apic_return(vp, (uint8_t)arch->injected);
	}
	vmcb->interrupt_control &= ~(V_IRQ | V_IGN_TPR);
	vmcb->intercept_1 |= (uint32_t)INTERCEPT1_VINTR;
}

static inline __attribute__((always_inline)) void enter(struct vp *vp)
{
	struct vp_arch *arch = vp->arch;
	bool virtual;
	struct vmcb *vmcb = arch->vmcb;
	uint64_t generation = __atomic_load_n(&vp->partition->gpa.generation, __ATOMIC_ACQUIRE);

	vmcb->tlb_control = TLB_CONTROL_NONE;
	if (generation != arch->generation) {
		vmcb->tlb_control = TLB_CONTROL_FLUSH_ALL;
		arch->generation = generation;
	}
	vmcb->rax = vp->regs.rax;
	vmcb->rsp = vp->regs.rsp;
	vmcb->rip = vp->regs.rip;
	vmcb->rflags = vp->regs.rflags;
	vmcb->interrupt_control = (vmcb->interrupt_control & ~V_TPR_MASK) |
				  (uint64_t)vp->apic.tpr >> 4;
	arch->injected = vmcb->event_injection;
	virtual = arch->injected && inject_virtually(vmcb);
	svm_enter(&vp->regs, arch->vmcb_spa, vp->lp->host_vmcb);
	if (virtual)
		end_virtual_injection(vp);
	vp->regs.rax = vmcb->rax;
	vp->regs.rsp = vmcb->rsp;
	vp->regs.rip = vmcb->rip;
	vp->regs.rflags = vmcb->rflags;
	/* CR8 is the upper half of TPR, and moves without an exit. */
	if ((vmcb->interrupt_control & V_TPR_MASK) != vp->apic.tpr >> 4)
		vp->apic.tpr = (uint32_t)(vmcb->interrupt_control & V_TPR_MASK) << 4;
}

void svm_enter_vp(struct vp *vp)
{
	enter(vp);
}

void vendor_run(struct vp *vp)
{
	struct lp *lp = vp->lp;

	vp_handle_requests(vp);
	for (;;) {
		if (__atomic_load_n(&lp->wake, __ATOMIC_RELAXED) != 0)
			vp_handle_requests(vp);
		if (vp->apic.look || vp->nmi_pending || vp->machine_check_pending)
			svm_deliver(vp);
		/* What has been asked for meanwhile is seen here, or interrupts the VP. */
		if (!lp_enter_guest(lp))
			continue;
		enter(vp);
		lp_leave_guest(lp);
		handle_exit(vp);
	}
}
