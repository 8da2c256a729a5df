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
#define HV_REGISTER_PENDING_INTERRUPTION         0x00010002
#define HV_REGISTER_INTERRUPT_STATE              0x00010003
#define HV_REGISTER_PENDING_EVENT0               0x00010004
#define HV_REGISTER_DELIVERABILITY_NOTIFICATIONS 0x00010006
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
#define HV_X64_REGISTER_CR0                      0x00040000
#define HV_X64_REGISTER_CR2                      0x00040001
#define HV_X64_REGISTER_CR3                      0x00040002
#define HV_X64_REGISTER_CR4                      0x00040003
#define HV_X64_REGISTER_CR8                      0x00040004
#define HV_X64_REGISTER_XFEM                     0x00040005
#define HV_X64_REGISTER_DR0                      0x00050000
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
#define HV_X64_REGISTER_APIC_BASE                0x00080003
#define HV_X64_REGISTER_PAT                      0x00080004
#define HV_REGISTER_VP_RUNTIME                   0x00090000
#define HV_X64_REGISTER_HYPERCALL                0x00090001
#define HV_REGISTER_GUEST_OS_ID                  0x00090002
#define HV_REGISTER_VP_INDEX                     0x00090003
#define HV_REGISTER_TIME_REF_COUNT               0x00090004
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

#endif
