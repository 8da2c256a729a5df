// SPDX-License-Identifier: Apache-2.0
/* Memory pools and guest physical address spaces. Source: TLFS, the calls named. */
#ifndef ABI_HV_MEMORY_H
#define ABI_HV_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "abi/hv/partition.h"

/* TLFS: HvCallDepositMemory. Rep: one page number an element, behind the header. */
struct hv_input_deposit_memory {
	uint64_t partition_id;
	uint64_t gpa_page_list[];
};

_Static_assert(sizeof(struct hv_input_deposit_memory) == 8, "hv_input_deposit_memory");
_Static_assert(offsetof(struct hv_input_deposit_memory, gpa_page_list) == 8,
	       "hv_input_deposit_memory");

/* Page numbers that fit behind the header in one page. */
#define HV_DEPOSIT_MAX 511

/* TLFS: HvCallWithdrawMemory. Rep: one page number an element, in the output. */
struct hv_input_withdraw_memory {
	uint64_t partition_id;
	struct hv_proximity_domain_info proximity_domain_info;
};

_Static_assert(sizeof(struct hv_input_withdraw_memory) == 16, "hv_input_withdraw_memory");

#define HV_WITHDRAW_MAX 512

/* TLFS: HvCallGetMemoryBalance */
struct hv_input_get_memory_balance {
	uint64_t partition_id;
	struct hv_proximity_domain_info proximity_domain_info;
};

struct hv_output_get_memory_balance {
	uint64_t pages_available;
	uint64_t pages_in_use;
};

_Static_assert(sizeof(struct hv_input_get_memory_balance) == 16, "hv_input_get_memory_balance");
_Static_assert(sizeof(struct hv_output_get_memory_balance) == 16, "hv_output_get_memory_balance");

/* Map flags. TLFS: HV_MAP_GPA_FLAGS */
#define HV_MAP_GPA_PERMISSIONS_NONE  UINT32_C(0)
#define HV_MAP_GPA_READABLE          UINT32_C(0x1)
#define HV_MAP_GPA_WRITABLE          UINT32_C(0x2)
#define HV_MAP_GPA_KERNEL_EXECUTABLE UINT32_C(0x4)
#define HV_MAP_GPA_USER_EXECUTABLE   UINT32_C(0x8)
#define HV_MAP_GPA_EXECUTABLE        UINT32_C(0xC)
#define HV_MAP_GPA_PERMISSIONS_MASK  UINT32_C(0xF)
#define HV_MAP_GPA_ADJUSTABLE        UINT32_C(0x8000)
#define HV_MAP_GPA_NO_ACCESS         UINT32_C(0x10000)
#define HV_MAP_GPA_NOT_CACHED        UINT32_C(0x200000)
#define HV_MAP_GPA_LARGE_PAGE        UINT32_C(0x80000000)

/* TLFS: HvCallMapGpaPages. Rep: one source page number an element. */
struct hv_input_map_gpa_pages {
	uint64_t target_partition_id;
	uint64_t target_gpa_base; /* page number */
	uint32_t map_flags;
	uint32_t padding; /* not cleared by Linux */
	uint64_t source_gpa_page_list[];
};

_Static_assert(sizeof(struct hv_input_map_gpa_pages) == 24, "hv_input_map_gpa_pages");
_Static_assert(offsetof(struct hv_input_map_gpa_pages, map_flags) == 16, "hv_input_map_gpa_pages");

#define HV_UNMAP_GPA_LARGE_PAGE UINT32_C(0x2)

/* TLFS: HvCallUnmapGpaPages. Rep without elements: the count is in pages. */
struct hv_input_unmap_gpa_pages {
	uint64_t target_partition_id;
	uint64_t target_gpa_base; /* page number */
	uint32_t unmap_flags;     /* HV_UNMAP_GPA_LARGE_PAGE */
	uint32_t padding;
};

_Static_assert(sizeof(struct hv_input_unmap_gpa_pages) == 24, "hv_input_unmap_gpa_pages");

/* What to change of the state of a page, once it has been read. Known from Linux. */
#define HV_GPA_ACCESS_STATE_CLEAR_ACCESSED UINT64_C(0x1)
#define HV_GPA_ACCESS_STATE_SET_ACCESSED   UINT64_C(0x2)
#define HV_GPA_ACCESS_STATE_CLEAR_DIRTY    UINT64_C(0x4)
#define HV_GPA_ACCESS_STATE_SET_DIRTY      UINT64_C(0x8)
#define HV_GPA_ACCESS_STATE_MASK           UINT64_C(0xF)

/* The state of a page, a byte. */
#define HV_GPA_PAGE_ACCESSED 0x01
#define HV_GPA_PAGE_DIRTY    0x02

/* HVCALL_GET_GPA_PAGES_ACCESS_STATES. Rep: one byte an element, in the output. Known from Linux. */
struct hv_input_get_gpa_pages_access_states {
	uint64_t partition_id;
	uint64_t flags;
	uint64_t gpa_page; /* the first page's number */
};

_Static_assert(sizeof(struct hv_input_get_gpa_pages_access_states) == 24,
	       "hv_input_get_gpa_pages_access_states");
_Static_assert(offsetof(struct hv_input_get_gpa_pages_access_states, gpa_page) == 16,
	       "hv_input_get_gpa_pages_access_states");

#endif
