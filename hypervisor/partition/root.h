// SPDX-License-Identifier: Apache-2.0
/* The root partition: built at boot, from the reserve, owning all memory that is not the
 * hypervisor's. */
#ifndef PARTITION_ROOT_H
#define PARTITION_ROOT_H

#include "abi/hv/status.h"
#include "boot/memory_map.h"
#include "partition/partition.h"

extern struct partition root_partition;

/* What the root itself does not pay for: nested tables and whatever must not fail. Filled from the
 * piece. */
extern struct page_pool root_reserve;

/*
 * Build the root partition, without VPs: its address space over `memory` (whose reserved range
 * [piece, piece_end) stays out), its overlay pages and registers. `acpi` (of `acpi_size` bytes, in
 * the piece) becomes readable to it. Boot only; calls boot_fail().
 */
void root_build(const struct memory_map *memory, spa_t piece, spa_t piece_end, spa_t acpi,
		uint64_t acpi_size);

/* Let the root read and write [start, start + size), whole pages of the piece. Boot only; calls
 * boot_fail(). */
void root_share(spa_t start, uint64_t size);

/*
 * Create root VP `vp_index` on logical processor `lp_index`, waiting for a start-up message. It is
 * paid from the reserve. Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_VP_INDEX: beyond the limit,
 * or exists; HV_STATUS_INVALID_LP_INDEX: no such processor, or it carries a VP;
 * HV_STATUS_INSUFFICIENT_MEMORY. Holds the root partition's lock.
 */
enum hv_status root_create_vp(uint32_t vp_index, uint32_t lp_index);

#endif
