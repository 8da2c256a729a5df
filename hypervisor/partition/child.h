// SPDX-License-Identifier: Apache-2.0
/*
 * The life of a child: created, given properties, initialized, used, finalized, deleted. What it is
 * made of comes from its own pool, except its description, which is a page of its creator's.
 */
#ifndef PARTITION_CHILD_H
#define PARTITION_CHILD_H

#include "abi/hv/partition.h"
#include "abi/hv/status.h"
#include "core/types.h"

struct partition;
struct vp;

/*
 * Create a child of `creator`; *id becomes its number. Returns HV_STATUS_SUCCESS;
 * HV_STATUS_PARTITION_TOO_DEEP: the creator is a child itself; HV_STATUS_INVALID_PARAMETER: unknown
 * flags, a partition that is not an EXO partition, isolation; HV_STATUS_INSUFFICIENT_MEMORY: the
 * creator's pool is empty; HV_STATUS_NO_RESOURCES: there are PARTITIONS_MAX. Nothing has changed
 * then. Takes the creator's lock, the tree lock and the pool's. Source: TLFS,
 * HvCallCreatePartition.
 */
enum hv_status partition_create(struct partition *creator,
				const struct hv_input_create_partition *input, uint64_t *id);

/*
 * Settle what `p` may do, and give it an address space. Returns HV_STATUS_SUCCESS;
 * HV_STATUS_INVALID_PARTITION_STATE: it is not in the state created (or _ID: it is deleted);
 * HV_STATUS_INSUFFICIENT_MEMORY: its pool has no page for the space. Takes p->lock. Source: TLFS,
 * HvCallInitializePartition.
 */
enum hv_status partition_initialize(struct partition *p);

/*
 * Take `p` apart, in rounds: VPs and what belongs to them, its statistics pages, its address space.
 * Afterwards all pages are free in the pools that they came from. *more says that another round is
 * needed; the partition is of no use any more from the first one on. Returns HV_STATUS_SUCCESS,
 * also if it is finalized already; HV_STATUS_INVALID_PARTITION_ID: it is deleted;
 * HV_STATUS_INVALID_VP_STATE: a VP of it is dispatched, nothing has changed. Takes the locks of its
 * parent and its own, the stats lock and the pools'. Source: TLFS, HvCallFinalizePartition.
 */
enum hv_status partition_finalize(struct partition *p, bool *more);

/*
 * Delete `p`, which the caller holds a reference of. Returns HV_STATUS_SUCCESS;
 * HV_STATUS_INVALID_PARTITION_STATE: it has been initialized and is not finalized (or _ID: it is
 * deleted); HV_STATUS_OBJECT_IN_USE: there are still pages in its pool. Takes p->lock, the tree
 * lock and the pools'. Source: TLFS, HvCallDeletePartition.
 */
enum hv_status partition_delete(struct partition *p);

/*
 * Delete VP `index` of `p`, a child. Returns HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_STATE
 * or _ID: it is not initialized, or has been finalized; HV_STATUS_INVALID_VP_INDEX;
 * HV_STATUS_INVALID_VP_STATE: a VP of it is dispatched, and could reach this one. Takes the locks
 * of its parent and its own, the stats lock and the pools'. Source: TLFS, HvCallDeleteVp.
 */
enum hv_status partition_delete_vp(struct partition *p, uint32_t index);

/*
 * Take `vp` out of its partition, a child, whose lock is held as is its parent's: its state pages
 * and statistics page are unmapped, nobody finds it any more, and vp_destroy() ends it. It is not
 * dispatched.
 */
void partition_remove_vp(struct vp *vp);

#endif
