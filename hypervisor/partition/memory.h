// SPDX-License-Identifier: Apache-2.0
/*
 * Where pages change hands: deposits, their return, and what a parent maps into a child. Nothing
 * else does that, so this is where an IOMMU will be told: a page that leaves a partition here is
 * out of reach of its devices before the call returns.
 */
#ifndef PARTITION_MEMORY_H
#define PARTITION_MEMORY_H

#include "abi/hv/status.h"
#include "core/types.h"

struct page_pool;
struct partition;

/*
 * Take the `count` pages that `numbers` names from `owner` into the pool of `target`, itself or its
 * child: all or none. `pages` has room for as many. Takes owner->lock and target->lock. Returns
 * HV_STATUS_SUCCESS; HV_STATUS_ACCESS_DENIED: the owner is no root, its memory is its parent's;
 * HV_STATUS_INVALID_PARTITION_STATE: the target is finalized; HV_STATUS_INVALID_PARTITION_ID:
 * deleted; HV_STATUS_INVALID_PARAMETER: a page is not the owner's ordinary memory, a child maps it,
 * or it is named twice; HV_STATUS_INSUFFICIENT_MEMORY: no memory left to split tables with.
 */
enum hv_status memory_deposit(struct partition *owner, struct partition *target,
			      const uint64_t *numbers, spa_t *pages, uint32_t count);

/*
 * Take a free page of `pool` back into the space of `owner`, whose it was, with nothing left in it;
 * *gpa becomes its address there. Holds owner->lock, takes pool->lock. Returns false if no page is
 * free.
 */
bool memory_take_back(struct partition *owner, struct page_pool *pool, gpa_t *gpa);

/*
 * Take up to `count` free pages of `target` back into `owner`; `numbers` becomes their page
 * numbers. Returns how many. Takes owner->lock and target->lock.
 */
uint32_t memory_withdraw(struct partition *owner, struct partition *target, uint64_t *numbers,
			 uint32_t count);

/*
 * Map `count` pages of `parent`, or large pages, as `flags` (HV_MAP_GPA_*) say, from page number
 * `base` of `child` on; a round of it: *done becomes the number of elements done, also where the
 * call fails. Changes to what processors may be using have reached them on return. Takes both
 * locks. Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_STATE: the child is not
 * initialized, or finalized; HV_STATUS_INVALID_PARAMETER: flags that make no sense together or are
 * not known, a place beyond the child's space or not aligned, a page that is not the parent's
 * ordinary memory (with HV_MAP_GPA_NOT_CACHED: or device range) or is deposited;
 * HV_STATUS_NO_RESOURCES: a page is mapped FRAME_MAPPINGS_MAX times; HV_STATUS_INSUFFICIENT_MEMORY:
 * the child's pool has no page for tables. Source: TLFS, HvCallMapGpaPages; Linux's mshv driver.
 */
enum hv_status memory_map(struct partition *parent, struct partition *child, uint64_t base,
			  uint32_t flags, const uint64_t *sources, uint32_t count, uint32_t *done);

/*
 * Unmap `count` pages, or large pages, from page number `base` of `child` on; what is not mapped is
 * passed over. Otherwise as memory_map(). Source: TLFS, HvCallUnmapGpaPages.
 */
enum hv_status memory_unmap(struct partition *parent, struct partition *child, uint64_t base,
			    uint32_t flags, uint32_t count, uint32_t *done);

/*
 * Report in `states` (GPA_STATE_ bits, a byte each) which of the `count` pages from page number
 * `base` of `child` on were accessed and written, and change that as `flags`
 * (HV_GPA_ACCESS_STATE_*) say. A round, locks and statuses as in memory_map(). Source: TLFS,
 * HvCallGetGpaPagesAccessStates.
 */
enum hv_status memory_access_states(struct partition *parent, struct partition *child,
				    uint64_t base, uint64_t flags, uint8_t *states, uint32_t count,
				    uint32_t *done);

#endif
