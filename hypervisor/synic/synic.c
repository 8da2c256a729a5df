// SPDX-License-Identifier: Apache-2.0
#include "synic/synic.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "partition/partition.h"
#include "partition/vp.h"

static bool is_sint(uint32_t msr)
{
	return msr >= HV_X64_MSR_SINT0 && msr <= HV_X64_MSR_SINT15;
}

void synic_reset(struct vp_synic *synic, spa_t siefp, spa_t simp, spa_t sirbp)
{
	*synic = (struct vp_synic){.siefp = siefp, .simp = simp, .sirbp = sirbp};
	for (unsigned int i = 0; i < SYNIC_SINT_COUNT; i++)
		synic->sint[i] = HV_SYNIC_SINT_RESET_VALUE;
}

bool synic_read_msr(struct vp *vp, uint32_t msr, uint64_t *value)
{
	const struct vp_synic *synic = &vp->synic;

	if (!(vp->partition->privileges & HV_MSR_SYNIC_AVAILABLE))
		return false;
	if (is_sint(msr)) {
		*value = synic->sint[msr - HV_X64_MSR_SINT0];
		return true;
	}
	switch (msr) {
	case HV_X64_MSR_SCONTROL:
		*value = synic->scontrol;
		return true;
	case HV_X64_MSR_SVERSION:
		*value = HV_SYNIC_VERSION_1;
		return true;
	case HV_X64_MSR_SIEFP:
		*value = synic->siefp;
		return true;
	case HV_X64_MSR_SIMP:
		*value = synic->simp;
		return true;
	case HV_X64_MSR_SIRBP:
		*value = synic->sirbp;
		return true;
	case HV_X64_MSR_EOM:
		*value = 0;
		return true;
	default:
		return false;
	}
}

static bool write_sint(uint64_t *sint, uint64_t value)
{
	/* A vector below 16 is an exception's: it can only stand in a masked source. */
	if ((value & HV_SYNIC_SINT_VECTOR_MASK) < HV_SYNIC_FIRST_VALID_VECTOR &&
	    !(value & HV_SYNIC_SINT_MASKED))
		return false;
	*sint = value;
	return true;
}

bool synic_write_msr(struct vp *vp, uint32_t msr, uint64_t value)
{
	struct vp_synic *synic = &vp->synic;

	if (!(vp->partition->privileges & HV_MSR_SYNIC_AVAILABLE))
		return false;
	if (is_sint(msr))
		return write_sint(&synic->sint[msr - HV_X64_MSR_SINT0], value);
	switch (msr) {
	case HV_X64_MSR_SCONTROL:
		synic->scontrol = value;
		return true;
	case HV_X64_MSR_SIEFP:
		synic->siefp = vp_placed_page_register(synic->siefp, value);
		return true;
	case HV_X64_MSR_SIMP:
		synic->simp = vp_placed_page_register(synic->simp, value);
		return true;
	case HV_X64_MSR_SIRBP:
		synic->sirbp = vp_placed_page_register(synic->sirbp, value);
		return true;
	case HV_X64_MSR_EOM:
		return true; /* no message is ever queued: nothing sends any */
	default:             /* SVERSION is read-only */
		return false;
	}
}
