// SPDX-License-Identifier: Apache-2.0
/* A processor's life: enter the VP, see why it left, do that, enter again. */
#include "core/counter.h"
#include "core/panic.h"
#include "core/printk.h"
#include "hypercall/hypercall.h"
#include "intercept/intercept.h"
#include "partition/partition.h"
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

void svm_enter(struct vp_regs *regs, spa_t vmcb, spa_t host_vmcb);

static void nested_page_fault(struct vp *vp)
{
	const struct vmcb *vmcb = vp->arch->vmcb;
	struct gpa_space *space = &vp->partition->gpa;
	uint64_t gpa = vmcb->exit_info_2;

	counter_inc(&exits_npf);
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

	vmcb->event_injection = svm_interrupted_event(vmcb->exit_interrupt_info);

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
	case EXIT_IRET:
		svm_nmi_return(vp);
		break;
	case EXIT_DB:
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
		/* It is still pending: let it in. The handler finds out whose it is. */
		counter_inc(&exits_nmi);
		__asm__ volatile("stgi; clgi" : : : "memory");
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

/* Do what others asked of `vp`. Returns when it can run. */
static void handle_requests(struct vp *vp)
{
	do {
		uint32_t requests = __atomic_exchange_n(&vp->requests, 0, __ATOMIC_SEQ_CST);

		if (requests & VP_REQUEST_INIT) {
			vp->waits_for_startup = true;
			lp_reset_apic();
		}
		if ((requests & VP_REQUEST_STARTUP) && vp->waits_for_startup) {
			vp->waits_for_startup = false;
			lp_reset_apic();
			vendor_set_startup_state(vp, (uint8_t)vp->startup_vector);
			svm_nmi_open(vp->arch);
			vp->lp->nmi_for_vp = false;
		}
		if (vp->waits_for_startup)
			lp_idle(vp->lp);
	} while (vp->waits_for_startup);
}

static void enter(struct vp *vp)
{
	struct vp_arch *arch = vp->arch;
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
	svm_enter(&vp->regs, arch->vmcb_spa, vp->lp->host_vmcb);
	vp->regs.rax = vmcb->rax;
	vp->regs.rsp = vmcb->rsp;
	vp->regs.rip = vmcb->rip;
	vp->regs.rflags = vmcb->rflags;
}

void vendor_run(struct vp *vp)
{
	struct lp *lp = vp->lp;

	for (;;) {
		lp_enter_guest(lp);
		if (__atomic_load_n(&vp->requests, __ATOMIC_RELAXED) != 0 ||
		    vp->waits_for_startup) {
			lp_leave_guest(lp);
			handle_requests(vp);
			continue;
		}
		if (lp->nmi_for_vp && vp->arch->nmi == SVM_NMI_OPEN &&
		    !(vp->arch->vmcb->event_injection & EVENT_VALID)) {
			lp->nmi_for_vp = false;
			svm_nmi_inject(vp->arch);
		}
		enter(vp);
		lp_leave_guest(lp);
		handle_exit(vp);
	}
}
