// SPDX-License-Identifier: Apache-2.0
#include "partition/child_vp.h"

#include "core/machine.h"
#include "partition/overlay.h"
#include "partition/page_pool.h"
#include "partition/partition.h"
#include "partition/vp.h"
#include "scheduler/scheduler.h"
#include "x86/cpu.h"
#include "x86/vendor.h"
#include "x86/xstate.h"

/* The APIC's page, where software looks for it. */
#define APIC_PAGE 0xfee00000UL

static uint64_t serials;

/* Pages of a VP: itself, its extended state, the pages it sees. The vendor's come on top. */
enum vp_page {
	VP_PAGE_SELF,
	VP_PAGE_XSAVE,
	VP_PAGE_SIMP,
	VP_PAGE_SIEFP,
	VP_PAGE_SIRBP,
	VP_PAGE_ASSIST,
	VP_PAGE_COUNT,
};

static void give_back(struct page_pool *pool, const spa_t *page, unsigned int count)
{
	while (count-- > 0)
		page_pool_free(pool, page[count]);
}

static void fill(struct vp *vp, struct partition *p, uint32_t index, const spa_t *page)
{
	vp->partition = p;
	vp->index = index;
	vp->waits_for_startup = index != 0;
	vp->child.explicit_suspend = true;
	vp->child.serial = __atomic_add_fetch(&serials, 1, __ATOMIC_RELAXED);
	vp->child.xsave = spa_to_virt(page[VP_PAGE_XSAVE]);
	xstate_reset(vp->child.xsave);
	vp->child.xcr0 = XSTATE_X87;
	vp->child.mtrr.def_type = 0;
	vp->assist_page = page[VP_PAGE_ASSIST];
	synic_reset(&vp->synic, page[VP_PAGE_SIEFP], page[VP_PAGE_SIMP], page[VP_PAGE_SIRBP]);
	/* It says itself where it wants to see them. */
	vp->synic.siefp = vp->synic.simp = vp->synic.sirbp = 0;
	vendor_init_vp(vp);
	apic_create(vp, index,
		    APIC_PAGE | (partition_has_apics(p) ? APIC_BASE_ENABLE : 0) |
			    (index == 0 ? APIC_BASE_BSP : 0));
	vendor_set_reset_state(vp);
}

enum hv_status child_vp_create(struct partition *p, uint32_t index)
{
	spa_t page[VP_PAGE_COUNT];
	struct vp *vp;

	_Static_assert(sizeof(struct vp) <= PAGE_SIZE, "a VP is a page");
	if (p->state != PARTITION_INITIALIZED)
		return HV_STATUS_INVALID_PARTITION_STATE;
	if (index >= PARTITION_MAX_VPS || p->vps[index])
		return HV_STATUS_INVALID_VP_INDEX;
	for (unsigned int i = 0; i < VP_PAGE_COUNT; i++) {
		if (!page_pool_alloc(&p->pool, &page[i])) {
			give_back(&p->pool, page, i);
			return HV_STATUS_INSUFFICIENT_MEMORY;
		}
	}
	vp = spa_to_virt(page[VP_PAGE_SELF]);
	if (!vendor_alloc_vp(vp, &p->pool)) {
		give_back(&p->pool, page, VP_PAGE_COUNT);
		return HV_STATUS_INSUFFICIENT_MEMORY;
	}
	fill(vp, p, index, page);
	__atomic_store_n(&p->vps[index], vp, __ATOMIC_RELEASE);
	p->vp_limit = MAX(p->vp_limit, index + 1);
	p->vp_count++;
	return HV_STATUS_SUCCESS;
}

bool vp_is_dispatched(struct vp *vp)
{
	bool owned;

	spin_lock(&vp->child.lock);
	/* Looking into it counts as well: it is over in no time. */
	owned = vp->child.owner != VP_OWNER_NONE;
	spin_unlock(&vp->child.lock);
	return owned;
}

void vp_destroy(struct vp *vp)
{
	struct partition *p = vp->partition;
	const spa_t page[VP_PAGE_COUNT] = {
		[VP_PAGE_SELF] = virt_to_spa(vp),
		[VP_PAGE_XSAVE] = virt_to_spa(vp->child.xsave),
		[VP_PAGE_SIMP] = vp->synic.simp_page,
		[VP_PAGE_SIEFP] = vp->synic.siefp_page,
		[VP_PAGE_SIRBP] = vp->synic.sirbp_page,
		[VP_PAGE_ASSIST] = vp->assist_page,
	};

	vp_forget_timers(vp);
	overlay_remove(p, &vp->vp_assist_msr);
	synic_destroy(vp);
	scheduler_forget(vp);
	vendor_free_vp(vp, &p->pool);
	give_back(&p->pool, page, VP_PAGE_COUNT);
}
