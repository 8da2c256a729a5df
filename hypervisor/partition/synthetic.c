// SPDX-License-Identifier: Apache-2.0
#include "partition/synthetic.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "core/machine.h"
#include "core/string.h"
#include "partition/partition.h"
#include "partition/vp.h"

/* The privilege (EAX of leaf 0x40000003) that a register needs; 0 for a register that is not here.
 */
static uint32_t msr_privilege(uint32_t msr)
{
	switch (msr) {
	case HV_X64_MSR_GUEST_OS_ID:
	case HV_X64_MSR_HYPERCALL:
		return HV_MSR_HYPERCALL_AVAILABLE;
	case HV_X64_MSR_VP_INDEX:
		return HV_MSR_VP_INDEX_AVAILABLE;
	case HV_X64_MSR_RESET:
		return HV_MSR_RESET_AVAILABLE;
	case HV_X64_MSR_VP_RUNTIME:
		return HV_MSR_VP_RUNTIME_AVAILABLE;
	case HV_X64_MSR_TIME_REF_COUNT:
		return HV_MSR_TIME_REF_COUNT_AVAILABLE;
	case HV_X64_MSR_REFERENCE_TSC:
		return HV_MSR_REFERENCE_TSC_AVAILABLE;
	case HV_X64_MSR_TSC_FREQUENCY:
	case HV_X64_MSR_APIC_FREQUENCY:
		return HV_ACCESS_FREQUENCY_MSRS;
	case HV_X64_MSR_EOI:
	case HV_X64_MSR_ICR:
	case HV_X64_MSR_TPR:
	case HV_X64_MSR_VP_ASSIST_PAGE:
		return HV_MSR_APIC_ACCESS_AVAILABLE;
	case HV_X64_MSR_GUEST_IDLE:
		return HV_MSR_GUEST_IDLE_AVAILABLE;
	default:
		return 0;
	}
}

static bool allowed(const struct vp *vp, uint32_t msr)
{
	return (uint32_t)vp->partition->privileges & msr_privilege(msr);
}

bool synthetic_read_msr(struct vp *vp, uint32_t msr, uint64_t *value)
{
	const struct partition *partition = vp->partition;

	if (!allowed(vp, msr))
		return false;
	switch (msr) {
	case HV_X64_MSR_GUEST_OS_ID:
		*value = partition->guest_os_id;
		return true;
	case HV_X64_MSR_HYPERCALL:
		*value = partition->hypercall_msr;
		return true;
	case HV_X64_MSR_VP_INDEX:
		*value = vp->index;
		return true;
	case HV_X64_MSR_RESET:
		*value = 0;
		return true;
	case HV_X64_MSR_VP_RUNTIME:
		/* A root VP has its processor to itself: it has been running since there is time.
		 */
	case HV_X64_MSR_TIME_REF_COUNT:
		*value = machine_reference_time();
		return true;
	case HV_X64_MSR_REFERENCE_TSC:
		*value = partition->tsc_page_msr;
		return true;
	case HV_X64_MSR_TSC_FREQUENCY:
		*value = machine_tsc_frequency();
		return true;
	case HV_X64_MSR_APIC_FREQUENCY:
		*value = APIC_FREQUENCY;
		return true;
	case HV_X64_MSR_ICR:
		*value = apic_read_icr(vp);
		return true;
	case HV_X64_MSR_TPR:
		*value = vp->apic.tpr;
		return true;
	case HV_X64_MSR_VP_ASSIST_PAGE:
		*value = vp->vp_assist_msr;
		return true;
	case HV_X64_MSR_GUEST_IDLE:
		vp_idle(vp);
		*value = 0;
		return true;
	default: /* HV_X64_MSR_EOI is write-only */
		return false;
	}
}

/* Takes the partition's lock. */
static void write_guest_os_id(struct partition *partition, uint64_t value)
{
	spin_lock(&partition->lock);
	partition->guest_os_id = value;
	if (value == 0)
		partition->hypercall_msr &= ~HV_X64_MSR_HYPERCALL_ENABLE;
	spin_unlock(&partition->lock);
	/* The system that deposited them is gone, and with it whoever knew of them. */
	if (value == 0)
		partition_return_deposits(partition);
}

/* Takes the partition's lock. */
static void write_hypercall(struct partition *partition, uint64_t value)
{
	selftest_run(machine_selftest());
	spin_lock(&partition->lock);
	/* Once locked it stays as it is; without an identified guest it cannot be enabled. */
	if (!(partition->hypercall_msr & HV_X64_MSR_HYPERCALL_LOCKED)) {
		if (partition->guest_os_id == 0)
			value &= ~HV_X64_MSR_HYPERCALL_ENABLE;
		partition->hypercall_msr = vp_placed_page_register(partition->hypercall_msr, value);
	}
	spin_unlock(&partition->lock);
}

/* Takes the partition's lock. */
static void write_tsc_page(struct partition *partition, uint64_t value)
{
	spin_lock(&partition->lock);
	partition->tsc_page_msr = vp_placed_page_register(partition->tsc_page_msr, value);
	spin_unlock(&partition->lock);
}

bool synthetic_write_msr(struct vp *vp, uint32_t msr, uint64_t value)
{
	struct partition *partition = vp->partition;

	if (!allowed(vp, msr))
		return false;
	switch (msr) {
	case HV_X64_MSR_GUEST_OS_ID:
		write_guest_os_id(partition, value);
		return true;
	case HV_X64_MSR_HYPERCALL:
		write_hypercall(partition, value);
		return true;
	case HV_X64_MSR_RESET:
		if (value & HV_X64_MSR_RESET_RESET)
			machine_reset();
		return true;
	case HV_X64_MSR_REFERENCE_TSC:
		write_tsc_page(partition, value);
		return true;
	case HV_X64_MSR_EOI:
		apic_eoi(vp);
		return true;
	case HV_X64_MSR_ICR:
		return apic_write_icr(vp, value);
	case HV_X64_MSR_TPR:
		return apic_write_tpr(vp, value);
	case HV_X64_MSR_VP_ASSIST_PAGE:
		apic_withdraw_grant(vp);
		vp->vp_assist_msr = vp_placed_page_register(vp->vp_assist_msr, value);
		return true;
	default: /* read-only */
		return false;
	}
}

void synthetic_fill_hypercall_page(void *page)
{
	static const uint8_t code[] = {0x0f, 0x01, 0xd9, 0xc3}; /* vmmcall; ret */

	memset(page, 0xcc, PAGE_SIZE);
	memcpy(page, code, sizeof(code));
}
