// SPDX-License-Identifier: Apache-2.0
/* The root partition: built at boot, from the reserve, owning all memory that is not the
 * hypervisor's. */
#ifndef PARTITION_ROOT_H
#define PARTITION_ROOT_H

#include "boot/memory_map.h"
#include "partition/partition.h"

struct vp;

extern struct partition root_partition;
extern struct vp root_vp;

/* What the root itself does not pay for: nested tables and whatever must not fail. Filled from the
 * piece. */
extern struct page_pool root_reserve;

/*
 * Build the root partition with one VP: its address space over `memory` (whose reserved range
 * [piece, piece_end) stays out), its overlay pages and registers. `acpi` (of `acpi_size` bytes, in
 * the piece) becomes readable to it. Boot only; calls boot_fail().
 */
void root_build(const struct memory_map *memory, spa_t piece, spa_t piece_end, spa_t acpi,
		uint64_t acpi_size);

#endif
