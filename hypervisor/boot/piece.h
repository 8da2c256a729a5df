// SPDX-License-Identifier: Apache-2.0
/*
 * The hypervisor's piece of memory: one contiguous range taken at boot and absent from the root's
 * map from then on. Boot code cuts pages from its start; what is left over becomes the reserve, a
 * page pool.
 */
#ifndef BOOT_PIECE_H
#define BOOT_PIECE_H

#include "boot/boot_info.h"
#include "core/types.h"
#include "partition/page_pool.h"

/* Choose the piece, large enough for `processors` LPs and root VPs, and hand its range to nobody
 * else: marks it reserved in boot->memory. Calls boot_fail(). */
void piece_take(struct boot_info *boot, uint32_t processors);

spa_t piece_start(void);
spa_t piece_end(void);

/* The next `pages` zeroed pages of the piece, contiguous. Calls boot_fail() when there is no more.
 */
spa_t piece_alloc(uint64_t pages);

/* Give what is left to `pool`. Nothing can be allocated from the piece after that. */
void piece_finish(struct page_pool *pool);

#endif
