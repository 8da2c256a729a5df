// SPDX-License-Identifier: Apache-2.0
#include "partition/rights.h"

#include "abi/hv/cpuid.h"
#include "abi/hv/partition.h"
#include "partition/partition.h"

/*
 * A synthetic processor feature and the bits of leaves 0x40000003 and 0x40000004 that it stands
 * for.
 */
struct synthetic_feature {
	uint64_t feature;
	uint64_t privileges;
	uint32_t features;
	uint32_t hints;
};

static const struct synthetic_feature synthetic_features[] = {
	{.feature = HV_SYNTHETIC_HYPERVISOR_PRESENT},
	{.feature = HV_SYNTHETIC_HV1},
	{.feature = HV_SYNTHETIC_ACCESS_VP_RUN_TIME_REG, .privileges = HV_MSR_VP_RUNTIME_AVAILABLE},
	{.feature = HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_COUNTER,
	 .privileges = HV_MSR_TIME_REF_COUNT_AVAILABLE},
	/* With a SynIC go the calls that reach others' (Linux's VMMs ask for no more). */
	{.feature = HV_SYNTHETIC_ACCESS_SYNIC_REGS,
	 .privileges = HV_MSR_SYNIC_AVAILABLE |
		       HV_PRIVILEGE_EBX(HV_POST_MESSAGES | HV_SIGNAL_EVENTS)},
	{.feature = HV_SYNTHETIC_ACCESS_SYNTHETIC_TIMER_REGS,
	 .privileges = HV_MSR_SYNTIMER_AVAILABLE},
	{.feature = HV_SYNTHETIC_ACCESS_INTR_CTRL_REGS,
	 .privileges = HV_MSR_APIC_ACCESS_AVAILABLE,
	 .hints = HV_X64_APIC_ACCESS_RECOMMENDED},
	{.feature = HV_SYNTHETIC_ACCESS_HYPERCALL_REGS, .privileges = HV_MSR_HYPERCALL_AVAILABLE},
	{.feature = HV_SYNTHETIC_ACCESS_VP_INDEX, .privileges = HV_MSR_VP_INDEX_AVAILABLE},
	{.feature = HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_TSC,
	 .privileges = HV_MSR_REFERENCE_TSC_AVAILABLE},
	{.feature = HV_SYNTHETIC_ACCESS_GUEST_IDLE_REG, .privileges = HV_MSR_GUEST_IDLE_AVAILABLE},
	{.feature = HV_SYNTHETIC_ACCESS_FREQUENCY_REGS,
	 .privileges = HV_ACCESS_FREQUENCY_MSRS,
	 .features = HV_FEATURE_FREQUENCY_MSRS_AVAILABLE},
	{.feature = HV_SYNTHETIC_EXTENDED_GVA_RANGES, .features = HV_FEATURE_EXT_GVA_RANGES_FLUSH},
	{.feature = HV_SYNTHETIC_FAST_HYPERCALL_OUTPUT,
	 .features = HV_X64_HYPERCALL_XMM_OUTPUT_AVAILABLE},
	{.feature = HV_SYNTHETIC_START_VIRTUAL_PROCESSOR,
	 .privileges = HV_PRIVILEGE_EBX(HV_START_VIRTUAL_PROCESSOR)},
	{.feature = HV_SYNTHETIC_DIRECT_SYNTHETIC_TIMERS,
	 .features = HV_STIMER_DIRECT_MODE_AVAILABLE},
	{.feature = HV_SYNTHETIC_EXTENDED_PROCESSOR_MASKS,
	 .hints = HV_X64_EX_PROCESSOR_MASKS_RECOMMENDED},
	{.feature = HV_SYNTHETIC_TB_FLUSH_HYPERCALLS, .hints = HV_X64_REMOTE_TLB_FLUSH_RECOMMENDED},
	{.feature = HV_SYNTHETIC_SYNTHETIC_CLUSTER_IPI, .hints = HV_X64_CLUSTER_IPI_RECOMMENDED},
	{.feature = HV_SYNTHETIC_NOTIFY_LONG_SPIN_WAIT},
	{.feature = HV_SYNTHETIC_SIGNAL_EVENTS,
	 .privileges = HV_PRIVILEGE_EBX(HV_POST_MESSAGES | HV_SIGNAL_EVENTS)},
};

/* Privileges that only children have a use for: no parent needs them to give them. */
#define CHILD_PRIVILEGES HV_PRIVILEGE_EBX(HV_START_VIRTUAL_PROCESSOR)

/* Privileges that nobody can give: processors and the machine's reset are the root's, and
 * partitions are not isolated from their parents. */
#define ROOT_PRIVILEGES                             \
	(HV_PRIVILEGE_EAX(HV_MSR_RESET_AVAILABLE) | \
	 HV_PRIVILEGE_EBX(HV_CPU_MANAGEMENT | HV_ISOLATION))

/* What every child has: crash registers, interrupts that it ends itself, time that is relaxed. */
#define CHILD_FEATURES HV_FEATURE_GUEST_CRASH_MSR_AVAILABLE
#define CHILD_HINTS    (HV_DEPRECATING_AEOI_RECOMMENDED | HV_X64_RELAXED_TIMING_RECOMMENDED)

uint64_t rights_own_features(const struct partition *p)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < ARRAY_SIZE(synthetic_features); i++) {
		const struct synthetic_feature *f = &synthetic_features[i];

		if ((p->privileges & f->privileges) == f->privileges &&
		    (p->features & f->features) == f->features && (p->hints & f->hints) == f->hints)
			mask |= f->feature;
	}
	return mask;
}

uint64_t rights_assignable(const struct partition *creator)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < ARRAY_SIZE(synthetic_features); i++) {
		const struct synthetic_feature *f = &synthetic_features[i];

		if ((f->privileges & ~(creator->privileges | CHILD_PRIVILEGES)) == 0)
			mask |= f->feature;
	}
	return partition_is_root(creator) ? mask : mask & creator->synthetic_features;
}

uint64_t rights_assignable_privileges(const struct partition *creator)
{
	return (creator->privileges | CHILD_PRIVILEGES) & ~ROOT_PRIVILEGES;
}

void rights_derive(struct partition *p)
{
	p->privileges = p->privilege_flags;
	p->features = CHILD_FEATURES;
	p->hints = CHILD_HINTS;
	for (size_t i = 0; i < ARRAY_SIZE(synthetic_features); i++) {
		const struct synthetic_feature *f = &synthetic_features[i];

		if (!(p->synthetic_features & f->feature))
			continue;
		p->privileges |= f->privileges;
		p->features |= f->features;
		p->hints |= f->hints;
	}
}
