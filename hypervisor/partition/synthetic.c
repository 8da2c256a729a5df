// SPDX-License-Identifier: Apache-2.0
#include "partition/synthetic.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/msr.h"
#include "abi/hv/synic.h"
#include "core/machine.h"
#include "core/printk.h"
#include "core/string.h"
#include "partition/overlay.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "x86/time.h"

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
	case HV_X64_MSR_TSC_INVARIANT_CONTROL:
		return HV_ACCESS_TSC_INVARIANT;
	default:
		return 0;
	}
}

static bool allowed(const struct vp *vp, uint32_t msr)
{
	const struct partition *partition = vp->partition;

	if (msr >= HV_X64_MSR_CRASH_P0 && msr <= HV_X64_MSR_CRASH_CTL)
		return partition->features & HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE;
	return (uint32_t)partition->privileges & msr_privilege(msr);
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
		*value = partition_reference_time(partition);
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
	case HV_X64_MSR_CRASH_P0:
	case HV_X64_MSR_CRASH_P1:
	case HV_X64_MSR_CRASH_P2:
	case HV_X64_MSR_CRASH_P3:
	case HV_X64_MSR_CRASH_P4:
		*value = partition->crash[msr - HV_X64_MSR_CRASH_P0];
		return true;
	case HV_X64_MSR_CRASH_CTL:
		*value = HV_CRASH_CTL_CRASH_NOTIFY | HV_CRASH_CTL_CRASH_NOTIFY_MSG;
		return true;
	case HV_X64_MSR_TSC_INVARIANT_CONTROL:
		*value = partition->tsc_invariant ? HV_EXPOSE_INVARIANT_TSC : 0;
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
		overlay_remove(partition, &partition->hypercall_msr);
	spin_unlock(&partition->lock);
	/* The system that deposited them is gone, and with it whoever knew of them. */
	if (value == 0 && partition_is_root(partition))
		partition_return_deposits(partition);
}

/* Takes the partition's lock. */
static bool write_hypercall(struct partition *partition, uint64_t value)
{
	bool written = true;

	if (partition_is_root(partition))
		selftest_run(machine_selftest());
	spin_lock(&partition->lock);
	/* Once locked it stays as it is; without an identified guest it cannot be enabled. */
	if (!(partition->hypercall_msr & HV_X64_MSR_HYPERCALL_LOCKED)) {
		if (partition->guest_os_id == 0)
			value &= ~HV_X64_MSR_HYPERCALL_ENABLE;
		written = overlay_write(partition, &partition->hypercall_msr,
					partition->hypercall_page, value, false);
	}
	spin_unlock(&partition->lock);
	return written;
}

/* Takes the partition's lock. */
static bool write_tsc_page(struct partition *partition, uint64_t value)
{
	bool written;

	spin_lock(&partition->lock);
	written = overlay_write(partition, &partition->tsc_page_msr, partition->tsc_page, value,
				false);
	spin_unlock(&partition->lock);
	return written;
}

/* Takes the partition's lock. */
static bool write_assist_page(struct vp *vp, uint64_t value)
{
	struct partition *partition = vp->partition;
	bool written;

	apic_withdraw_grant(vp);
	spin_lock(&partition->lock);
	written = overlay_write(partition, &vp->vp_assist_msr, vp->assist_page, value, true);
	spin_unlock(&partition->lock);
	return written;
}

/* The guest tells of its end. Takes the partition's lock. */
static void write_crash(struct vp *vp, uint32_t msr, uint64_t value)
{
	struct partition *partition = vp->partition;
	uint64_t old;

	spin_lock(&partition->lock);
	old = partition->crash[msr - HV_X64_MSR_CRASH_P0];
	partition->crash[msr - HV_X64_MSR_CRASH_P0] = value;
	spin_unlock(&partition->lock);
	/* Once: a partition must not be able to flush the log. What is new can be read by its
	 * parent. */
	if (msr == HV_X64_MSR_CRASH_CTL && (value & ~old & HV_CRASH_CTL_CRASH_NOTIFY))
		printk(LOG_INFO,
		       "partition %lu: its system has crashed: %lx %lx %lx %lx %lx (VP %u)",
		       partition->id, partition->crash[0], partition->crash[1], partition->crash[2],
		       partition->crash[3], partition->crash[4], vp->index);
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
		return write_hypercall(partition, value);
	case HV_X64_MSR_RESET:
		if (value & HV_X64_MSR_RESET_RESET)
			machine_reset();
		return true;
	case HV_X64_MSR_REFERENCE_TSC:
		return write_tsc_page(partition, value);
	case HV_X64_MSR_EOI:
		apic_eoi(vp);
		return true;
	case HV_X64_MSR_ICR:
		return apic_write_icr(vp, value);
	case HV_X64_MSR_TPR:
		return apic_write_tpr(vp, value);
	case HV_X64_MSR_VP_ASSIST_PAGE:
		return write_assist_page(vp, value);
	case HV_X64_MSR_CRASH_P0:
	case HV_X64_MSR_CRASH_P1:
	case HV_X64_MSR_CRASH_P2:
	case HV_X64_MSR_CRASH_P3:
	case HV_X64_MSR_CRASH_P4:
	case HV_X64_MSR_CRASH_CTL:
		write_crash(vp, msr, value);
		return true;
	case HV_X64_MSR_TSC_INVARIANT_CONTROL:
		if (value & ~HV_EXPOSE_INVARIANT_TSC)
			return false;
		partition->tsc_invariant = value & HV_EXPOSE_INVARIANT_TSC;
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

void synthetic_fill_tsc_page(struct partition *p)
{
	struct hv_reference_tsc_page *page = spa_to_virt(p->tsc_page);
	uint32_t sequence = p->tsc_sequence + 1;

	/* 0 says that the page is not valid; readers look again where it has changed. */
	if (sequence == 0 || sequence == UINT32_MAX)
		sequence = 1;
	__atomic_store_n(&page->tsc_sequence, 0, __ATOMIC_SEQ_CST);
	page->tsc_scale = time_scale();
	page->tsc_offset = time_offset() + (int64_t)p->time_offset;
	p->tsc_sequence = sequence;
	if (!p->time_frozen)
		__atomic_store_n(&page->tsc_sequence, sequence, __ATOMIC_RELEASE);
}
