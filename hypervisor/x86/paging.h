// SPDX-License-Identifier: Apache-2.0
/* The hypervisor's own address space: built once at boot (x86/layout.h), W^X, every stack over an
 * unmapped page. */
#ifndef X86_PAGING_H
#define X86_PAGING_H

#include "boot/memory_map.h"
#include "core/types.h"

/*
 * Build the final tables from the piece: the image as it will stand at physical address `image`,
 * the direct map of all that `memory` calls RAM, ACPI or NVS, of the first MiB and of the piece,
 * and the stacks of `lps` processors. Returns the address for CR3.
 */
spa_t paging_build(const struct memory_map *memory, spa_t image, spa_t piece, spa_t piece_end,
		   uint32_t lps);

/* Map a device's registers at [spa, spa + size), uncached. Boot only: takes its tables from the
 * piece. */
void *paging_map_device(spa_t spa, uint64_t size);

#endif
