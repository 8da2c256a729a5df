// SPDX-License-Identifier: Apache-2.0
/*
 * Statistics pages: one for each object (hypervisor, logical processor, partition, VP), made when
 * it is first mapped from a page of the caller's pool, which the caller then may read.
 */
#ifndef PARTITION_STATS_H
#define PARTITION_STATS_H

#include "abi/hv/stats.h"
#include "abi/hv/status.h"
#include "core/types.h"

struct integrity;
struct partition;
struct vp;

/*
 * Map the page of object (`type`, `identity`), the machine's, the caller's or a child's, for
 * `caller`, from a page of the caller's pool; *page becomes its page number there. Mapping again
 * gives the same page. Takes the locks of the caller and of the object's partition, and the stats
 * lock. Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARAMETER: no such type or area (the area
 * PARENT does not exist); HV_STATUS_ACCESS_DENIED: the caller is not the root;
 * HV_STATUS_INVALID_LP_INDEX, _INVALID_PARTITION_ID, _INVALID_VP_INDEX: no such object;
 * HV_STATUS_INVALID_PARTITION_STATE: it is finalized; HV_STATUS_INSUFFICIENT_MEMORY: the pool has
 * no page, nothing has changed.
 */
enum hv_status stats_map(struct partition *caller, uint32_t type,
			 const union hv_stats_object_identity *identity, uint64_t *page);

/*
 * Undo stats_map: the page goes back into the caller's pool. Locks and statuses as there, and
 * HV_STATUS_NOT_FOUND if the page is not mapped.
 */
enum hv_status stats_unmap(struct partition *caller, uint32_t type,
			   const union hv_stats_object_identity *identity);

/*
 * Unmap the page of a child's VP, or of a child, if it is mapped. Holds the locks of the partition
 * and of its parent, takes the stats lock.
 */
void stats_release_vp(struct vp *vp);
void stats_release_partition(struct partition *p);

/* Unmap every page that the root has mapped. Takes root->lock and the stats lock. */
void stats_unmap_all(struct partition *root);

/*
 * Bring the pages that show `p`'s memory pool up to date, after it has changed. Takes the stats
 * lock.
 */
void stats_update_pool(struct partition *p);

/*
 * The same for the number of partitions, and of VPs: those of `p` have changed, or it has come or
 * gone. Takes the stats lock.
 */
void stats_update_counts(struct partition *p);

/*
 * Check the pages that the root has mapped (integrity.h): each is one that it gave away and now may
 * read. Returns how many there are. Holds root->lock, takes the stats lock.
 */
uint64_t stats_check(struct partition *root, struct integrity *i);

#endif
