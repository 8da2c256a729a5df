// SPDX-License-Identifier: Apache-2.0
#include "x86/svm/svm.h"

#include "boot/piece.h"
#include "core/counter.h"
#include "core/machine.h"
#include "core/panic.h"
#include "core/printk.h"
#include "core/string.h"
#include "hypercall/hypercall.h"
#include "intercept/intercept.h"
#include "partition/page_pool.h"
#include "partition/partition.h"
#include "x86/cpu.h"
#include "x86/exception.h"
#include "x86/fetch.h"
#include "x86/lapic.h"
#include "x86/lp.h"
#include "x86/npt.h"
#include "x86/vendor.h"

/* CPUID 0x80000001 ECX and 0x8000000a EDX */
#define FEATURE_SVM      BIT(2)
#define SVM_FEATURE_NPT  BIT(0)
#define SVM_FEATURE_NRIP BIT(3)

/* Exceptions that follow from those raised here (APM volume 2, 8.2). */
#define VECTOR_DB 1u
#define VECTOR_DF 8u
#define VECTOR_PF 14u

#define DR6_SINGLE_STEP BIT(14)

#define MSRPM_PAGES 2u
#define IOPM_PAGES  3u

COUNTER(exits_cpuid, "exit.cpuid");
COUNTER(exits_msr, "exit.msr");
COUNTER(exits_hypercall, "exit.hypercall");
COUNTER(exits_npf, "exit.nested_page_fault");
COUNTER(exits_invd, "exit.invd");
COUNTER(exits_svm, "exit.svm_instruction");
COUNTER(exits_shutdown, "exit.shutdown");
COUNTER(exits_nmi, "exit.nmi");

void svm_enter(struct vp_regs *regs, spa_t vmcb, spa_t host_vmcb);

/* Shared by all VPs of the root: what they exit for is the same. */
static spa_t root_msrpm, root_iopm;

static bool has_nrip;

const char *vendor_check(void)
{
	if (cpuid(0x80000000, 0).eax < 0x8000000a || !(cpuid(0x80000001, 0).ecx & FEATURE_SVM))
		return "this processor has no AMD SVM (CPUID 0x80000001 ECX bit 2 is 0); enable "
		       "SVM (virtualization) "
		       "in the firmware setup, or use a processor that has it (QEMU: -cpu "
		       "EPYC-v4,+svm,+npt).";
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS)
		return "AMD SVM is switched off by firmware (VM_CR.SVMDIS); enable SVM "
		       "(virtualization) in the "
		       "firmware setup.";
	if (!(cpuid(0x8000000a, 0).edx & SVM_FEATURE_NPT))
		return "this processor has no nested paging (CPUID 0x8000000a EDX bit 0 is 0); use "
		       "one that has it "
		       "(QEMU: -cpu EPYC-v4,+svm,+npt).";
	if (!(cpuid(0x80000001, 0).edx & BIT(20)))
		return "this processor has no no-execute pages (CPUID 0x80000001 EDX bit 20 is 0); "
		       "enable NX in the "
		       "firmware setup.";
	return NULL;
}

void vendor_alloc_lp(struct lp *lp)
{
	lp->host_save = piece_alloc(1);
	lp->host_vmcb = piece_alloc(1);
}

/* Let MSR `msr` exit on reads, writes or both (APM 15.11). */
static void msrpm_intercept(uint8_t *msrpm, uint32_t msr, bool reads, bool writes)
{
	uint32_t base = msr < 0x2000 ? 0 : msr - 0xc0000000u < 0x2000 ? 0x800 : 0x1000;
	uint32_t bit = (msr & 0x1fff) * 2;
	uint8_t *byte = &msrpm[base + bit / 8];

	*byte = (uint8_t)(*byte | (reads ? 1u : 0u) << bit % 8 | (writes ? 2u : 0u) << bit % 8);
}

void vendor_alloc_root(void)
{
	uint8_t *msrpm;

	root_msrpm = piece_alloc(MSRPM_PAGES);
	root_iopm = piece_alloc(IOPM_PAGES);
	msrpm = spa_to_virt(root_msrpm);
	for (uint32_t i = 0; intercept_root_msrs[i].count != 0; i++)
		for (uint32_t n = 0; n < intercept_root_msrs[i].count; n++)
			msrpm_intercept(msrpm, intercept_root_msrs[i].first + n,
					intercept_root_msrs[i].reads, true);
}

bool vendor_alloc_vp(struct vp *vp, struct page_pool *pool)
{
	spa_t arch, vmcb;

	_Static_assert(sizeof(struct vp_arch) <= PAGE_SIZE, "a page each");
	if (!page_pool_alloc(pool, &arch) || !page_pool_alloc(pool, &vmcb))
		return false;
	vp->arch = spa_to_virt(arch);
	vp->arch->vmcb_spa = vmcb;
	vp->arch->vmcb = spa_to_virt(vmcb);
	return true;
}

void vendor_init_vp(struct vp *vp)
{
	struct vmcb *vmcb = vp->arch->vmcb;

	vmcb->msrpm_base = root_msrpm;
	vmcb->iopm_base = root_iopm;
	vmcb->intercept_1 = (uint32_t)(INTERCEPT1_NMI | INTERCEPT1_CPUID | INTERCEPT1_INVD |
				       INTERCEPT1_INVLPGA | INTERCEPT1_MSR | INTERCEPT1_SHUTDOWN);
	vmcb->intercept_2 = (uint32_t)(INTERCEPT2_VMRUN | INTERCEPT2_VMMCALL | INTERCEPT2_VMLOAD |
				       INTERCEPT2_VMSAVE | INTERCEPT2_STGI | INTERCEPT2_CLGI |
				       INTERCEPT2_SKINIT);

	vmcb->asid = 1;
	vmcb->nested_control = NESTED_PAGING_ENABLE;
	vmcb->nested_cr3 = vp->partition->gpa.table;
	vmcb->g_pat = PAT_RESET;
	vmcb->efer = EFER_SVME;
	vmcb->dr6 = 0xffff0ff0;
	vmcb->dr7 = 0x400;
}

void vendor_enable(struct lp *lp)
{
	has_nrip = cpuid(0x8000000a, 0).edx & SVM_FEATURE_NRIP;
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, lp->host_save);
	__asm__ volatile("clgi");
	__asm__ volatile("vmsave %0" : : "a"(lp->host_vmcb) : "memory");
}

static struct vmcb_segment flat_segment(uint16_t selector, uint16_t attributes)
{
	return (struct vmcb_segment){
		.selector = selector, .attributes = attributes, .limit = 0xffffffff};
}

void vendor_set_boot_state(struct vp *vp, uint32_t entry, uint32_t params, uint32_t gdt,
			   uint16_t gdt_limit, uint16_t code, uint16_t data)
{
	struct vmcb *vmcb = vp->arch->vmcb;

	vmcb->cs = flat_segment(code, 0xc9b);
	vmcb->ds = vmcb->es = vmcb->ss = vmcb->fs = vmcb->gs = flat_segment(data, 0xc93);
	vmcb->gdtr = (struct vmcb_segment){.limit = gdt_limit, .base = gdt};
	vmcb->tr = (struct vmcb_segment){.attributes = 0x08b, .limit = 0xffff};
	vmcb->ldtr = (struct vmcb_segment){.attributes = 0x082, .limit = 0xffff};
	vmcb->cr0 = CR0_PE | CR0_ET;
	vp->regs = (struct vp_regs){.rsi = params, .rip = entry, .rflags = RFLAGS_FIXED};
}

void vendor_set_startup_state(struct vp *vp, uint8_t vector)
{
	struct vmcb *vmcb = vp->arch->vmcb;
	const struct vmcb_segment data = {.attributes = 0x093, .limit = 0xffff};

	/* The state after INIT (APM volume 2, 14.1.5), as far as the processor does not keep it. */
	vmcb->cs = (struct vmcb_segment){.selector = (uint16_t)(vector << 8),
					 .attributes = 0x09b,
					 .limit = 0xffff,
					 .base = (uint64_t)vector << 12};
	vmcb->ds = vmcb->es = vmcb->ss = vmcb->fs = vmcb->gs = data;
	vmcb->gdtr = vmcb->idtr = (struct vmcb_segment){.limit = 0xffff};
	vmcb->tr = (struct vmcb_segment){.attributes = 0x08b, .limit = 0xffff};
	vmcb->ldtr = (struct vmcb_segment){.attributes = 0x082, .limit = 0xffff};
	vmcb->cr0 = CR0_ET;
	vmcb->cr2 = vmcb->cr3 = vmcb->cr4 = 0;
	vmcb->efer = EFER_SVME;
	vmcb->dr6 = 0xffff0ff0;
	vmcb->dr7 = 0x400;
	vmcb->cpl = 0;
	vmcb->interrupt_shadow = 0;
	vmcb->event_injection = 0;
	vmcb->tlb_control = TLB_CONTROL_FLUSH_ALL;
	vp->arch->generation = 0;
	vp->regs = (struct vp_regs){.rdx = cpuid(1, 0).eax, .rflags = RFLAGS_FIXED};
}

unsigned int vp_cpl(const struct vp *vp)
{
	return vp->arch->vmcb->cpl;
}

bool vp_protected_mode(const struct vp *vp)
{
	return vp->arch->vmcb->cr0 & CR0_PE;
}

bool vp_long_mode(const struct vp *vp)
{
	const struct vmcb *vmcb = vp->arch->vmcb;

	return (vmcb->efer & EFER_LMA) && (vmcb->cs.attributes & BIT(9));
}

uint64_t vendor_efer(const struct vp *vp)
{
	return vp->arch->vmcb->efer & ~EFER_SVME;
}

uint64_t vendor_cr4(const struct vp *vp)
{
	return vp->arch->vmcb->cr4;
}

void vendor_set_efer(struct vp *vp, uint64_t efer)
{
	vp->arch->vmcb->efer = efer | EFER_SVME;
}

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

	if (has_nrip && vmcb->next_rip)
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

void vendor_describe(const struct vp *vp)
{
	const struct vmcb *vmcb = vp->arch->vmcb;

	printk(LOG_PANIC, "exit 0x%lx info %lx %lx cs %04x:%016lx cr0 %lx cr3 %lx cr4 %lx efer %lx",
	       vmcb->exit_code, vmcb->exit_info_1, vmcb->exit_info_2, vmcb->cs.selector,
	       vp->regs.rip, vmcb->cr0, vmcb->cr3, vmcb->cr4, vmcb->efer);
	printk(LOG_PANIC, "vp rax %016lx rbx %016lx rcx %016lx rdx %016lx rsp %016lx", vp->regs.rax,
	       vp->regs.rbx, vp->regs.rcx, vp->regs.rdx, vp->regs.rsp);
	printk(LOG_PANIC, "vp rsi %016lx rdi %016lx rbp %016lx r8  %016lx rflags %08lx",
	       vp->regs.rsi, vp->regs.rdi, vp->regs.rbp, vp->regs.r8, vp->regs.rflags);
}

/* A software interrupt or exception re-executes its instruction; what came from outside must go in
 * again. */
static uint64_t interrupted_event(uint64_t info)
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

static void nmi_open(struct vp_arch *arch)
{
	arch->nmi = SVM_NMI_OPEN;
	arch->vmcb->intercept_1 &= ~(uint32_t)INTERCEPT1_IRET;
	arch->vmcb->intercept_exceptions &= ~(uint32_t)INTERCEPT_DB;
}

/*
 * Let a non-maskable interrupt in, and hold back the next one until its handler has returned: for
 * an injected one that is ours to see to.
 */
static void nmi_inject(struct vp_arch *arch)
{
	arch->nmi = SVM_NMI_HANDLED;
	arch->vmcb->intercept_1 |= (uint32_t)INTERCEPT1_IRET;
	arch->vmcb->event_injection = EVENT_VALID | EVENT_TYPE_NMI | EXCEPTION_NMI;
}

/* The handler is about to return. The IRET itself still needs the handler's stack. */
static void nmi_return(struct vp *vp)
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
static void nmi_returned(struct vp *vp)
{
	struct vp_arch *arch = vp->arch;

	if (!(arch->vmcb->dr6 & DR6_SINGLE_STEP)) {
		vp_raise(vp, VECTOR_DB);
		return;
	}
	arch->vmcb->dr6 = arch->nmi_dr6;
	nmi_open(arch);
}

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

	vmcb->event_injection = interrupted_event(vmcb->exit_interrupt_info);

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
		nmi_return(vp);
		break;
	case EXIT_DB:
		nmi_returned(vp);
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
			nmi_open(vp->arch);
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
			nmi_inject(vp->arch);
		}
		enter(vp);
		lp_leave_guest(lp);
		handle_exit(vp);
	}
}

void vp_read_xmm(struct vp *vp, unsigned int index, void *value)
{
	/* The VP's vector registers are still in the processor: the hypervisor itself uses none. */
	(void)vp;
	switch (index) {
#define CASE(n)                                                                         \
	case n:                                                                         \
		__asm__ volatile("movups %%xmm" #n ", (%0)" : : "r"(value) : "memory"); \
		break
		CASE(0);
		CASE(1);
		CASE(2);
		CASE(3);
		CASE(4);
		CASE(5);
#undef CASE
	default:
		panic("XMM register %u is no hypercall parameter", index);
	}
}

void vp_write_xmm(struct vp *vp, unsigned int index, const void *value)
{
	(void)vp;
	switch (index) {
#define CASE(n)                                                           \
	case n:                                                           \
		__asm__ volatile("movups (%0), %%xmm" #n : : "r"(value)); \
		break
		CASE(0);
		CASE(1);
		CASE(2);
		CASE(3);
		CASE(4);
		CASE(5);
#undef CASE
	default:
		panic("XMM register %u is no hypercall parameter", index);
	}
}
