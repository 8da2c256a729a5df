// SPDX-License-Identifier: Apache-2.0
/*
 * The machine as a whole: system properties, sleep states, logical processors, partition events.
 * Source: the layouts that Linux's root partition code sends; the TLFS does not document these
 * calls.
 */
#ifndef ABI_HV_SYSTEM_H
#define ABI_HV_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

#include "abi/hv/partition.h"

#define HV_SYSTEM_PROPERTY_SLEEP_STATE        3
#define HV_SYSTEM_PROPERTY_SCHEDULER_TYPE     15
#define HV_DYNAMIC_PROCESSOR_FEATURE_PROPERTY 21
#define HV_SYSTEM_PROPERTY_CRASHDUMPAREA      47

/* Values of HV_SYSTEM_PROPERTY_SCHEDULER_TYPE. */
#define HV_SCHEDULER_TYPE_LP       1
#define HV_SCHEDULER_TYPE_LP_SMT   2
#define HV_SCHEDULER_TYPE_CORE_SMT 3
#define HV_SCHEDULER_TYPE_ROOT     4

#define HV_SLEEP_STATE_S1   1
#define HV_SLEEP_STATE_S5   5
#define HV_SLEEP_STATE_LOCK 6

/* SLP_TYP values of the ACPI sleep control are three bits wide. */
#define HV_SLP_TYP_MAX 7

struct hv_input_get_system_property {
	uint32_t property_id;
	uint32_t reserved;
	uint64_t arg;
};

struct hv_output_get_system_property {
	uint64_t value;
};

_Static_assert(sizeof(struct hv_input_get_system_property) == 16, "hv_input_get_system_property");
_Static_assert(sizeof(struct hv_output_get_system_property) == 8, "hv_output_get_system_property");

struct hv_sleep_state_info {
	uint32_t sleep_state; /* HV_SLEEP_STATE_* */
	uint8_t pm1a_slp_typ;
	uint8_t pm1b_slp_typ;
	uint16_t padding;
};

struct hv_input_set_system_property {
	uint32_t property_id;
	uint32_t reserved;
	union {
		struct hv_sleep_state_info set_sleep_state_info;
		uint64_t as_uint64[8];
	};
};

_Static_assert(sizeof(struct hv_sleep_state_info) == 8, "hv_sleep_state_info");
_Static_assert(sizeof(struct hv_input_set_system_property) == 72, "hv_input_set_system_property");
_Static_assert(offsetof(struct hv_input_set_system_property, set_sleep_state_info) == 8,
	       "hv_input_set_system_property");

struct hv_input_enter_sleep_state {
	uint32_t sleep_state;
	uint32_t padding; /* not cleared by Linux */
};

_Static_assert(sizeof(struct hv_input_enter_sleep_state) == 8, "hv_input_enter_sleep_state");

#define HV_PARTITION_EVENT_ROOT_CRASHDUMP           2
#define HV_PARTITION_ALL_LOGICAL_PROCESSORS_STARTED 4

struct hv_input_notify_partition_event {
	uint32_t event;
	uint32_t crashdump_action;
};

_Static_assert(sizeof(struct hv_input_notify_partition_event) == 8,
	       "hv_input_notify_partition_event");

struct hv_input_get_logical_processor_run_time {
	uint32_t lp_index;
	uint32_t padding; /* not cleared by Linux */
};

struct hv_output_get_logical_processor_run_time {
	uint64_t global_time; /* all in units of 100 ns */
	uint64_t local_run_time;
	uint64_t reserved;
	uint64_t hypervisor_time;
};

_Static_assert(sizeof(struct hv_input_get_logical_processor_run_time) == 8,
	       "hv_input_get_logical_processor_run_time");
_Static_assert(sizeof(struct hv_output_get_logical_processor_run_time) == 32,
	       "hv_output_get_logical_processor_run_time");

struct hv_input_add_logical_processor {
	uint32_t lp_index;
	uint32_t apic_id;
	struct hv_proximity_domain_info proximity_domain_info;
};

struct hv_output_add_logical_processor {
	uint64_t status;
	uint64_t substatus[6];
};

_Static_assert(sizeof(struct hv_input_add_logical_processor) == 16,
	       "hv_input_add_logical_processor");
_Static_assert(sizeof(struct hv_output_add_logical_processor) == 56,
	       "hv_output_add_logical_processor");

/* TLFS: HvCallNotifyLongSpinWait */
struct hv_input_notify_long_spin_wait {
	uint32_t spin_count;
	uint32_t padding;
};

_Static_assert(sizeof(struct hv_input_notify_long_spin_wait) == 8,
	       "hv_input_notify_long_spin_wait");

#endif
