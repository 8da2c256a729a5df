// SPDX-License-Identifier: Apache-2.0
/* Virtual processors of children: made of pages of their partition's pool, and given back to it. */
#ifndef PARTITION_CHILD_VP_H
#define PARTITION_CHILD_VP_H

#include "abi/hv/status.h"
#include "core/types.h"

struct partition;
struct vp;

/*
 * Create VP `index` of `p`, a child: in the state after RESET, explicitly suspended; all but VP 0
 * wait for a start-up message. Holds p->lock. Returns HV_STATUS_SUCCESS;
 * HV_STATUS_INVALID_PARTITION_STATE: it is not initialized; HV_STATUS_INVALID_VP_INDEX: beyond the
 * limit, or it exists; HV_STATUS_INSUFFICIENT_MEMORY: the pool has too few pages, nothing has
 * changed.
 */
enum hv_status child_vp_create(struct partition *p, uint32_t index);

#endif
