// SPDX-License-Identifier: Apache-2.0
/* RDMSR and WRMSR: the synthetic registers, and the native ones of the root that are not its to
 * change. */
#include "abi/hv/msr.h"
#include "core/counter.h"
#include "core/printk.h"
#include "intercept/intercept.h"
#include "partition/partition.h"
#include "partition/synthetic.h"
#include "partition/vp.h"
#include "synic/synic.h"
#include "x86/cpu.h"
#include "x86/vendor.h"

COUNTER(msr_ignored, "msr.write_ignored");
COUNTER(msr_refused, "msr.refused");

const struct intercept_msr_range intercept_root_msrs[] = {
	{MSR_EFER, 1, true},
	{MSR_APIC_BASE, 1, true},
	{MSR_TSC_DEADLINE, 1, true},
	{MSR_X2APIC_FIRST, MSR_X2APIC_LAST - MSR_X2APIC_FIRST + 1, true},
	{MSR_TSC, 1, false},
	{MSR_TSC_ADJUST, 1, false},
	{MSR_FEATURE_CONTROL, 1, true},
	{MSR_PATCH_LOADER_INTEL, 1, false},
	{MSR_SYSCFG, 1, false},
	{0xc0010016, 4, false}, /* I/O range registers */
	{MSR_TOP_MEM, 1, false},
	{MSR_TOP_MEM2, 1, false},
	{MSR_PATCH_LOADER, 1, false},
	{MSR_SMM_BASE, 3, false},
	{MSR_VM_CR, 1, true},
	{MSR_IGNNE, 2, false},
	{MSR_VM_HSAVE_PA, 2, true},
	{MSR_SEV_FIRST, MSR_SEV_LAST - MSR_SEV_FIRST + 1, true},
	{0},
};

/* EFER bits this processor has, as far as a partition may set them. */
static uint64_t efer_writable(void)
{
	uint64_t bits = EFER_SCE | EFER_LME | EFER_NXE;

	if (cpuid(0x80000001, 0).edx & BIT(25))
		bits |= EFER_FFXSR;
	if (cpuid(0x80000001, 0).ecx & BIT(17))
		bits |= EFER_TCE;
	if (cpuid(0x80000000, 0).eax >= 0x80000021 && (cpuid(0x80000021, 0).eax & BIT(8)))
		bits |= EFER_AIBRSE;
	return bits;
}

bool intercept_write_efer(struct vp *vp, uint64_t value)
{
	uint64_t old = vendor_efer(vp);

	if (value & ~(efer_writable() | EFER_LMA))
		return false;
	/* LME changes only while paging is off, which LMA tells; LMA itself follows LME and paging.
	 */
	if ((old & EFER_LMA) && ((value ^ old) & EFER_LME))
		return false;
	vendor_set_efer(vp, (value & ~EFER_LMA) | (old & EFER_LMA));
	return true;
}

static bool is_x2apic(uint32_t msr)
{
	return msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST;
}

static bool read_native(struct vp *vp, uint32_t msr, uint64_t *value)
{
	if (is_x2apic(msr))
		return apic_read_msr(vp, msr, value);
	switch (msr) {
	case MSR_EFER:
		*value = vendor_efer(vp);
		return true;
	case MSR_APIC_BASE:
		*value = vp->apic.base;
		return true;
	default: /* of a processor without virtualization; TSC deadlines */
		return false;
	}
}

static bool write_native(struct vp *vp, uint32_t msr, uint64_t value)
{
	if (is_x2apic(msr))
		return apic_write_msr(vp, msr, value);
	switch (msr) {
	case MSR_EFER:
		return intercept_write_efer(vp, value);
	case MSR_APIC_BASE:
		return apic_write_base(vp, value);
	case MSR_TSC:
	case MSR_TSC_ADJUST:
	case MSR_PATCH_LOADER:
	case MSR_PATCH_LOADER_INTEL:
	case MSR_SYSCFG:
	case MSR_TOP_MEM:
	case MSR_TOP_MEM2:
	case 0xc0010016:
	case 0xc0010017:
	case 0xc0010018:
	case 0xc0010019:
		/* The machine's, not one partition's; kernels write them without expecting a fault.
		 */
		counter_inc(&msr_ignored);
		printk(LOG_DEBUG, "msr: write of 0x%lx to 0x%x ignored: it is the machine's", value,
		       msr);
		return true;
	default:
		return false;
	}
}

static bool read_msr(struct vp *vp, uint32_t msr, uint64_t *value)
{
	if (msr < HV_X64_MSR_FIRST || msr > HV_X64_MSR_LAST)
		return read_native(vp, msr, value);
	return synthetic_read_msr(vp, msr, value) || synic_read_msr(vp, msr, value);
}

static bool write_msr(struct vp *vp, uint32_t msr, uint64_t value)
{
	if (msr < HV_X64_MSR_FIRST || msr > HV_X64_MSR_LAST)
		return write_native(vp, msr, value);
	return synthetic_write_msr(vp, msr, value) || synic_write_msr(vp, msr, value);
}

void intercept_msr(struct vp *vp, bool write)
{
	uint32_t msr = (uint32_t)vp->regs.rcx;
	uint64_t value = (uint64_t)(uint32_t)vp->regs.rdx << 32 | (uint32_t)vp->regs.rax;

	if (write ? !write_msr(vp, msr, value) : !read_msr(vp, msr, &value)) {
		counter_inc(&msr_refused);
		printk(LOG_DEBUG, "msr: %s of 0x%x refused at rip 0x%lx", write ? "write" : "read",
		       msr, vp->regs.rip);
		vp_raise(vp, VECTOR_GP);
		return;
	}
	if (!write) {
		vp->regs.rax = (uint32_t)value;
		vp->regs.rdx = value >> 32;
	}
	vp_advance(vp, 2);
}
