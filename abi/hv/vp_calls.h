// SPDX-License-Identifier: Apache-2.0
/*
 * Calls about a VP that are neither its registers nor its state. Source: TLFS, the calls named; the
 * element of HVCALL_GET_VP_CPUID_VALUES is the one that VMMs pass, which the TLFS draws shorter.
 */
#ifndef ABI_HV_VP_CALLS_H
#define ABI_HV_VP_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "abi/hv/vp.h"

/* TLFS: HV_TRANSLATE_GVA_CONTROL_FLAGS */
#define HV_TRANSLATE_GVA_VALIDATE_READ     UINT64_C(0x001)
#define HV_TRANSLATE_GVA_VALIDATE_WRITE    UINT64_C(0x002)
#define HV_TRANSLATE_GVA_VALIDATE_EXECUTE  UINT64_C(0x004)
#define HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT  UINT64_C(0x008)
#define HV_TRANSLATE_GVA_SET_TABLE_BITS    UINT64_C(0x010)
#define HV_TRANSLATE_GVA_TLB_FLUSH_INHIBIT UINT64_C(0x020)
#define HV_TRANSLATE_GVA_SUPERVISOR_ACCESS UINT64_C(0x040)
#define HV_TRANSLATE_GVA_USER_ACCESS       UINT64_C(0x080)
#define HV_TRANSLATE_GVA_ENFORCE_SMAP      UINT64_C(0x100)
#define HV_TRANSLATE_GVA_OVERRIDE_SMAP     UINT64_C(0x200)

/* HV_TRANSLATE_GVA_RESULT_CODE */
enum hv_translate_gva_result {
	HV_TRANSLATE_GVA_SUCCESS = 0,
	HV_TRANSLATE_GVA_PAGE_NOT_PRESENT = 1,
	HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION = 2,
	HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS = 3,
	HV_TRANSLATE_GVA_GPA_UNMAPPED = 4,
	HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS = 5,
	HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS = 6,
	HV_TRANSLATE_GVA_GPA_ILLEGAL_OVERLAY_ACCESS = 7,
};

/* TLFS: HvCallTranslateVirtualAddress */
struct hv_input_translate_virtual_address {
	uint64_t partition_id;
	uint32_t vp_index;
	uint32_t reserved;
	uint64_t control_flags;
	uint64_t gva_page; /* the address / 4096 */
};

struct hv_output_translate_virtual_address {
	uint32_t result_code;
	uint8_t cache_type;
	uint8_t overlay_page; /* bit 0 */
	uint16_t reserved;
	uint64_t gpa_page;
};

_Static_assert(sizeof(struct hv_input_translate_virtual_address) == 32,
	       "hv_input_translate_virtual_address");
_Static_assert(sizeof(struct hv_output_translate_virtual_address) == 16,
	       "hv_output_translate_virtual_address");
_Static_assert(offsetof(struct hv_output_translate_virtual_address, gpa_page) == 8,
	       "hv_output_translate_virtual_address");

/* HvCallGetVpCpuidValues */
#define HV_GET_VP_CPUID_VALUES_USE_XFEM   UINT32_C(0x1) /* the element's, not the VP's */
#define HV_GET_VP_CPUID_VALUES_REGISTERED UINT32_C(0x2) /* with the results that the parent set */

struct hv_input_get_vp_cpuid_values {
	uint64_t partition_id;
	uint32_t vp_index;
	uint32_t flags;
	uint32_t reserved[2];
};

struct hv_cpuid_leaf_info {
	uint32_t eax;
	uint32_t ecx;
	uint64_t xfem;
	uint64_t xss;
};

struct hv_cpuid_values {
	uint32_t eax, ebx, ecx, edx;
};

_Static_assert(sizeof(struct hv_input_get_vp_cpuid_values) == 24, "hv_input_get_vp_cpuid_values");
_Static_assert(sizeof(struct hv_cpuid_leaf_info) == 24, "hv_cpuid_leaf_info");
_Static_assert(sizeof(struct hv_cpuid_values) == 16, "hv_cpuid_values");

/* TLFS: HV_X64_TABLE_REGISTER */
struct hv_x64_table_register {
	uint16_t pad[3];
	uint16_t limit;
	uint64_t base;
};

/* TLFS: HV_INITIAL_VP_CONTEXT */
struct hv_initial_vp_context {
	uint64_t rip, rsp, rflags;
	struct hv_x64_segment_register cs, ds, es, fs, gs, ss, tr, ldtr;
	struct hv_x64_table_register idtr, gdtr;
	uint64_t efer, cr0, cr3, cr4, pat;
};

_Static_assert(sizeof(struct hv_initial_vp_context) == 224, "hv_initial_vp_context");

/* TLFS: HvCallStartVirtualProcessor */
struct hv_input_start_vp {
	uint64_t partition_id;
	uint32_t vp_index;
	uint8_t target_vtl;
	uint8_t reserved[3];
	struct hv_initial_vp_context context;
};

_Static_assert(sizeof(struct hv_input_start_vp) == 240, "hv_input_start_vp");
_Static_assert(offsetof(struct hv_input_start_vp, context) == 16, "hv_input_start_vp");

/* TLFS: HvCallGetVpIndexFromApicId */
struct hv_input_get_vp_index_from_apic_id {
	uint64_t partition_id;
	uint8_t target_vtl;
	uint8_t reserved[7];
};

_Static_assert(sizeof(struct hv_input_get_vp_index_from_apic_id) == 16,
	       "hv_input_get_vp_index_from_apic_id");

#endif
