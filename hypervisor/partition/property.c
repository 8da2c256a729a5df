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
#include "partition/rights.h"
#include "partition/synthetic.h"
#include "partition/vp.h"

/* Holds p->lock. */
static enum hv_status get_locked(const struct partition *p, uint32_t code, uint64_t *value)
{
	switch (code) {
	case HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS:
		*value = p->privileges;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES:
		*value = partition_is_root(p) ? rights_own_features(p) : p->synthetic_features;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_REFERENCE_TIME:
		*value = partition_reference_time(p);
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH:
		*value = machine_physical_bits();
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY:
		*value = machine_tsc_frequency();
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_GUEST_OS_ID:
		*value = p->guest_os_id;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_PROCESSOR_VENDOR:
		*value = machine_processor_vendor();
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0:
		*value = machine_processor_features(0) & ~p->disabled_features[0];
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1:
		*value = machine_processor_features(1) & ~p->disabled_features[1];
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES:
		*value = machine_processor_features(2) & ~p->disabled_xsave;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_XSAVE_STATES:
		*value = machine_xsave_states(p->disabled_xsave);
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE:
		*value = machine_xsave_size(machine_xsave_states(p->disabled_xsave));
		return HV_STATUS_SUCCESS;
	default:
		break;
	}
	/* The root is as the machine is, and always runs. */
	if (partition_is_root(p))
		return HV_STATUS_UNKNOWN_PROPERTY;
	switch (code) {
	case HV_PARTITION_PROPERTY_TIME_FREEZE:
		*value = p->time_frozen;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET:
		*value = p->processors_per_socket;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING:
		*value = p->access_tracking;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION:
		*value = p->unimplemented_msr_action;
		return HV_STATUS_SUCCESS;
	default:
		return HV_STATUS_UNKNOWN_PROPERTY;
	}
}

enum hv_status partition_get_property(struct partition *p, uint32_t code, uint64_t *value)
{
	enum hv_status status;

	spin_lock(&p->lock);
	status = get_locked(p, code, value);
	spin_unlock(&p->lock);
	return status;
}

/* Let the time of `p` stand still, or go on from where it stands. */
static void freeze(struct partition *p, bool frozen)
{
	if (frozen == p->time_frozen)
		return;
	if (frozen)
		p->frozen_time = partition_reference_time(p);
	else
		p->time_offset = p->frozen_time - machine_reference_time();
	p->time_frozen = frozen;
	if (p->state == PARTITION_INITIALIZED)
		synthetic_fill_tsc_page(p);
	/* Their timers wait for other times now. */
	for (uint32_t i = 0; i < p->vp_limit; i++)
		if (p->vps[i])
			vp_request(p->vps[i], VP_REQUEST_TIMER);
}

/* What a parent may say of a child before it is initialized, and not after. Holds p->lock. */
static enum hv_status set_early(struct partition *p, uint32_t code, uint64_t value)
{
	if (p->state != PARTITION_CREATED)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (code == HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS)
		p->privilege_flags = value & rights_assignable_privileges(p->parent);
	else
		p->synthetic_features = value & rights_assignable(p->parent);
	rights_derive(p);
	return HV_STATUS_SUCCESS;
}

/* Set a property of a child that is neither deleted nor finalized. Holds p->lock. */
static enum hv_status set_locked(struct partition *p, uint32_t code, uint64_t value)
{
	uint64_t current;

	switch (code) {
	case HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS:
	case HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES:
		return set_early(p, code, value);
	case HV_PARTITION_PROPERTY_TIME_FREEZE:
		if (value > 1)
			return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
		freeze(p, value);
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_REFERENCE_TIME:
		if (!p->time_frozen)
			return HV_STATUS_INVALID_PARTITION_STATE;
		p->frozen_time = value;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET:
		if (value == 0 || value > PARTITION_MAX_VPS)
			return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
		p->processors_per_socket = value;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING:
		if (value > 1)
			return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
		p->access_tracking = value;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION:
		if (value > HV_UNIMPLEMENTED_MSR_IGNORE)
			return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
		p->unimplemented_msr_action = value;
		return HV_STATUS_SUCCESS;
	case HV_PARTITION_PROPERTY_VMM_CAPABILITIES:
	case HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES:
		return HV_STATUS_OPERATION_DENIED;
	default:
		return get_locked(p, code, &current) == HV_STATUS_SUCCESS
			       ? HV_STATUS_OPERATION_DENIED
			       : HV_STATUS_UNKNOWN_PROPERTY;
	}
}

/* What a partition may change of itself: nothing. Only whether there is such a property differs. */
static enum hv_status refuse_own(struct partition *p, uint32_t code)
{
	uint64_t current;

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
		return partition_get_property(p, code, &current) == HV_STATUS_SUCCESS
			       ? HV_STATUS_OPERATION_DENIED
			       : HV_STATUS_UNKNOWN_PROPERTY;
	}
}

enum hv_status partition_set_property(struct partition *caller, struct partition *p, uint32_t code,
				      uint64_t value)
{
	enum hv_status status;

	if (p == caller)
		return refuse_own(p, code);
	spin_lock(&p->lock);
	if (p->state == PARTITION_DELETED)
		status = HV_STATUS_INVALID_PARTITION_ID;
	else if (p->state >= PARTITION_FINALIZING)
		status = HV_STATUS_INVALID_PARTITION_STATE;
	else
		status = set_locked(p, code, value);
	spin_unlock(&p->lock);
	return status;
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
		return get_banked(rights_assignable(p), value, capacity, size);
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
