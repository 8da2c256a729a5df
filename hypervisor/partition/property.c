// SPDX-License-Identifier: Apache-2.0
#include "partition/property.h"

#include "abi/hv/bulkhead.h"
#include "abi/hv/cpuid.h"
#include "abi/hv/partition.h"
#include "core/counter.h"
#include "core/log.h"
#include "core/machine.h"
#include "core/string.h"
#include "partition/integrity.h"
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
	{.feature = HV_SYNTHETIC_ACCESS_SYNIC_REGS, .privileges = HV_MSR_SYNIC_AVAILABLE},
	{.feature = HV_SYNTHETIC_ACCESS_SYNTHETIC_TIMER_REGS,
	 .privileges = HV_MSR_SYNTIMER_AVAILABLE},
	{.feature = HV_SYNTHETIC_ACCESS_INTR_CTRL_REGS, .privileges = HV_MSR_APIC_ACCESS_AVAILABLE},
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
	{.feature = HV_SYNTHETIC_SIGNAL_EVENTS, .privileges = HV_PRIVILEGE_EBX(HV_SIGNAL_EVENTS)},
};

/* The synthetic processor features that `p` has, and so may assign to a child. */
static uint64_t synthetic_processor_features(const struct partition *p)
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

enum hv_status partition_get_property(struct partition *p, uint32_t code, uint64_t *value)
{
	switch (code) {
	case HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS:
		*value = p->privileges;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES:
		*value = synthetic_processor_features(p);
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_REFERENCE_TIME:
		*value = machine_reference_time();
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH:
		*value = machine_physical_bits();
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY:
		*value = machine_tsc_frequency();
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_GUEST_OS_ID:
		spin_lock(&p->lock);
		*value = p->guest_os_id;
		spin_unlock(&p->lock);
		return HV_STATUS_SUCCESS;
	default:
		return HV_STATUS_UNKNOWN_PROPERTY;
	}
}

enum hv_status partition_set_property(struct partition *p, uint32_t code, uint64_t value)
{
	uint64_t current;

	(void)value;
	switch (code) {
	case HV_PARTITION_PROPERTY_VMM_CAPABILITIES:
	case HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES:
		return HV_STATUS_OPERATION_DENIED;
	case BULKHEAD_PROPERTY_LOG:
	case BULKHEAD_PROPERTY_COUNTERS:
	case BULKHEAD_PROPERTY_INTEGRITY:
		return partition_is_root(p) ? HV_STATUS_OPERATION_DENIED
					    : HV_STATUS_UNKNOWN_PROPERTY;
	default:
		if (partition_get_property(p, code, &current) != HV_STATUS_SUCCESS)
			return HV_STATUS_UNKNOWN_PROPERTY;
		return HV_STATUS_OPERATION_DENIED;
	}
}

static enum hv_status get_banked(uint64_t bank, void *value, uint32_t capacity, uint32_t *size)
{
	struct hv_partition_property_banked *banked = value;

	if (capacity < sizeof(*banked))
		return HV_STATUS_INVALID_ALIGNMENT;
	banked->bank_count = 1;
	banked->bank[0] = bank;
	*size = sizeof(*banked);
	return HV_STATUS_SUCCESS;
}

static enum hv_status get_log(uint64_t position, void *value, uint32_t capacity, uint32_t *size)
{
	struct bulkhead_log_chunk *chunk = value;

	/* Room for one record of any length, so that a reader always comes on. */
	if (capacity < sizeof(*chunk) + sizeof(struct bulkhead_log_record) + LOG_LINE_MAX)
		return HV_STATUS_INVALID_ALIGNMENT;
	chunk->from = position;
	chunk->size = (uint32_t)log_read(&chunk->from, &chunk->next, chunk + 1,
					 capacity - sizeof(*chunk));
	*size = (uint32_t)sizeof(*chunk) + chunk->size;
	return HV_STATUS_SUCCESS;
}

static enum hv_status get_counters(uint64_t first, void *value, uint32_t capacity, uint32_t *size)
{
	size_t total = (size_t)(counters_end() - counters_begin());
	struct bulkhead_counters *header = value;
	struct bulkhead_counter *out = (struct bulkhead_counter *)(header + 1);
	size_t fits;

	if (capacity < sizeof(*header) + sizeof(*out))
		return HV_STATUS_INVALID_ALIGNMENT;
	fits = (capacity - sizeof(*header)) / sizeof(*out);
	header->total = (uint32_t)total;
	for (uint64_t i = first; i < total && header->count < fits; i++, header->count++, out++) {
		const struct counter *c = counters_begin() + i;

		out->value = counter_read(c);
		memcpy(out->name, c->name, MIN(strlen(c->name), sizeof(out->name) - 1));
	}
	*size = (uint32_t)(sizeof(*header) + header->count * sizeof(*out));
	return HV_STATUS_SUCCESS;
}

static enum hv_status get_integrity(struct partition *p, void *value, uint32_t capacity,
				    uint32_t *size)
{
	struct bulkhead_integrity *out = value;
	struct integrity found;

	if (capacity < sizeof(*out))
		return HV_STATUS_INVALID_ALIGNMENT;
	integrity_check(p, &found);
	out->version = BULKHEAD_INTEGRITY_VERSION;
	out->checksum = found.checksum;
	out->sealed = integrity_sealed();
	out->checked = found.checked;
	out->violations = found.violations;
	out->place = found.place;
	if (found.first)
		memcpy(out->first, found.first, MIN(strlen(found.first), sizeof(out->first) - 1));
	*size = sizeof(*out);
	return HV_STATUS_SUCCESS;
}

enum hv_status partition_get_property_ex(struct partition *p, uint32_t code, uint64_t arg,
					 void *value, uint32_t capacity, uint32_t *size)
{
	enum hv_status status;

	switch (code) {
	case HV_PARTITION_PROPERTY_VMM_CAPABILITIES:
		return get_banked(HV_VMM_CAPABILITY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES, value,
				  capacity, size);
	case HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES:
		return get_banked(synthetic_processor_features(p), value, capacity, size);
	case BULKHEAD_PROPERTY_LOG:
		if (!partition_is_root(p))
			return HV_STATUS_UNKNOWN_PROPERTY;
		return get_log(arg, value, capacity, size);
	case BULKHEAD_PROPERTY_COUNTERS:
		if (!partition_is_root(p))
			return HV_STATUS_UNKNOWN_PROPERTY;
		return get_counters(arg, value, capacity, size);
	case BULKHEAD_PROPERTY_INTEGRITY:
		if (!partition_is_root(p))
			return HV_STATUS_UNKNOWN_PROPERTY;
		return get_integrity(p, value, capacity, size);
	default:
		status = partition_get_property(p, code, value);
		if (status == HV_STATUS_SUCCESS)
			*size = sizeof(uint64_t);
		return status;
	}
}
