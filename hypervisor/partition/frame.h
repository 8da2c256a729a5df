// SPDX-License-Identifier: Apache-2.0
/*
 * Frames: what each page of the partitions' ordinary memory is used for, so that no page is a
 * child's memory and the hypervisor's at the same time. A frame is free (its owner's alone), mapped
 * (by children, any number of times, beside its owner) or taken (deposited). The hypervisor's own
 * piece and device ranges have no frames.
 *
 * Everything here is atomic by itself and needs no lock.
 */
#ifndef PARTITION_FRAME_H
#define PARTITION_FRAME_H

#include "boot/memory_map.h"
#include "core/types.h"

/* Mappings of one page by children at most. */
#define FRAME_MAPPINGS_MAX 0x7fffu

/* Pages that the table for all RAM of `memory` takes. */
uint64_t frame_table_pages(const struct memory_map *memory);

/*
 * Use `table`, zeroed and of frame_table_pages(), from now on: all frames are free. Boot only, once
 * the piece is reserved in `memory`.
 */
void frame_init(const struct memory_map *memory, void *table);

/*
 * A child maps the `count` pages from `page` on. Returns false, nothing changed, if one of them is
 * taken, has FRAME_MAPPINGS_MAX mappings, or is no ordinary memory.
 */
bool frame_map(spa_t page, uint32_t count);

/* It does not any more: no processor uses that mapping once the owner's lock is released. */
void frame_unmap(spa_t page, uint32_t count);

/* The hypervisor takes `page`. Returns false if a child maps it, or it is no free frame. */
bool frame_take(spa_t page);

/* `page`, taken, is its owner's again. */
void frame_return(spa_t page);

/* How often children map `page`; 0 where there is no frame. */
uint32_t frame_mappings(spa_t page);

#endif
