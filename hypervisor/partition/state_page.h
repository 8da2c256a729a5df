// SPDX-License-Identifier: Apache-2.0
/*
 * State pages: pages of a child's pool that the hypervisor and the parent share, both reading and
 * writing, so that an intercept costs the parent no call. A VP has one of each type at most; what
 * stands in them is vp->register_page and vp->message_page, and nothing there is to be believed.
 */
#ifndef PARTITION_STATE_PAGE_H
#define PARTITION_STATE_PAGE_H

#include "abi/hv/status.h"
#include "core/types.h"

struct partition;
struct vp;

/*
 * Map the page of `type` (HV_VP_STATE_PAGE_*) of VP `index` of `child`; *number becomes its page
 * number in `parent`. Mapping again gives the same page. Takes both locks. Returns
 * HV_STATUS_SUCCESS; HV_STATUS_INVALID_PARTITION_STATE: the child is not initialized, or finalized;
 * HV_STATUS_INVALID_VP_INDEX; HV_STATUS_INVALID_PARAMETER: no such type;
 * HV_STATUS_INSUFFICIENT_MEMORY: the child's pool is empty. Source: TLFS, HvCallMapVpStatePage.
 */
enum hv_status state_page_map(struct partition *parent, struct partition *child, uint32_t index,
			      uint32_t type, uint64_t *number);

/*
 * Undo state_page_map(): the page goes back into the child's pool. Locks and statuses as there, and
 * HV_STATUS_NOT_FOUND if the page is not mapped.
 */
enum hv_status state_page_unmap(struct partition *parent, struct partition *child, uint32_t index,
				uint32_t type);

/* Unmap what is mapped of `vp`. Holds the locks of its partition and of its parent. */
void state_pages_unmap_all(struct vp *vp);

#endif
