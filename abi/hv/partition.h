// SPDX-License-Identifier: Apache-2.0
/*
 * Partitions: privileges, creation, properties. Source: TLFS, "Partition Properties" and the calls
 * named.
 */
#ifndef ABI_HV_PARTITION_H
#define ABI_HV_PARTITION_H

#include <stddef.h>
#include <stdint.h>

#include "abi/hv/cpuid.h"
#include "abi/hv/hypercall.h"

/*
 * A bit of HV_PARTITION_PRIVILEGE_MASK from a bit of leaf 0x40000003: EAX is the low half, EBX the
 * high one. TLFS: HV_PARTITION_PRIVILEGE_MASK
 */
#define HV_PRIVILEGE_EAX(bit) ((uint64_t)(bit))
#define HV_PRIVILEGE_EBX(bit) ((uint64_t)(bit) << 32)

/*
 * Property codes. TLFS: HV_PARTITION_PROPERTY_CODE; those marked (L) are known from Linux and its
 * VMMs.
 */
#define HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS                    0x00010000
#define HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES            0x00010001
#define HV_PARTITION_PROPERTY_SUSPEND                            0x00020000
#define HV_PARTITION_PROPERTY_INTEGRATED_SCHEDULER_ENABLED       0x00020005 /* (L) */
#define HV_PARTITION_PROPERTY_TIME_FREEZE                        0x00030003
#define HV_PARTITION_PROPERTY_REFERENCE_TIME                     0x00030005
#define HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET              0x00050003
#define HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING           0x00050005
#define HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION           0x00050017
#define HV_PARTITION_PROPERTY_PROCESSOR_VENDOR                   0x00060000
#define HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES           0x00060002
#define HV_PARTITION_PROPERTY_COMPATIBILITY_VERSION              0x00060005
#define HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH             0x00060006
#define HV_PARTITION_PROPERTY_XSAVE_STATES                       0x00060007
#define HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE                0x00060008
#define HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY          0x00060009
#define HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0                0x0006000A
#define HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1                0x0006000B
#define HV_PARTITION_PROPERTY_GUEST_OS_ID                        0x00070000
#define HV_PARTITION_PROPERTY_VMM_CAPABILITIES                   0x00090007
#define HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES 0x00090009 /* (L) */
/* Values of HV_PARTITION_PROPERTY_PROCESSOR_VENDOR. TLFS: HV_PROCESSOR_VENDOR */
#define HV_PROCESSOR_VENDOR_AMD                                  0
#define HV_PROCESSOR_VENDOR_INTEL                                1
#define HV_PROCESSOR_VENDOR_HYGON                                2
/* Values of HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION. Known from Linux's VMMs. */
#define HV_UNIMPLEMENTED_MSR_FAULT                               0
#define HV_UNIMPLEMENTED_MSR_IGNORE                              1 /* reads 0, writes nothing */
/* Where the codes of a hypervisor's own begin: abi/hv/bulkhead.h. */
#define HV_PARTITION_PROPERTY_VENDOR_FIRST                       0x80000000

/* Bits of HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES. Known from Linux and its VMMs. */
#define HV_SYNTHETIC_HYPERVISOR_PRESENT                 (UINT64_C(1) << 0)
#define HV_SYNTHETIC_HV1                                (UINT64_C(1) << 1)
#define HV_SYNTHETIC_ACCESS_VP_RUN_TIME_REG             (UINT64_C(1) << 2)
#define HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_COUNTER (UINT64_C(1) << 3)
#define HV_SYNTHETIC_ACCESS_SYNIC_REGS                  (UINT64_C(1) << 4)
#define HV_SYNTHETIC_ACCESS_SYNTHETIC_TIMER_REGS        (UINT64_C(1) << 5)
#define HV_SYNTHETIC_ACCESS_INTR_CTRL_REGS              (UINT64_C(1) << 6)
#define HV_SYNTHETIC_ACCESS_HYPERCALL_REGS              (UINT64_C(1) << 7)
#define HV_SYNTHETIC_ACCESS_VP_INDEX                    (UINT64_C(1) << 8)
#define HV_SYNTHETIC_ACCESS_PARTITION_REFERENCE_TSC     (UINT64_C(1) << 9)
#define HV_SYNTHETIC_ACCESS_GUEST_IDLE_REG              (UINT64_C(1) << 10)
#define HV_SYNTHETIC_ACCESS_FREQUENCY_REGS              (UINT64_C(1) << 11)
#define HV_SYNTHETIC_EXTENDED_GVA_RANGES                (UINT64_C(1) << 15)
#define HV_SYNTHETIC_FAST_HYPERCALL_OUTPUT              (UINT64_C(1) << 18)
#define HV_SYNTHETIC_START_VIRTUAL_PROCESSOR            (UINT64_C(1) << 20)
#define HV_SYNTHETIC_DIRECT_SYNTHETIC_TIMERS            (UINT64_C(1) << 22)
#define HV_SYNTHETIC_EXTENDED_PROCESSOR_MASKS           (UINT64_C(1) << 24)
#define HV_SYNTHETIC_TB_FLUSH_HYPERCALLS                (UINT64_C(1) << 25)
#define HV_SYNTHETIC_SYNTHETIC_CLUSTER_IPI              (UINT64_C(1) << 26)
#define HV_SYNTHETIC_NOTIFY_LONG_SPIN_WAIT              (UINT64_C(1) << 27)
#define HV_SYNTHETIC_QUERY_NUMA_DISTANCE                (UINT64_C(1) << 28)
#define HV_SYNTHETIC_SIGNAL_EVENTS                      (UINT64_C(1) << 29)
#define HV_SYNTHETIC_RETARGET_DEVICE_INTERRUPT          (UINT64_C(1) << 30)

/* TLFS: HV_PARTITION_PROCESSOR_XSAVE_FEATURES. Without the first there are none of the others. */
#define HV_XSAVE_FEATURE_XSAVE (UINT64_C(1) << 0)

/* TLFS: HV_PROXIMITY_DOMAIN_INFO */
struct hv_proximity_domain_info {
	uint32_t domain_id;
	uint32_t flags; /* bit 0 preferred, bit 31 valid */
};

_Static_assert(sizeof(struct hv_proximity_domain_info) == 8, "hv_proximity_domain_info");

/* TLFS: HvCallGetPartitionId */
struct hv_output_get_partition_id {
	uint64_t partition_id;
};

_Static_assert(sizeof(struct hv_output_get_partition_id) == 8, "hv_output_get_partition_id");

/* TLFS: HvCallGetPartitionProperty */
struct hv_input_get_partition_property {
	uint64_t partition_id;
	uint32_t property_code;
	uint32_t padding;
};

struct hv_output_get_partition_property {
	uint64_t property_value;
};

_Static_assert(sizeof(struct hv_input_get_partition_property) == 16,
	       "hv_input_get_partition_property");
_Static_assert(offsetof(struct hv_input_get_partition_property, property_code) == 8,
	       "hv_input_get_partition_property");
_Static_assert(sizeof(struct hv_output_get_partition_property) == 8,
	       "hv_output_get_partition_property");

/* TLFS: HvCallSetPartitionProperty */
struct hv_input_set_partition_property {
	uint64_t partition_id;
	uint32_t property_code;
	uint32_t padding;
	uint64_t property_value;
};

_Static_assert(sizeof(struct hv_input_set_partition_property) == 24,
	       "hv_input_set_partition_property");
_Static_assert(offsetof(struct hv_input_set_partition_property, property_value) == 16,
	       "hv_input_set_partition_property");

/*
 * Input of HVCALL_GET_PARTITION_PROPERTY_EX; the output is the value alone. Source: Linux's mshv
 * driver.
 */
struct hv_input_get_partition_property_ex {
	uint64_t partition_id;
	uint32_t property_code;
	uint32_t padding;
	uint64_t arg;
};

_Static_assert(sizeof(struct hv_input_get_partition_property_ex) == 24,
	       "hv_input_get_partition_property_ex");
_Static_assert(offsetof(struct hv_input_get_partition_property_ex, arg) == 16,
	       "hv_input_get_partition_property_ex");

/* Bits of hv_partition_property_vmm_capabilities. Source: Linux's mshv driver. */
#define HV_VMM_CAPABILITY_MAP_GPA_PRESERVE_ADJUSTABLE        (UINT64_C(1) << 0)
#define HV_VMM_CAPABILITY_VMM_CAN_PROVIDE_OVERLAY_GPFN       (UINT64_C(1) << 1)
#define HV_VMM_CAPABILITY_VP_AFFINITY_PROPERTY               (UINT64_C(1) << 2)
#define HV_VMM_CAPABILITY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES (UINT64_C(1) << 4)
#define HV_VMM_CAPABILITY_VMM_ENABLE_INTEGRATED_SCHEDULER    (UINT64_C(1) << 6)

/*
 * The value of a property made of 64-bit banks: VMM_CAPABILITIES and
 * ASSIGNABLE_SYNTHETIC_PROC_FEATURES.
 */
struct hv_partition_property_banked {
	uint16_t bank_count;
	uint16_t reserved[3];
	uint64_t bank[1];
};

_Static_assert(sizeof(struct hv_partition_property_banked) == 16, "hv_partition_property_banked");
_Static_assert(offsetof(struct hv_partition_property_banked, bank) == 8,
	       "hv_partition_property_banked");

/* Creation flags. TLFS: HV_PARTITION_CREATION_FLAGS; EXO and the ones above 19 known from Linux. */
#define HV_PARTITION_CREATION_FLAG_SMT_ENABLED_GUEST              (UINT64_C(1) << 0)
#define HV_PARTITION_CREATION_FLAG_NESTED_VIRTUALIZATION_CAPABLE  (UINT64_C(1) << 1)
#define HV_PARTITION_CREATION_FLAG_GPA_LARGE_PAGES_DISABLED       (UINT64_C(1) << 3)
#define HV_PARTITION_CREATION_FLAG_GPA_SUPER_PAGES_ENABLED        (UINT64_C(1) << 4)
#define HV_PARTITION_CREATION_FLAG_EXO_PARTITION                  (UINT64_C(1) << 8)
#define HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED                  (UINT64_C(1) << 13)
#define HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED (UINT64_C(1) << 19)
#define HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE                 (UINT64_C(1) << 22)

/* TLFS: HvCallCreatePartition */
struct hv_input_create_partition {
	uint64_t flags;
	struct hv_proximity_domain_info proximity_domain_info;
	uint32_t compatibility_version;
	uint32_t padding;
	uint64_t disabled_processor_features[2];
	uint64_t disabled_processor_xsave_features;
	uint64_t isolation_properties;
};

struct hv_output_create_partition {
	uint64_t partition_id;
};

_Static_assert(sizeof(struct hv_input_create_partition) == 56, "hv_input_create_partition");
_Static_assert(offsetof(struct hv_input_create_partition, compatibility_version) == 16,
	       "hv_input_create_partition");
_Static_assert(offsetof(struct hv_input_create_partition, disabled_processor_features) == 24,
	       "hv_input_create_partition");
_Static_assert(offsetof(struct hv_input_create_partition, isolation_properties) == 48,
	       "hv_input_create_partition");

/* Input of INITIALIZE, FINALIZE and DELETE. TLFS: HvCallInitializePartition */
struct hv_input_partition_id {
	uint64_t partition_id;
};

_Static_assert(sizeof(struct hv_input_partition_id) == 8, "hv_input_partition_id");

/* TLFS: HvCallGetNextChildPartition */
struct hv_input_get_next_child_partition {
	uint64_t parent_id;
	uint64_t previous_child_id; /* 0: the first one is asked for */
};

struct hv_output_get_next_child_partition {
	uint64_t next_child_id; /* 0: there is no other */
};

_Static_assert(sizeof(struct hv_input_get_next_child_partition) == 16,
	       "hv_input_get_next_child_partition");
_Static_assert(sizeof(struct hv_output_get_next_child_partition) == 8,
	       "hv_output_get_next_child_partition");

#endif
