// SPDX-License-Identifier: Apache-2.0
/* What CPUID says to the root: the processor's own words, less what is the hypervisor's, plus the
 * TLFS leaves. */
#include "abi/hv/cpuid.h"
#include "abi/hv/partition.h"
#include "core/machine.h"
#include "intercept/intercept.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/cpu.h"
#include "x86/vendor.h"

/* The version that Linux's mshv driver was written against (27744 to 27751). */
#define VERSION_BUILD 27748u
#define VERSION_MAJOR 10u

/* CPUID 1 ECX */
#define FEATURE_MONITOR      BIT(3)
#define FEATURE_VMX          BIT(5)
#define FEATURE_SMX          BIT(6)
#define FEATURE_TSC_DEADLINE BIT(24)
#define FEATURE_OSXSAVE      BIT(27)
/* CPUID 1 EDX */
#define FEATURE_APIC         BIT(9)
/* CPUID 7.0 ECX */
#define FEATURE_OSPKE        BIT(4)
/* CPUID 0x80000001 ECX */
#define FEATURE_SVM          BIT(2)
#define FEATURE_SKINIT       BIT(12)

static void set_bit(uint32_t *word, uint64_t bit, bool on)
{
	*word = (uint32_t)(on ? *word | bit : *word & ~bit);
}

static struct cpuid_regs native_leaf(const struct vp *vp, uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r = cpuid(leaf, subleaf);

	switch (leaf) {
	case 0x00000001:
		/* MWAIT would idle the physical processor behind our back, and emulators fault on
		 * its hints. */
		set_bit(&r.ecx, FEATURE_MONITOR | FEATURE_VMX | FEATURE_SMX | FEATURE_TSC_DEADLINE,
			false);
		set_bit(&r.edx, FEATURE_APIC, apic_enabled(vp));
		set_bit(&r.ecx, HYPERV_HYPERVISOR_PRESENT_BIT, true);
		/* These mirror CR4, and the processor just answered for the hypervisor's. */
		set_bit(&r.ecx, FEATURE_OSXSAVE, vendor_cr4(vp) & CR4_OSXSAVE);
		break;
	case 0x00000005: /* MONITOR/MWAIT */
		r = (struct cpuid_regs){0};
		break;
	case 0x00000007:
		if (subleaf == 0)
			set_bit(&r.ecx, FEATURE_OSPKE, vendor_cr4(vp) & CR4_PKE);
		break;
	case 0x80000001:
		set_bit(&r.ecx, FEATURE_SVM | FEATURE_SKINIT, false);
		break;
	case 0x8000000a: /* SVM */
	case 0x8000001f: /* memory encryption */
		r = (struct cpuid_regs){0};
		break;
	default:
		break;
	}
	return r;
}

/* Inline, for it is the root's way to know that it is one; it asks often. */
static inline __attribute__((always_inline)) struct cpuid_regs
synthetic_leaf(const struct partition *partition, uint32_t leaf)
{
	struct cpuid_regs r = {0};

	switch (leaf) {
	case HYPERV_CPUID_VENDOR_AND_MAX_FUNCTIONS:
		r.eax = HYPERV_CPUID_NESTED_FEATURES;
		r.ebx = HYPERV_CPUID_VENDOR_EBX;
		r.ecx = HYPERV_CPUID_VENDOR_ECX;
		r.edx = HYPERV_CPUID_VENDOR_EDX;
		break;
	case HYPERV_CPUID_INTERFACE:
		r.eax = HYPERV_CPUID_INTERFACE_EAX;
		break;
	case HYPERV_CPUID_VERSION:
		r.eax = VERSION_BUILD;
		r.ebx = VERSION_MAJOR << 16;
		break;
	case HYPERV_CPUID_FEATURES:
		r.eax = (uint32_t)partition->privileges;
		r.ebx = (uint32_t)(partition->privileges >> 32);
		r.edx = partition->features;
		break;
	case HYPERV_CPUID_ENLIGHTMENT_INFO:
		r.eax = partition->hints;
		r.ebx = HV_NEVER_NOTIFY_LONG_SPIN_WAIT;
		break;
	case HYPERV_CPUID_IMPLEMENT_LIMITS:
		r.eax = PARTITION_MAX_VPS;
		r.ebx = machine_lp_count();
		break;
	case HYPERV_CPUID_HARDWARE_FEATURES:
		r.eax = HV_X64_HARDWARE_SLAT;
		break;
	case HYPERV_CPUID_CPU_MANAGEMENT_FEATURES:
		if (partition->privileges & HV_PRIVILEGE_EBX(HV_CPU_MANAGEMENT))
			r.eax = HV_X64_START_LOGICAL_PROCESSOR |
				HV_X64_CREATE_ROOT_VIRTUAL_PROCESSOR;
		break;
	default:
		break;
	}
	return r;
}

struct cpuid_regs intercept_synthetic_leaf(const struct partition *partition, uint32_t leaf)
{
	return synthetic_leaf(partition, leaf);
}

void intercept_cpuid(struct vp *vp)
{
	uint32_t leaf = (uint32_t)vp->regs.rax;
	struct cpuid_regs r;

	if (leaf >= HYPERV_CPUID_FIRST && leaf <= HYPERV_CPUID_LAST)
		r = synthetic_leaf(vp->partition, leaf);
	else
		r = native_leaf(vp, leaf, (uint32_t)vp->regs.rcx);
	vp->regs.rax = r.eax;
	vp->regs.rbx = r.ebx;
	vp->regs.rcx = r.ecx;
	vp->regs.rdx = r.edx;
}
