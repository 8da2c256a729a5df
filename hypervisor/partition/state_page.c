// SPDX-License-Identifier: Apache-2.0
#include "partition/state_page.h"

#include "abi/hv/vp.h"
#include "core/machine.h"
#include "partition/partition.h"
#include "partition/vp.h"

/* Where `vp` keeps its page of `type`, NULL if there is no such type. */
static void **place_of(struct vp *vp, uint32_t type)
{
	switch (type) {
	case HV_VP_STATE_PAGE_REGISTERS:
		return &vp->register_page;
	case HV_VP_STATE_PAGE_INTERCEPT_MESSAGE:
		return &vp->message_page;
	default:
		return NULL;
	}
}

/* Find the place of a page. Holds child->lock. */
static enum hv_status find(struct partition *child, uint32_t index, uint32_t type, void ***place)
{
	enum hv_status status = partition_check_initialized(child);
	struct vp *vp = index < PARTITION_MAX_VPS ? child->vps[index] : NULL;

	if (status != HV_STATUS_SUCCESS)
		return status;
	if (!vp)
		return HV_STATUS_INVALID_VP_INDEX;
	/* Whoever runs it writes there. */
	if (vp_is_dispatched(vp))
		return HV_STATUS_INVALID_VP_STATE;
	*place = place_of(vp, type);
	return *place ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARAMETER;
}

enum hv_status state_page_map(struct partition *parent, struct partition *child, uint32_t index,
			      uint32_t type, uint64_t *number)
{
	enum hv_status status;
	void **place;
	spa_t page;

	spin_lock(&parent->lock);
	spin_lock(&child->lock);
	status = find(child, index, type, &place);
	if (status == HV_STATUS_SUCCESS && !*place) {
		if (page_pool_alloc(&child->pool, &page)) {
			*place = spa_to_virt(page);
			gpa_share_page(&parent->gpa, gpa_of_page(&parent->gpa, page),
				       GPA_READ | GPA_WRITE);
		} else {
			status = HV_STATUS_INSUFFICIENT_MEMORY;
		}
	}
	if (status == HV_STATUS_SUCCESS)
		*number = gpa_of_page(&parent->gpa, virt_to_spa(*place)) >> PAGE_SHIFT;
	spin_unlock(&child->lock);
	spin_unlock(&parent->lock);
	return status;
}

/* Holds both locks. */
static void unmap(struct partition *parent, struct partition *child, void **place)
{
	spa_t page = virt_to_spa(*place);

	*place = NULL;
	gpa_share_page(&parent->gpa, gpa_of_page(&parent->gpa, page), 0);
	gpa_sync();
	page_pool_free(&child->pool, page);
}

enum hv_status state_page_unmap(struct partition *parent, struct partition *child, uint32_t index,
				uint32_t type)
{
	enum hv_status status;
	void **place;

	spin_lock(&parent->lock);
	spin_lock(&child->lock);
	status = find(child, index, type, &place);
	if (status == HV_STATUS_SUCCESS && !*place)
		status = HV_STATUS_NOT_FOUND;
	if (status == HV_STATUS_SUCCESS)
		unmap(parent, child, place);
	spin_unlock(&child->lock);
	spin_unlock(&parent->lock);
	return status;
}

void state_pages_unmap_all(struct vp *vp)
{
	struct partition *child = vp->partition;

	for (uint32_t type = 0; place_of(vp, type); type++) {
		void **place = place_of(vp, type);

		if (*place)
			unmap(child->parent, child, place);
	}
}
