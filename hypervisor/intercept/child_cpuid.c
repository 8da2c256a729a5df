// SPDX-License-Identifier: Apache-2.0
/*
 * CPUID of a child: the processor's own features, less those that the hypervisor does not
 * virtualize and those that the parent has switched off; one thread a core, one core a VP.
 */
#include "abi/hv/cpuid.h"
#include "abi/hv/partition.h"
#include "intercept/child.h"
#include "intercept/intercept.h"
#include "partition/cpuid_result.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/cpu.h"
#include "x86/features.h"
#include "x86/vendor.h"
#include "x86/xstate.h"

#define LEAF1_X2APIC  BIT(21)
#define LEAF1_OSXSAVE BIT(27)
#define LEAF1_HTT     BIT(28)
#define LEAF1_APIC    BIT(9)
#define LEAF7_PKU     BIT(3)
#define LEAF7_OSPKE   BIT(4)
/* Leaf 0x80000021 EAX: LFENCE serializes, null selectors clear the base, automatic IBRS. */
#define EXT21_EAX     0x00000145u

#define ARAT            BIT(2)
#define TOPOLOGY_THREAD 0x100u
#define TOPOLOGY_CORE   0x200u

/* Bits that number `count` things. */
static uint32_t width(uint32_t count)
{
	uint32_t bits = 0;

	while (1u << bits < count)
		bits++;
	return bits;
}

static void set_bit(uint32_t *word, uint64_t bit, bool on)
{
	*word = (uint32_t)(on ? *word | bit : *word & ~bit);
}

static bool has_xsave(const struct partition *p)
{
	return xstate_has_xsave() && !(p->disabled_xsave & HV_XSAVE_FEATURE_XSAVE);
}

static void leaf_1(const struct vp *vp, struct cpuid_regs *r)
{
	uint32_t count = vp->partition->vp_count;

	r->ebx = (r->ebx & 0xff00) | vp->apic.id << 24 | MIN(count, 255u) << 16;
	set_bit(&r->ecx, LEAF1_X2APIC, vp_has_x2apic(vp));
	set_bit(&r->ecx, HYPERV_HYPERVISOR_PRESENT_BIT,
		vp->partition->synthetic_features & HV_SYNTHETIC_HYPERVISOR_PRESENT);
	set_bit(&r->ecx, LEAF1_OSXSAVE, has_xsave(vp->partition) && (vendor_cr4(vp) & CR4_OSXSAVE));
	set_bit(&r->edx, LEAF1_HTT, count > 1);
	set_bit(&r->edx, LEAF1_APIC, apic_enabled(vp));
}

static void leaf_7(const struct vp *vp, uint32_t subleaf, struct cpuid_regs *r)
{
	if (subleaf != 0) {
		*r = (struct cpuid_regs){0};
		return;
	}
	r->eax = 0;
	set_bit(&r->ecx, LEAF7_OSPKE, (r->ecx & LEAF7_PKU) && (vendor_cr4(vp) & CR4_PKE));
}

static void leaf_b(const struct vp *vp, uint32_t subleaf, struct cpuid_regs *r)
{
	uint32_t count = vp->partition->vp_count;

	*r = (struct cpuid_regs){.ecx = subleaf & 0xff, .edx = vp->apic.id};
	if (subleaf == 0) {
		r->ebx = 1;
		r->ecx |= TOPOLOGY_THREAD;
	} else if (subleaf == 1) {
		r->eax = width(count);
		r->ebx = count;
		r->ecx |= TOPOLOGY_CORE;
	}
}

static void leaf_d(const struct vp *vp, uint32_t subleaf, uint64_t xcr0, struct cpuid_regs *r)
{
	uint64_t supported = vp->partition->xsave_states;
	uint32_t size;

	if (!has_xsave(vp->partition)) {
		*r = (struct cpuid_regs){0};
		return;
	}
	if (subleaf == 0) {
		*r = (struct cpuid_regs){.eax = (uint32_t)supported,
					 .ebx = xstate_size(xcr0),
					 .ecx = xstate_size(supported),
					 .edx = (uint32_t)(supported >> 32)};
	} else if (subleaf == 1) {
		*r = (struct cpuid_regs){.eax = r->eax, .ebx = xstate_size(xcr0)};
	} else if (subleaf >= 64 || !(supported & BIT(subleaf))) {
		*r = (struct cpuid_regs){0};
	} else {
		uint32_t offset = xstate_offset(subleaf, &size);

		*r = (struct cpuid_regs){.eax = size, .ebx = offset, .ecx = size ? r->ecx : 0};
	}
}

static void extended_leaf(const struct vp *vp, uint32_t leaf, struct cpuid_regs *r)
{
	uint32_t count = vp->partition->vp_count;

	switch (leaf) {
	case 0x80000000:
		r->eax = MIN(r->eax, 0x80000021u);
		break;
	case 0x80000001:
		set_bit(&r->edx, LEAF1_APIC, apic_enabled(vp));
		break;
	case 0x80000002:
	case 0x80000003:
	case 0x80000004:
	case 0x80000005:
	case 0x80000006:
		break;
	case 0x80000007:
		*r = (struct cpuid_regs){.edx = vp->partition->tsc_invariant ? r->edx : 0};
		break;
	case 0x80000008:
		r->ecx = (count - 1) | width(count) << 12;
		r->edx = 0;
		break;
	case 0x80000021:
		*r = (struct cpuid_regs){.eax = r->eax & EXT21_EAX};
		break;
	default:
		*r = (struct cpuid_regs){0};
		break;
	}
}

void child_cpuid_leaf(const struct vp *vp, uint32_t leaf, uint32_t subleaf, uint64_t xcr0,
		      struct cpuid_regs *r)
{
	if (leaf >= HYPERV_CPUID_FIRST && leaf <= HYPERV_CPUID_LAST) {
		*r = (struct cpuid_regs){0};
		if (vp->partition->synthetic_features & HV_SYNTHETIC_HV1)
			*r = intercept_synthetic_leaf(vp->partition, leaf);
		return;
	}
	*r = cpuid(leaf, subleaf);
	features_apply(vp->partition->cpuid_features, leaf, subleaf, r);
	if (leaf >= 0x80000000) {
		extended_leaf(vp, leaf, r);
		return;
	}
	switch (leaf) {
	case 0:
		r->eax = MIN(r->eax, 0xdu);
		break;
	case 1:
		leaf_1(vp, r);
		break;
	case 6:
		*r = (struct cpuid_regs){.eax = (uint32_t)ARAT};
		break;
	case 7:
		leaf_7(vp, subleaf, r);
		break;
	case 0xb:
		leaf_b(vp, subleaf, r);
		break;
	case 0xd:
		leaf_d(vp, subleaf, xcr0, r);
		break;
	default:
		*r = (struct cpuid_regs){0};
		break;
	}
}

bool child_cpuid(struct vp *vp)
{
	struct cpuid_regs r;

	child_cpuid_leaf(vp, (uint32_t)vp->regs.rax, (uint32_t)vp->regs.rcx, vp->child.xcr0, &r);
	cpuid_result_apply(vp, (uint32_t)vp->regs.rax, (uint32_t)vp->regs.rcx, &r);
	vp->regs.rax = r.eax;
	vp->regs.rbx = r.ebx;
	vp->regs.rcx = r.ecx;
	vp->regs.rdx = r.edx;
	vp_advance(vp, 2);
	return false;
}
