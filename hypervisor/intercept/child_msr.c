// SPDX-License-Identifier: Apache-2.0
/*
 * MSRs of a child. Those that only its processor sees pass straight through (x86/svm/svm.c);
 * everything else is here: synthetic ones, its APIC's, and a PC's that have a meaning only on real
 * hardware and are kept or read as nothing.
 */
#include "abi/hv/intercept.h"
#include "abi/hv/msr.h"
#include "abi/hv/partition.h"
#include "abi/hv/synic.h"
#include "core/counter.h"
#include "intercept/child.h"
#include "intercept/intercept.h"
#include "partition/partition.h"
#include "partition/synthetic.h"
#include "partition/vp.h"
#include "synic/synic.h"
#include "x86/cpu.h"
#include "x86/vendor.h"
#include "x86/xstate.h"

COUNTER(child_msr_unknown, "msr.child_unknown");

#define MTRR_CAP_VALUE      0x508u /* 8 variable ranges, fixed ones, write-combining */
#define MTRR_DEF_TYPE_VALID 0xcffu
#define PRED_CMD_IBPB       BIT(0)

/* Types of memory that MTRRs and the PAT know: UC, WC, WT, WP, WB, and of the PAT UC-. */
static bool memory_types_valid(uint64_t value, bool pat)
{
	for (unsigned int i = 0; i < 8; i++) {
		uint8_t type = (uint8_t)(value >> i * 8);

		if (type == 2 || type == 3 || type > (pat ? 7 : 6))
			return false;
	}
	return true;
}

/* Where the value of a memory type range register is kept; NULL if `msr` is none. */
static uint64_t *mtrr_of(struct vp *vp, uint32_t msr)
{
	static const uint16_t fixed[] = {0x250, 0x258, 0x259, 0x268, 0x269, 0x26a,
					 0x26b, 0x26c, 0x26d, 0x26e, 0x26f};
	struct vp_mtrr *mtrr = &vp->child.mtrr;

	if (msr == MSR_MTRR_DEF_TYPE)
		return &mtrr->def_type;
	if (msr >= MSR_MTRR_PHYS_BASE0 && msr < MSR_MTRR_PHYS_BASE0 + 2 * VP_MTRR_VARIABLE)
		return &mtrr->variable[msr - MSR_MTRR_PHYS_BASE0];
	for (unsigned int i = 0; i < ARRAY_SIZE(fixed); i++)
		if (fixed[i] == msr)
			return &mtrr->fixed[i];
	return NULL;
}

static bool write_mtrr(uint64_t *place, uint32_t msr, uint64_t value)
{
	if (msr == MSR_MTRR_DEF_TYPE && (value & ~(uint64_t)MTRR_DEF_TYPE_VALID))
		return false;
	if (msr >= 0x250 && msr <= 0x26f && !memory_types_valid(value, false))
		return false;
	*place = value;
	return true;
}

static bool read_native(struct vp *vp, uint32_t msr, uint64_t *value)
{
	const uint64_t *mtrr = mtrr_of(vp, msr);

	if (msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST)
		return apic_read_msr(vp, msr, value);
	if (mtrr) {
		*value = *mtrr;
		return true;
	}
	*value = 0;
	switch (msr) {
	case MSR_EFER:
		*value = vendor_efer(vp);
		return true;
	case MSR_APIC_BASE:
		*value = vp->apic.base;
		return partition_has_apics(vp->partition);
	case MSR_TSC:
		*value = rdtsc();
		return true;
	case MSR_PAT:
		*value = vendor_pat(vp);
		return true;
	case MSR_MTRR_CAP:
		*value = MTRR_CAP_VALUE;
		return true;
	case MSR_TSC_AUX:
		if (!xstate_has_tsc_aux())
			return false;
		*value = rdmsr(MSR_TSC_AUX);
		return true;
	case MSR_SPEC_CTRL:
		if (xstate_spec_ctrl() == 0)
			return false;
		*value = rdmsr(MSR_SPEC_CTRL);
		return true;
	case MSR_XSS:
		return true;
	case MSR_MCG_CAP: /* no banks of machine checks */
	case MSR_MCG_STATUS:
	case MSR_MISC_ENABLE:
	case MSR_PATCH_LEVEL:
	case MSR_SYSCFG:
	case MSR_HWCR:
	case MSR_TOP_MEM:
	case MSR_TOP_MEM2:
	case MSR_DEBUG_CTL:
	case MSR_INT_PENDING:
	case MSR_NB_CFG:
	case MSR_DE_CFG:
	case MSR_FEATURE_CONTROL:
		return true;
	case MSR_TSC_ADJUST:
	default:
		return false;
	}
}

static bool write_native(struct vp *vp, uint32_t msr, uint64_t value)
{
	uint64_t *mtrr = mtrr_of(vp, msr);

	if (msr >= MSR_X2APIC_FIRST && msr <= MSR_X2APIC_LAST)
		return apic_write_msr(vp, msr, value);
	if (mtrr)
		return write_mtrr(mtrr, msr, value);
	switch (msr) {
	case MSR_EFER:
		return intercept_write_efer(vp, value);
	case MSR_APIC_BASE:
		return partition_has_apics(vp->partition) && apic_write_base(vp, value);
	case MSR_PAT:
		if (!memory_types_valid(value, true))
			return false;
		vendor_set_pat(vp, value);
		return true;
	case MSR_TSC_AUX:
		if (!xstate_has_tsc_aux() || value > UINT32_MAX)
			return false;
		wrmsr(MSR_TSC_AUX, value);
		return true;
	case MSR_SPEC_CTRL:
		if (xstate_spec_ctrl() == 0 || (value & ~xstate_spec_ctrl()))
			return false;
		wrmsr(MSR_SPEC_CTRL, value);
		return true;
	case MSR_PRED_CMD:
		if (value & ~PRED_CMD_IBPB)
			return false;
		if (value != 0 && xstate_has_ibpb())
			wrmsr(MSR_PRED_CMD, value);
		return true;
	case MSR_XSS:
		return value == 0;
	case MSR_TSC: /* one counter for all VPs; what they write is of no consequence */
	case MSR_MCG_STATUS:
	case MSR_MISC_ENABLE:
	case MSR_PATCH_LEVEL:
	case MSR_PATCH_LOADER:
	case MSR_SYSCFG:
	case MSR_HWCR:
	case MSR_DEBUG_CTL:
	case MSR_INT_PENDING:
	case MSR_NB_CFG:
	case MSR_DE_CFG:
		return true;
	default:
		return false;
	}
}

bool child_read_msr(struct vp *vp, uint32_t msr, uint64_t *value)
{
	if (msr < HV_X64_MSR_FIRST || msr > HV_X64_MSR_LAST)
		return read_native(vp, msr, value);
	return synthetic_read_msr(vp, msr, value) || synic_read_msr(vp, msr, value);
}

bool child_write_msr(struct vp *vp, uint32_t msr, uint64_t value)
{
	if (msr < HV_X64_MSR_FIRST || msr > HV_X64_MSR_LAST)
		return write_native(vp, msr, value);
	return synthetic_write_msr(vp, msr, value) || synic_write_msr(vp, msr, value);
}

/* Nobody knows the register. Its parent may have asked to hear of that, or that it be ignored. */
static bool unknown(struct vp *vp, uint32_t msr, bool write)
{
	counter_inc(&child_msr_unknown);
	if (partition_intercepts(vp->partition, HV_INTERCEPT_TYPE_X64_MSR)) {
		struct hv_x64_msr_intercept_message *m = child_message(
			vp, HVMSG_X64_MSR_INTERCEPT, sizeof(*m), vp_length(vp, 2),
			write ? HV_INTERCEPT_ACCESS_WRITE : HV_INTERCEPT_ACCESS_READ);

		m->msr_number = msr;
		m->rdx = vp->regs.rdx;
		m->rax = vp->regs.rax;
		return true;
	}
	if (vp->partition->unimplemented_msr_action == HV_UNIMPLEMENTED_MSR_FAULT) {
		vp_raise(vp, VECTOR_GP);
		return false;
	}
	if (!write)
		vp->regs.rax = vp->regs.rdx = 0;
	vp_advance(vp, 2);
	return false;
}

bool child_msr(struct vp *vp, bool write)
{
	uint32_t msr = (uint32_t)vp->regs.rcx;
	uint64_t value = (uint64_t)(uint32_t)vp->regs.rdx << 32 | (uint32_t)vp->regs.rax;

	if (write ? !child_write_msr(vp, msr, value) : !child_read_msr(vp, msr, &value)) {
		/* One that there is was used wrongly. */
		if (msr >= HV_X64_MSR_FIRST && msr <= HV_X64_MSR_LAST) {
			vp_raise(vp, VECTOR_GP);
			return false;
		}
		return unknown(vp, msr, write);
	}
	if (!write) {
		vp->regs.rax = (uint32_t)value;
		vp->regs.rdx = value >> 32;
	}
	vp_advance(vp, 2);
	return false;
}

void child_xsetbv(struct vp *vp)
{
	uint64_t value = (uint64_t)(uint32_t)vp->regs.rdx << 32 | (uint32_t)vp->regs.rax;

	if (vp_cpl(vp) != 0 || (uint32_t)vp->regs.rcx != 0 ||
	    !xstate_xcr0_valid(value, vp->partition->xsave_states)) {
		vp_raise(vp, VECTOR_GP);
		return;
	}
	xstate_set_xcr0(value);
	vp->child.xcr0 = value;
	vp_advance(vp, 3);
}
