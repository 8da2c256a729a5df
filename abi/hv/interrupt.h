// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupts of devices and sets of virtual processors. Source: TLFS, "Virtual Interrupts" and the
 * types named.
 */
#ifndef ABI_HV_INTERRUPT_H
#define ABI_HV_INTERRUPT_H

#include <stddef.h>
#include <stdint.h>

/* TLFS: HV_INTERRUPT_TYPE */
#define HV_X64_INTERRUPT_TYPE_FIXED          0
#define HV_X64_INTERRUPT_TYPE_LOWESTPRIORITY 1
#define HV_X64_INTERRUPT_TYPE_SMI            2
#define HV_X64_INTERRUPT_TYPE_REMOTEREAD     3
#define HV_X64_INTERRUPT_TYPE_NMI            4
#define HV_X64_INTERRUPT_TYPE_INIT           5
#define HV_X64_INTERRUPT_TYPE_SIPI           6
#define HV_X64_INTERRUPT_TYPE_EXTINT         7
#define HV_X64_INTERRUPT_TYPE_LOCALINT0      8
#define HV_X64_INTERRUPT_TYPE_LOCALINT1      9

#define HV_INTERRUPT_TRIGGER_MODE_EDGE  0
#define HV_INTERRUPT_TRIGGER_MODE_LEVEL 1

/* Vectors a device may use. */
#define HV_INTERRUPT_VECTOR_MIN 0x10
#define HV_INTERRUPT_VECTOR_MAX 0xFF

/* A device id: the type in bits 63:62. Source: Linux's root partition code. */
#define HV_DEVICE_TYPE_SHIFT   62
#define HV_DEVICE_TYPE_LOGICAL 0
#define HV_DEVICE_TYPE_PCI     1
#define HV_DEVICE_TYPE_IOAPIC  2
#define HV_DEVICE_TYPE_ACPI    3

/*
 * TLFS: HV_INTERRUPT_ENTRY. Data of an MSI: the address in the low half, the message data in the
 * high one; of an I/O APIC pin: its redirection table entry.
 */
#define HV_INTERRUPT_SOURCE_MSI    1
#define HV_INTERRUPT_SOURCE_IOAPIC 2

struct hv_interrupt_entry {
	uint32_t source;
	uint32_t reserved;
	uint64_t data;
};

_Static_assert(sizeof(struct hv_interrupt_entry) == 16, "hv_interrupt_entry");
_Static_assert(offsetof(struct hv_interrupt_entry, data) == 8, "hv_interrupt_entry");

/* TLFS: HV_VP_SET. Which part of it is a call's variable header differs per call. */
#define HV_GENERIC_SET_SPARSE_4K UINT64_C(0)
#define HV_GENERIC_SET_ALL       UINT64_C(1)
#define HV_VCPUS_PER_SPARSE_BANK 64u
#define HV_MAX_SPARSE_VCPU_BANKS 64u

struct hv_vpset {
	uint64_t format;
	uint64_t valid_bank_mask;
	uint64_t bank_contents[]; /* one for each bit of the mask */
};

_Static_assert(sizeof(struct hv_vpset) == 16, "hv_vpset");
_Static_assert(offsetof(struct hv_vpset, bank_contents) == 16, "hv_vpset");

/* TLFS: HV_DEVICE_INTERRUPT_TARGET flags */
#define HV_DEVICE_INTERRUPT_TARGET_MULTICAST     1u
#define HV_DEVICE_INTERRUPT_TARGET_PROCESSOR_SET 2u

/*
 * Input of HVCALL_MAP_DEVICE_INTERRUPT. With PROCESSOR_SET the last word is the format of a VP set
 * whose valid_bank_mask and banks are the variable header; otherwise it is a mask of VPs 0..63.
 * Source: Linux's root partition code.
 */
struct hv_input_map_device_interrupt {
	uint64_t partition_id;
	uint64_t device_id;
	uint32_t flags;
	uint32_t base_irt_idx;
	struct hv_interrupt_entry logical_interrupt_entry;
	uint32_t interrupt_type;
	uint32_t trigger_mode;
	uint32_t vector_count;
	uint32_t reserved;
	uint32_t target_vector;
	uint32_t target_flags;
	uint64_t target; /* VP mask, or hv_vpset.format */
};

struct hv_output_map_device_interrupt {
	struct hv_interrupt_entry interrupt_entry;
	uint64_t ext_status_deprecated[5];
};

_Static_assert(sizeof(struct hv_input_map_device_interrupt) == 72, "hv_input_map_device_interrupt");
_Static_assert(offsetof(struct hv_input_map_device_interrupt, logical_interrupt_entry) == 24,
	       "hv_input_map_device_interrupt");
_Static_assert(offsetof(struct hv_input_map_device_interrupt, interrupt_type) == 40,
	       "hv_input_map_device_interrupt");
_Static_assert(offsetof(struct hv_input_map_device_interrupt, target_vector) == 56,
	       "hv_input_map_device_interrupt");
_Static_assert(offsetof(struct hv_input_map_device_interrupt, target) == 64,
	       "hv_input_map_device_interrupt");
_Static_assert(sizeof(struct hv_output_map_device_interrupt) == 56,
	       "hv_output_map_device_interrupt");

/* Input of HVCALL_UNMAP_DEVICE_INTERRUPT. Source: Linux's root partition code. */
struct hv_input_unmap_device_interrupt {
	uint64_t partition_id;
	uint64_t device_id;
	struct hv_interrupt_entry interrupt_entry;
	uint32_t flags;
	uint32_t padding;
};

_Static_assert(sizeof(struct hv_input_unmap_device_interrupt) == 40,
	       "hv_input_unmap_device_interrupt");
_Static_assert(offsetof(struct hv_input_unmap_device_interrupt, interrupt_entry) == 16,
	       "hv_input_unmap_device_interrupt");

/* Input of HVCALL_SEND_IPI; the mask is of VPs 0..63. TLFS: HvCallSendSyntheticClusterIpi. */
struct hv_input_send_ipi {
	uint32_t vector;
	uint8_t target_vtl;
	uint8_t reserved[3];
	uint64_t vp_mask;
};

_Static_assert(sizeof(struct hv_input_send_ipi) == 16, "hv_input_send_ipi");
_Static_assert(offsetof(struct hv_input_send_ipi, vp_mask) == 8, "hv_input_send_ipi");

/*
 * Input of HVCALL_SEND_IPI_EX. Of the set only the banks are the variable header. TLFS:
 * HvCallSendSyntheticClusterIpiEx.
 */
struct hv_input_send_ipi_ex {
	uint32_t vector;
	uint8_t target_vtl;
	uint8_t reserved[3];
	uint64_t format;
	uint64_t valid_bank_mask;
};

_Static_assert(sizeof(struct hv_input_send_ipi_ex) == 24, "hv_input_send_ipi_ex");
_Static_assert(offsetof(struct hv_input_send_ipi_ex, format) == 8, "hv_input_send_ipi_ex");

/* Input of HVCALL_ASSERT_VIRTUAL_INTERRUPT. Source: Linux's mshv driver. */
#define HV_INTERRUPT_CONTROL_LEVEL   1u
#define HV_INTERRUPT_CONTROL_LOGICAL 2u

struct hv_input_assert_virtual_interrupt {
	uint64_t partition_id;
	uint32_t interrupt_type; /* HV_X64_INTERRUPT_TYPE_ */
	uint32_t control;
	uint64_t destination; /* an APIC id, or a logical one */
	uint32_t requested_vector;
	uint8_t target_vtl;
	uint8_t reserved[3];
};

_Static_assert(sizeof(struct hv_input_assert_virtual_interrupt) == 32,
	       "hv_input_assert_virtual_interrupt");
_Static_assert(offsetof(struct hv_input_assert_virtual_interrupt, destination) == 16,
	       "hv_input_assert_virtual_interrupt");

struct hv_input_clear_virtual_interrupt {
	uint64_t partition_id;
};

/* TLFS: HvCallFlushVirtualAddressSpace and -List. */
#define HV_FLUSH_ALL_PROCESSORS             UINT64_C(0x1)
#define HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES UINT64_C(0x2)
#define HV_FLUSH_NON_GLOBAL_MAPPINGS_ONLY   UINT64_C(0x4)
#define HV_FLUSH_USE_EXTENDED_RANGE_FORMAT  UINT64_C(0x8)

struct hv_input_flush {
	uint64_t address_space; /* CR3 */
	uint64_t flags;
	uint64_t processor_mask; /* VPs 0..63 */
};

_Static_assert(sizeof(struct hv_input_flush) == 24, "hv_input_flush");

/* ... -Ex. Of the set only the banks are the variable header. */
struct hv_input_flush_ex {
	uint64_t address_space;
	uint64_t flags;
	uint64_t format;
	uint64_t valid_bank_mask;
};

_Static_assert(sizeof(struct hv_input_flush_ex) == 32, "hv_input_flush_ex");

#endif
