// SPDX-License-Identifier: Apache-2.0
/*
 * Virtual processors: creation, register names, state pages. Source: TLFS, "Virtual Processors" and
 * the types named.
 */
#ifndef ABI_HV_VP_H
#define ABI_HV_VP_H

#include <stddef.h>
#include <stdint.h>

#include "abi/hv/partition.h"

/*
 * TLFS: HvCallCreateVp. Linux leaves bytes 12..14 and 16..23 as they were in its page and, as root,
 * passes the index of the logical processor in `flags`.
 */
struct hv_input_create_vp {
	uint64_t partition_id;
	uint32_t vp_index;
	uint8_t padding[3];
	uint8_t subnode_type;
	uint64_t subnode_id;
	struct hv_proximity_domain_info proximity_domain_info;
	uint64_t flags;
};

_Static_assert(sizeof(struct hv_input_create_vp) == 40, "hv_input_create_vp");
_Static_assert(offsetof(struct hv_input_create_vp, vp_index) == 8, "hv_input_create_vp");
_Static_assert(offsetof(struct hv_input_create_vp, flags) == 32, "hv_input_create_vp");

/* Register names. TLFS: HV_REGISTER_NAME */
#define HV_REGISTER_EXPLICIT_SUSPEND             0x00000000
#define HV_REGISTER_INTERCEPT_SUSPEND            0x00000001
#define HV_REGISTER_DISPATCH_SUSPEND             0x00000003
#define HV_REGISTER_INTERNAL_ACTIVITY_STATE      0x00000004
#define HV_REGISTER_GUEST_CRASH_P0               0x00000210
#define HV_REGISTER_GUEST_CRASH_P4               0x00000214
#define HV_REGISTER_GUEST_CRASH_CTL              0x00000215
#define HV_REGISTER_PENDING_INTERRUPTION         0x00010002
#define HV_REGISTER_INTERRUPT_STATE              0x00010003
#define HV_REGISTER_PENDING_EVENT0               0x00010004
#define HV_REGISTER_PENDING_EVENT1               0x00010005
#define HV_REGISTER_DELIVERABILITY_NOTIFICATIONS 0x00010006
#define HV_X64_REGISTER_PENDING_DEBUG_EXCEPTION  0x00010007
#define HV_X64_REGISTER_RAX                      0x00020000
#define HV_X64_REGISTER_RCX                      0x00020001
#define HV_X64_REGISTER_RDX                      0x00020002
#define HV_X64_REGISTER_RBX                      0x00020003
#define HV_X64_REGISTER_RSP                      0x00020004
#define HV_X64_REGISTER_RBP                      0x00020005
#define HV_X64_REGISTER_RSI                      0x00020006
#define HV_X64_REGISTER_RDI                      0x00020007
#define HV_X64_REGISTER_R8                       0x00020008
#define HV_X64_REGISTER_R15                      0x0002000F
#define HV_X64_REGISTER_RIP                      0x00020010
#define HV_X64_REGISTER_RFLAGS                   0x00020011
#define HV_X64_REGISTER_XMM0                     0x00030000
#define HV_X64_REGISTER_XMM15                    0x0003000F
#define HV_X64_REGISTER_FP_MMX0                  0x00030010
#define HV_X64_REGISTER_FP_MMX7                  0x00030017
#define HV_X64_REGISTER_FP_CONTROL_STATUS        0x00030018
#define HV_X64_REGISTER_XMM_CONTROL_STATUS       0x00030019
#define HV_X64_REGISTER_CR0                      0x00040000
#define HV_X64_REGISTER_CR2                      0x00040001
#define HV_X64_REGISTER_CR3                      0x00040002
#define HV_X64_REGISTER_CR4                      0x00040003
#define HV_X64_REGISTER_CR8                      0x00040004
#define HV_X64_REGISTER_XFEM                     0x00040005
#define HV_X64_REGISTER_DR0                      0x00050000
#define HV_X64_REGISTER_DR3                      0x00050003
#define HV_X64_REGISTER_DR6                      0x00050004
#define HV_X64_REGISTER_DR7                      0x00050005
#define HV_X64_REGISTER_ES                       0x00060000
#define HV_X64_REGISTER_CS                       0x00060001
#define HV_X64_REGISTER_SS                       0x00060002
#define HV_X64_REGISTER_DS                       0x00060003
#define HV_X64_REGISTER_FS                       0x00060004
#define HV_X64_REGISTER_GS                       0x00060005
#define HV_X64_REGISTER_LDTR                     0x00060006
#define HV_X64_REGISTER_TR                       0x00060007
#define HV_X64_REGISTER_IDTR                     0x00070000
#define HV_X64_REGISTER_GDTR                     0x00070001
#define HV_X64_REGISTER_TSC                      0x00080000
#define HV_X64_REGISTER_EFER                     0x00080001
#define HV_X64_REGISTER_KERNEL_GS_BASE           0x00080002
#define HV_X64_REGISTER_APIC_BASE                0x00080003
#define HV_X64_REGISTER_PAT                      0x00080004
#define HV_X64_REGISTER_SYSENTER_CS              0x00080005
#define HV_X64_REGISTER_SYSENTER_EIP             0x00080006
#define HV_X64_REGISTER_SYSENTER_ESP             0x00080007
#define HV_X64_REGISTER_STAR                     0x00080008
#define HV_X64_REGISTER_LSTAR                    0x00080009
#define HV_X64_REGISTER_CSTAR                    0x0008000A
#define HV_X64_REGISTER_SFMASK                   0x0008000B
#define HV_X64_REGISTER_INITIAL_APIC_ID          0x0008000C
#define HV_X64_REGISTER_MTRR_CAP                 0x0008000D
#define HV_X64_REGISTER_MTRR_DEF_TYPE            0x0008000E
#define HV_X64_REGISTER_MTRR_PHYS_BASE0          0x00080010
#define HV_X64_REGISTER_MTRR_PHYS_MASK0          0x00080040
#define HV_X64_REGISTER_MTRR_FIX64K00000         0x00080070
#define HV_X64_REGISTER_MTRR_FIX4KF8000          0x0008007A
#define HV_X64_REGISTER_TSC_AUX                  0x0008007B
#define HV_X64_REGISTER_DEBUG_CTL                0x0008007D
#define HV_X64_REGISTER_SPEC_CTRL                0x00080084
#define HV_X64_REGISTER_PRED_CMD                 0x00080085
#define HV_X64_REGISTER_VIRT_SPEC_CTRL           0x00080086
#define HV_X64_REGISTER_XSS                      0x0008008B
#define HV_X64_REGISTER_TSC_ADJUST               0x00080096
#define HV_X64_REGISTER_MISC_ENABLE              0x000800A0
#define HV_X64_REGISTER_APIC_ID                  0x00084802
#define HV_REGISTER_VP_RUNTIME                   0x00090000
#define HV_X64_REGISTER_HYPERCALL                0x00090001
#define HV_REGISTER_GUEST_OS_ID                  0x00090002
#define HV_REGISTER_VP_INDEX                     0x00090003
#define HV_REGISTER_TIME_REF_COUNT               0x00090004
#define HV_REGISTER_EOI                          0x00090010
#define HV_REGISTER_ICR                          0x00090011
#define HV_REGISTER_TPR                          0x00090012
#define HV_REGISTER_VP_ASSIST_PAGE               0x00090013
#define HV_REGISTER_VP_ROOT_SIGNAL_COUNT         0x00090014
#define HV_REGISTER_REFERENCE_TSC                0x00090017
#define HV_REGISTER_SINT0                        0x000A0000
#define HV_REGISTER_SCONTROL                     0x000A0010
#define HV_REGISTER_SVERSION                     0x000A0011
#define HV_REGISTER_SIEFP                        0x000A0012
#define HV_REGISTER_SIMP                         0x000A0013
#define HV_REGISTER_EOM                          0x000A0014
#define HV_REGISTER_SIRBP                        0x000A0015
#define HV_REGISTER_STIMER0_CONFIG               0x000B0000
#define HV_REGISTER_STIMER0_COUNT                0x000B0001
#define HV_REGISTER_STIMER3_COUNT                0x000B0007

/* A segment register as the interface carries it. TLFS: HV_X64_SEGMENT_REGISTER */
struct hv_x64_segment_register {
	uint64_t base;
	uint32_t limit;
	uint16_t selector;
	uint16_t attributes; /* type 3:0, S 4, DPL 6:5, P 7, AVL 12, L 13, D/B 14, G 15 */
};

_Static_assert(sizeof(struct hv_x64_segment_register) == 16, "hv_x64_segment_register");
_Static_assert(offsetof(struct hv_x64_segment_register, selector) == 12, "hv_x64_segment_register");

/* TLFS: HvCallMapVpStatePage */
#define HV_VP_STATE_PAGE_REGISTERS         0
#define HV_VP_STATE_PAGE_INTERCEPT_MESSAGE 1

#define HV_MAP_VP_STATE_PAGE_LOCATION_PROVIDED 0x01

struct hv_input_map_vp_state_page {
	uint64_t partition_id;
	uint32_t vp_index;
	uint16_t type;
	uint8_t input_vtl;
	uint8_t flags;
	uint64_t requested_map_location; /* page number */
};

struct hv_output_map_vp_state_page {
	uint64_t map_location; /* page number */
};

_Static_assert(sizeof(struct hv_input_map_vp_state_page) == 24, "hv_input_map_vp_state_page");
_Static_assert(offsetof(struct hv_input_map_vp_state_page, type) == 12,
	       "hv_input_map_vp_state_page");
_Static_assert(offsetof(struct hv_input_map_vp_state_page, requested_map_location) == 16,
	       "hv_input_map_vp_state_page");

struct hv_input_unmap_vp_state_page {
	uint64_t partition_id;
	uint32_t vp_index;
	uint16_t type;
	uint8_t input_vtl;
	uint8_t reserved;
};

_Static_assert(sizeof(struct hv_input_unmap_vp_state_page) == 16, "hv_input_unmap_vp_state_page");

/* The register page of a VP. Source: layout read by Linux's mshv driver and its VMMs. */
#define HV_VP_REGISTER_PAGE_VERSION_1 1

#define HV_X64_REGISTER_CLASS_GENERAL 0 /* bits of `dirty` */
#define HV_X64_REGISTER_CLASS_IP      1
#define HV_X64_REGISTER_CLASS_XMM     2
#define HV_X64_REGISTER_CLASS_SEGMENT 3
#define HV_X64_REGISTER_CLASS_FLAGS   4

struct hv_vp_register_page {
	uint16_t version;
	uint8_t isvalid;
	uint8_t rsvdz;
	uint32_t dirty;
	uint64_t gp_registers[16]; /* in the order of their register names */
	uint64_t rip;
	uint64_t rflags;
	uint64_t reserved;
	uint64_t xmm_registers[6][2];
	struct hv_x64_segment_register segment_registers[6]; /* ES CS SS DS FS GS */
	uint64_t cr0;
	uint64_t cr3;
	uint64_t cr4;
	uint64_t cr8;
	uint64_t efer;
	uint64_t dr7;
	uint64_t pending_interruption;
	uint64_t interrupt_state;
	uint64_t instruction_emulation_hints;
	uint64_t xfem;
	uint8_t reserved1[0x100];
	uint8_t interrupt_vector_count;
	uint8_t interrupt_vectors[7];
};

_Static_assert(offsetof(struct hv_vp_register_page, gp_registers) == 0x008, "hv_vp_register_page");
_Static_assert(offsetof(struct hv_vp_register_page, rip) == 0x088, "hv_vp_register_page");
_Static_assert(offsetof(struct hv_vp_register_page, xmm_registers) == 0x0A0, "hv_vp_register_page");
_Static_assert(offsetof(struct hv_vp_register_page, segment_registers) == 0x100,
	       "hv_vp_register_page");
_Static_assert(offsetof(struct hv_vp_register_page, cr0) == 0x160, "hv_vp_register_page");
_Static_assert(offsetof(struct hv_vp_register_page, pending_interruption) == 0x190,
	       "hv_vp_register_page");
_Static_assert(offsetof(struct hv_vp_register_page, xfem) == 0x1A8, "hv_vp_register_page");
_Static_assert(offsetof(struct hv_vp_register_page, interrupt_vector_count) == 0x2B0,
	       "hv_vp_register_page");
_Static_assert(sizeof(struct hv_vp_register_page) == 0x2B8, "hv_vp_register_page");

/* Registers of a VP by name, sixteen bytes each. TLFS: HvCallGetVpRegisters, HvCallSetVpRegisters
 */
union hv_register_value {
	uint64_t reg64;
	uint64_t reg128[2];
	struct hv_x64_segment_register segment;
	struct {
		uint16_t pad[3];
		uint16_t limit;
		uint64_t base;
	} table;
	struct {
		uint16_t fp_control;
		uint16_t fp_status;
		uint8_t fp_tag;
		uint8_t reserved;
		uint16_t last_fp_op;
		uint64_t last_fp_rip;
	} fp_control_status;
	struct {
		uint64_t last_fp_rdp;
		uint32_t xmm_status_control;
		uint32_t xmm_status_control_mask;
	} xmm_control_status;
};

_Static_assert(sizeof(union hv_register_value) == 16, "hv_register_value");

/* The target VTL is the only one, whichever way it is said. */
struct hv_input_vp_registers {
	uint64_t partition_id;
	uint32_t vp_index;
	uint8_t input_vtl;
	uint8_t reserved[3];
};

_Static_assert(sizeof(struct hv_input_vp_registers) == 16, "hv_input_vp_registers");

struct hv_register_assoc {
	uint32_t name;
	uint32_t reserved[3];
	union hv_register_value value;
};

_Static_assert(sizeof(struct hv_register_assoc) == 32, "hv_register_assoc");

/* The VP that makes the call. */
#define HV_VP_INDEX_SELF UINT32_C(0xFFFFFFFE)
#define HV_ANY_VP        UINT32_C(0xFFFFFFFF)

/* HV_REGISTER_EXPLICIT_SUSPEND, _INTERCEPT_SUSPEND, _DISPATCH_SUSPEND: bit 0.
 * HV_REGISTER_INTERNAL_ACTIVITY_STATE: */
#define HV_ACTIVITY_STARTUP_SUSPEND UINT64_C(0x1)
#define HV_ACTIVITY_HALT_SUSPEND    UINT64_C(0x2)
#define HV_ACTIVITY_IDLE_SUSPEND    UINT64_C(0x4)

/* HV_REGISTER_PENDING_INTERRUPTION */
#define HV_PENDING_INTERRUPTION_VALID      UINT64_C(0x1)
#define HV_PENDING_INTERRUPTION_TYPE_SHIFT 1
#define HV_PENDING_INTERRUPTION_ERROR      UINT64_C(0x10)

/* HV_REGISTER_INTERRUPT_STATE */
#define HV_INTERRUPT_STATE_SHADOW     UINT64_C(0x1)
#define HV_INTERRUPT_STATE_NMI_MASKED UINT64_C(0x2)

/* HV_REGISTER_PENDING_EVENT0, the form of an exception: bits 31:16 the vector, 63:32 the error
 * code, 127:64 a parameter (CR2). */
#define HV_PENDING_EVENT_VALID      UINT64_C(0x1)
#define HV_PENDING_EVENT_TYPE_SHIFT 1
#define HV_PENDING_EVENT_EXCEPTION  0u
#define HV_PENDING_EVENT_ERROR      UINT64_C(0x100)

/* HV_REGISTER_DELIVERABILITY_NOTIFICATIONS; bits 63:48 are SINTs. */
#define HV_DELIVERABILITY_NMI         UINT64_C(0x1)
#define HV_DELIVERABILITY_INTERRUPT   UINT64_C(0x2)
#define HV_DELIVERABILITY_SINTS_SHIFT 48

struct hv_input_delete_vp {
	uint64_t partition_id;
	uint32_t vp_index;
	uint32_t reserved;
};

_Static_assert(sizeof(struct hv_input_delete_vp) == 16, "hv_input_delete_vp");

#endif
