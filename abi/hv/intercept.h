// SPDX-License-Identifier: Apache-2.0
/*
 * Intercept messages: what a parent is told when its child's VP stops. Source: TLFS, "Intercepts";
 * the layouts are those that Linux's headers and VMMs read.
 */
#ifndef ABI_HV_INTERCEPT_H
#define ABI_HV_INTERCEPT_H

#include <stddef.h>
#include <stdint.h>

#include "abi/hv/vp.h"

#define HV_INTERCEPT_ACCESS_READ    0u
#define HV_INTERCEPT_ACCESS_WRITE   1u
#define HV_INTERCEPT_ACCESS_EXECUTE 2u

/* Bits of an access mask (HvCallInstallIntercept). */
#define HV_INTERCEPT_ACCESS_MASK_READ    1u
#define HV_INTERCEPT_ACCESS_MASK_WRITE   2u
#define HV_INTERCEPT_ACCESS_MASK_EXECUTE 4u

/* execution_state */
#define HV_EXECUTION_STATE_CPL_MASK             0x0003u
#define HV_EXECUTION_STATE_CR0_PE               0x0004u
#define HV_EXECUTION_STATE_CR0_AM               0x0008u
#define HV_EXECUTION_STATE_EFER_LMA             0x0010u
#define HV_EXECUTION_STATE_DEBUG_ACTIVE         0x0020u
#define HV_EXECUTION_STATE_INTERRUPTION_PENDING 0x0040u
#define HV_EXECUTION_STATE_INTERRUPT_SHADOW     0x1000u

struct hv_x64_intercept_message_header {
	uint32_t vp_index;
	uint8_t instruction_length_cr8; /* length 3:0, CR8 7:4 */
	uint8_t intercept_access_type;
	uint16_t execution_state;
	struct hv_x64_segment_register cs;
	uint64_t rip;
	uint64_t rflags;
};

_Static_assert(sizeof(struct hv_x64_intercept_message_header) == 0x28,
	       "hv_x64_intercept_message_header");

#define HV_CACHE_TYPE_WRITE_BACK 6u

#define HV_MEMORY_ACCESS_GVA_VALID     0x01u
#define HV_MEMORY_ACCESS_GVA_GPA_VALID 0x02u

struct hv_x64_memory_intercept_message {
	struct hv_x64_intercept_message_header header;
	uint32_t cache_type;
	uint8_t instruction_byte_count;
	uint8_t memory_access_info;
	uint8_t tpr_priority;
	uint8_t reserved1;
	uint64_t guest_virtual_address;
	uint64_t guest_physical_address;
	uint8_t instruction_bytes[16];
};

_Static_assert(sizeof(struct hv_x64_memory_intercept_message) == 0x50,
	       "hv_x64_memory_intercept_message");

#define HV_IO_ACCESS_SIZE_MASK 0x07u
#define HV_IO_ACCESS_STRING    0x08u
#define HV_IO_ACCESS_REP       0x10u

struct hv_x64_io_port_intercept_message {
	struct hv_x64_intercept_message_header header;
	uint16_t port_number;
	uint8_t access_info;
	uint8_t instruction_byte_count;
	uint32_t reserved;
	uint64_t rax;
	uint8_t instruction_bytes[16];
	struct hv_x64_segment_register ds;
	struct hv_x64_segment_register es;
	uint64_t rcx;
	uint64_t rsi;
	uint64_t rdi;
};

_Static_assert(sizeof(struct hv_x64_io_port_intercept_message) == 0x80,
	       "hv_x64_io_port_intercept_message");

struct hv_x64_msr_intercept_message {
	struct hv_x64_intercept_message_header header;
	uint32_t msr_number;
	uint32_t reserved;
	uint64_t rdx;
	uint64_t rax;
};

_Static_assert(sizeof(struct hv_x64_msr_intercept_message) == 0x40, "hv_x64_msr_intercept_message");

struct hv_x64_cpuid_intercept_message {
	struct hv_x64_intercept_message_header header;
	uint64_t rax, rcx, rdx, rbx;
	uint64_t default_result_rax, default_result_rcx, default_result_rdx, default_result_rbx;
};

_Static_assert(sizeof(struct hv_x64_cpuid_intercept_message) == 0x68,
	       "hv_x64_cpuid_intercept_message");

#define HV_EXCEPTION_ERROR_CODE_VALID 0x01u
#define HV_EXCEPTION_SOFTWARE         0x02u

struct hv_x64_exception_intercept_message {
	struct hv_x64_intercept_message_header header;
	uint16_t exception_vector;
	uint8_t exception_info;
	uint8_t instruction_byte_count;
	uint32_t error_code;
	uint64_t exception_parameter;
	uint64_t reserved;
	uint8_t instruction_bytes[16];
	struct hv_x64_segment_register ds;
	struct hv_x64_segment_register ss;
	uint64_t registers[16]; /* in the order of their register names */
};

_Static_assert(sizeof(struct hv_x64_exception_intercept_message) == 0xf0,
	       "hv_x64_exception_intercept_message");

struct hv_x64_hypercall_intercept_message {
	struct hv_x64_intercept_message_header header;
	uint64_t rax, rbx, rcx, rdx, r8, rsi, rdi;
	uint64_t xmm[6][2];
	uint32_t flags;
	uint32_t reserved[3];
};

_Static_assert(sizeof(struct hv_x64_hypercall_intercept_message) == 0xd0,
	       "hv_x64_hypercall_intercept_message");

struct hv_x64_apic_eoi_message {
	uint32_t vp_index;
	uint32_t interrupt_vector;
};

_Static_assert(sizeof(struct hv_x64_apic_eoi_message) == 8, "hv_x64_apic_eoi_message");

#define HV_PENDING_INTERRUPT_TYPE 0u
#define HV_PENDING_NMI_TYPE       2u

struct hv_x64_interruption_deliverable_message {
	struct hv_x64_intercept_message_header header;
	uint8_t deliverable_type;
	uint8_t reserved[7];
};

_Static_assert(sizeof(struct hv_x64_interruption_deliverable_message) == 0x30,
	       "hv_x64_interruption_deliverable_message");

struct hv_x64_sint_deliverable_message {
	struct hv_x64_intercept_message_header header;
	uint16_t deliverable_sints;
	uint16_t reserved[3];
};

_Static_assert(sizeof(struct hv_x64_sint_deliverable_message) == 0x30,
	       "hv_x64_sint_deliverable_message");

struct hv_x64_invalid_vp_register_message {
	uint32_t vp_index;
	uint32_t reserved;
};

_Static_assert(sizeof(struct hv_x64_invalid_vp_register_message) == 8,
	       "hv_x64_invalid_vp_register_message");

/* TLFS: HV_INTERCEPT_TYPE */
#define HV_INTERCEPT_TYPE_X64_IO_PORT              0x00u
#define HV_INTERCEPT_TYPE_X64_MSR                  0x01u
#define HV_INTERCEPT_TYPE_X64_CPUID                0x02u
#define HV_INTERCEPT_TYPE_EXCEPTION                0x03u
#define HV_INTERCEPT_TYPE_HYPERCALL                0x08u
#define HV_INTERCEPT_TYPE_UNKNOWN_SYNIC_CONNECTION 0x0du
#define HV_INTERCEPT_TYPE_X64_APIC_EOI             0x0eu
#define HV_INTERCEPT_TYPE_RETARGET_UNKNOWN_DEVICE  0x0fu

/* Input of HVCALL_INSTALL_INTERCEPT. TLFS: HvCallInstallIntercept */
struct hv_input_install_intercept {
	uint64_t partition_id;
	uint32_t access_type; /* HV_INTERCEPT_ACCESS_MASK_ bits */
	uint32_t intercept_type;
	uint64_t intercept_parameter;
};

_Static_assert(sizeof(struct hv_input_install_intercept) == 24, "hv_input_install_intercept");

/*
 * Input of HVCALL_REGISTER_INTERCEPT_RESULT for CPUID. VMMs pass 60 or 64 bytes. TLFS:
 * HvCallRegisterInterceptResult
 */
struct hv_cpuid_result_register {
	uint32_t value;
	uint32_t mask; /* which bits of the value count */
};

struct hv_input_register_intercept_result {
	uint64_t partition_id;
	uint32_t vp_index;
	uint32_t intercept_type;
	uint32_t eax, ecx; /* leaf and subleaf */
	uint8_t subleaf_specific;
	uint8_t always_override;
	uint16_t reserved;
	struct hv_cpuid_result_register result[4]; /* EAX, EBX, ECX, EDX */
	uint32_t padding;
};

_Static_assert(sizeof(struct hv_input_register_intercept_result) == 64,
	       "hv_input_register_intercept_result");
_Static_assert(offsetof(struct hv_input_register_intercept_result, result) == 28,
	       "hv_input_register_intercept_result");

#endif
