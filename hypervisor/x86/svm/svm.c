// SPDX-License-Identifier: Apache-2.0
#include "x86/svm/svm.h"

#include "boot/piece.h"
#include "core/machine.h"
#include "core/panic.h"
#include "core/printk.h"
#include "core/string.h"
#include "intercept/intercept.h"
#include "partition/page_pool.h"
#include "partition/partition.h"
#include "x86/cpu.h"
#include "x86/lp.h"
#include "x86/vendor.h"

/* CPUID 0x80000001 ECX and 0x8000000a EDX */
#define FEATURE_SVM      BIT(2)
#define SVM_FEATURE_NPT  BIT(0)
#define SVM_FEATURE_NRIP BIT(3)

#define MSRPM_PAGES 2u
#define IOPM_PAGES  3u

/* Shared by all VPs of the root, and by all of children: what they exit for is the same. */
static spa_t root_msrpm, root_iopm;
static spa_t child_msrpm, child_iopm;

/* MSRs that a child's VP has in its control block and reads and writes itself (VMLOAD, VMSAVE). */
static const uint32_t child_own_msrs[] = {
	MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP, MSR_STAR,    MSR_LSTAR,
	MSR_CSTAR,       MSR_SFMASK,       MSR_FS_BASE,      MSR_GS_BASE, MSR_KERNEL_GS_BASE,
};

bool svm_has_next_rip;

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

static void msrpm_pass(uint8_t *msrpm, uint32_t msr)
{
	uint8_t *byte = &msrpm[(msr < 0x2000 ? 0 : 0x800) + (msr & 0x1fff) * 2 / 8];

	*byte = (uint8_t)(*byte & ~(3u << (msr & 0x1fff) * 2 % 8));
}

/* Everything that a child does with ports and MSRs exits, but for what is its own. */
static void alloc_children(void)
{
	child_msrpm = piece_alloc(MSRPM_PAGES);
	child_iopm = piece_alloc(IOPM_PAGES);
	memset(spa_to_virt(child_msrpm), 0xff, MSRPM_PAGES * PAGE_SIZE);
	memset(spa_to_virt(child_iopm), 0xff, IOPM_PAGES * PAGE_SIZE);
	for (uint32_t i = 0; i < ARRAY_SIZE(child_own_msrs); i++)
		msrpm_pass(spa_to_virt(child_msrpm), child_own_msrs[i]);
}

void vendor_alloc_root(void)
{
	uint8_t *msrpm;

	alloc_children();

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
	if (!page_pool_alloc(pool, &arch))
		return false;
	if (!page_pool_alloc(pool, &vmcb)) {
		page_pool_free(pool, arch);
		return false;
	}
	vp->arch = spa_to_virt(arch);
	vp->arch->vmcb_spa = vmcb;
	vp->arch->vmcb = spa_to_virt(vmcb);
	return true;
}

void vendor_free_vp(struct vp *vp, struct page_pool *pool)
{
	page_pool_free(pool, vp->arch->vmcb_spa);
	page_pool_free(pool, virt_to_spa(vp->arch));
}

/* What every VP exits for, and how it begins. */
#define EXITS_1                                                                   \
	(INTERCEPT1_INTR | INTERCEPT1_NMI | INTERCEPT1_VINTR | INTERCEPT1_CPUID | \
	 INTERCEPT1_INVD | INTERCEPT1_INVLPGA | INTERCEPT1_MSR | INTERCEPT1_SHUTDOWN)
#define EXITS_2                                                                          \
	(INTERCEPT2_VMRUN | INTERCEPT2_VMMCALL | INTERCEPT2_VMLOAD | INTERCEPT2_VMSAVE | \
	 INTERCEPT2_STGI | INTERCEPT2_CLGI | INTERCEPT2_SKINIT)
/* A child's besides: ports, resting, what its CPUID does not have. */
#define CHILD_EXITS_1 (INTERCEPT1_IOIO | INTERCEPT1_HLT | INTERCEPT1_RDPMC)
#define CHILD_EXITS_2 \
	(INTERCEPT2_WBINVD | INTERCEPT2_MONITOR | INTERCEPT2_MWAIT | INTERCEPT2_XSETBV)

/* Translations of root and children do not mix; those of two children are forgotten between them.
 */
#define ASID_ROOT  1u
#define ASID_CHILD 2u

void vendor_init_vp(struct vp *vp)
{
	struct vmcb *vmcb = vp->arch->vmcb;
	bool root = partition_is_root(vp->partition);

	vmcb->msrpm_base = root ? root_msrpm : child_msrpm;
	vmcb->iopm_base = root ? root_iopm : child_iopm;
	vmcb->intercept_1 = (uint32_t)(EXITS_1 | (root ? 0 : CHILD_EXITS_1));
	vmcb->intercept_2 = (uint32_t)(EXITS_2 | (root ? 0 : CHILD_EXITS_2));
	vmcb->intercept_exceptions = (uint32_t)INTERCEPT_MC;
	/* The partition's RFLAGS.IF and CR8 are for its interrupts, not for the processor's. */
	vmcb->interrupt_control = V_INTR_MASKING;
	vmcb->asid = root ? ASID_ROOT : ASID_CHILD;
	vmcb->nested_control = NESTED_PAGING_ENABLE;
	vmcb->nested_cr3 = vp->partition->gpa.table;
	vmcb->g_pat = PAT_RESET;
	vmcb->efer = EFER_SVME;
	vmcb->dr6 = 0xffff0ff0;
	vmcb->dr7 = 0x400;
}

void vendor_set_reset_state(struct vp *vp)
{
	struct vmcb *vmcb = vp->arch->vmcb;

	vendor_set_startup_state(vp, 0);
	/* The state after RESET (APM volume 2, 14.1.3): code begins 16 bytes below 4 GiB. */
	vmcb->cs.selector = 0xf000;
	vmcb->cs.base = 0xffff0000;
	vmcb->cr0 = CR0_CD | CR0_NW | CR0_ET;
	vp->regs.rip = 0xfff0;
}

void vendor_enable(struct lp *lp)
{
	svm_has_next_rip = cpuid(0x8000000a, 0).edx & SVM_FEATURE_NRIP;
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
	vmcb->interrupt_control &= ~V_IRQ;
	svm_nmi_open(vp->arch);
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
	return svm_long_mode(vp->arch->vmcb);
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
void vendor_describe(enum log_level level, const struct vp *vp)
{
	const struct vmcb *vmcb = vp->arch->vmcb;

	printk(level, "exit 0x%lx info %lx %lx cs %04x:%016lx cr0 %lx cr3 %lx cr4 %lx efer %lx",
	       vmcb->exit_code, vmcb->exit_info_1, vmcb->exit_info_2, vmcb->cs.selector,
	       vp->regs.rip, vmcb->cr0, vmcb->cr3, vmcb->cr4, vmcb->efer);
	printk(level, "vp rax %016lx rbx %016lx rcx %016lx rdx %016lx rsp %016lx", vp->regs.rax,
	       vp->regs.rbx, vp->regs.rcx, vp->regs.rdx, vp->regs.rsp);
	printk(level, "vp rsi %016lx rdi %016lx rbp %016lx r8  %016lx rflags %08lx", vp->regs.rsi,
	       vp->regs.rdi, vp->regs.rbp, vp->regs.r8, vp->regs.rflags);
}

/* The registers that carry hypercall parameters. */
#define XMM_PARAMETERS(what) what(0) what(1) what(2) what(3) what(4) what(5)

void vp_read_xmm(struct vp *vp, unsigned int index, void *value)
{
	/* The VP's vector registers are still in the processor: the hypervisor itself uses none. */
	(void)vp;
	switch (index) {
#define READ(n)                                                                         \
	case n:                                                                         \
		__asm__ volatile("movups %%xmm" #n ", (%0)" : : "r"(value) : "memory"); \
		break;
		XMM_PARAMETERS(READ)
#undef READ
	default:
		panic("XMM register %u is no hypercall parameter", index);
	}
}

void vp_write_xmm(struct vp *vp, unsigned int index, const void *value)
{
	(void)vp;
	switch (index) {
#define WRITE(n)                                                          \
	case n:                                                           \
		__asm__ volatile("movups (%0), %%xmm" #n : : "r"(value)); \
		break;
		XMM_PARAMETERS(WRITE)
#undef WRITE
	default:
		panic("XMM register %u is no hypercall parameter", index);
	}
}
