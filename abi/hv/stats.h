// SPDX-License-Identifier: Apache-2.0
/*
 * Statistics pages: 512 counters of 64 bits about one object, at fixed places.
 * Source: TLFS HV_STATS_OBJECT_TYPE, HV_STATS_OBJECT_IDENTITY; places of counters known from
 * Linux's mshv driver.
 */
#ifndef ABI_HV_STATS_H
#define ABI_HV_STATS_H

#include <stddef.h>
#include <stdint.h>

#define HV_STATS_OBJECT_HYPERVISOR        UINT32_C(0x00000001)
#define HV_STATS_OBJECT_LOGICAL_PROCESSOR UINT32_C(0x00000002)
#define HV_STATS_OBJECT_PARTITION         UINT32_C(0x00010001)
#define HV_STATS_OBJECT_VP                UINT32_C(0x00010002)

#define HV_STATS_AREA_SELF   0
#define HV_STATS_AREA_PARENT 1

#define HV_STATS_COUNTERS 512

/* What the page is about; the last byte is the area in each form. TLFS: HV_STATS_OBJECT_IDENTITY */
union hv_stats_object_identity {
	struct {
		uint8_t reserved[15];
		uint8_t stats_area_type;
	} hv;
	struct {
		uint32_t lp_index;
		uint8_t reserved[11];
		uint8_t stats_area_type;
	} lp;
	struct {
		uint64_t partition_id;
		uint8_t reserved[7];
		uint8_t stats_area_type;
	} partition;
	struct {
		uint64_t partition_id;
		uint32_t vp_index;
		uint16_t flags;
		uint8_t reserved;
		uint8_t stats_area_type;
	} vp;
};

_Static_assert(sizeof(union hv_stats_object_identity) == 16, "hv_stats_object_identity");
_Static_assert(offsetof(union hv_stats_object_identity, hv.stats_area_type) == 15,
	       "hv_stats_object_identity");
_Static_assert(offsetof(union hv_stats_object_identity, lp.stats_area_type) == 15,
	       "hv_stats_object_identity");
_Static_assert(offsetof(union hv_stats_object_identity, partition.stats_area_type) == 15,
	       "hv_stats_object_identity");
_Static_assert(offsetof(union hv_stats_object_identity, vp.vp_index) == 8,
	       "hv_stats_object_identity");
_Static_assert(offsetof(union hv_stats_object_identity, vp.stats_area_type) == 15,
	       "hv_stats_object_identity");

/* Input of HVCALL_MAP_STATS_PAGE and HVCALL_UNMAP_STATS_PAGE. TLFS: HvCallUnmapStatsPage */
struct hv_input_stats_page {
	uint32_t type; /* HV_STATS_OBJECT_* */
	uint32_t padding;
	union hv_stats_object_identity identity;
};

struct hv_output_map_stats_page {
	uint64_t map_location; /* page number */
};

_Static_assert(sizeof(struct hv_input_stats_page) == 24, "hv_input_stats_page");
_Static_assert(offsetof(struct hv_input_stats_page, identity) == 8, "hv_input_stats_page");
_Static_assert(sizeof(struct hv_output_map_stats_page) == 8, "hv_output_map_stats_page");

/* Places in a page of HV_STATS_OBJECT_HYPERVISOR. */
#define HV_COUNTER_HV_LOGICAL_PROCESSORS 1
#define HV_COUNTER_HV_PARTITIONS         2
#define HV_COUNTER_HV_TOTAL_PAGES        3 /* deposited, over all partitions */
#define HV_COUNTER_HV_VIRTUAL_PROCESSORS 4

/* Places in a page of HV_STATS_OBJECT_LOGICAL_PROCESSOR. */
#define HV_COUNTER_LP_ROOT_VP_INDEX 19

/* Places in a page of HV_STATS_OBJECT_PARTITION. */
#define HV_COUNTER_PT_VIRTUAL_PROCESSORS 1
#define HV_COUNTER_PT_DEPOSITED_PAGES    5
#define HV_COUNTER_PT_PARTITION_ID       26

/* Places in a page of HV_STATS_OBJECT_VP. */
#define HV_COUNTER_VP_HYPERCALLS_COUNT             7
#define HV_COUNTER_VP_ROOT_DISPATCH_THREAD_BLOCKED 202

#endif
