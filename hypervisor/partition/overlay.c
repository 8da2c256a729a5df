// SPDX-License-Identifier: Apache-2.0
#include "partition/overlay.h"

#include "abi/hv/msr.h"
#include "core/machine.h"
#include "partition/gpa_map.h"
#include "partition/page_pool.h"
#include "partition/partition.h"
#include "partition/synthetic.h"
#include "partition/vp.h"

static bool enabled(uint64_t msr)
{
	return msr & HV_X64_MSR_PAGE_ENABLE;
}

static gpa_t place(uint64_t msr)
{
	return msr & HV_X64_MSR_PAGE_ADDRESS_MASK;
}

bool overlay_write(struct partition *p, uint64_t *msr, spa_t page, uint64_t value, bool writable)
{
	bool stays = enabled(*msr) && enabled(value) && place(*msr) == place(value);

	if (partition_is_root(p)) {
		*msr = vp_placed_page_register(*msr, value);
		return true;
	}
	if (stays) {
		*msr = value;
		return true;
	}
	/* The new place first: what fails must change nothing. */
	if (enabled(value) && !gpa_overlay_map(&p->gpa, place(value), page, writable))
		return false;
	if (enabled(*msr))
		gpa_overlay_unmap(&p->gpa, place(*msr));
	*msr = value;
	return true;
}

void overlay_remove(struct partition *p, uint64_t *msr)
{
	if (partition_is_root(p)) {
		*msr &= ~HV_X64_MSR_PAGE_ENABLE;
		return;
	}
	if (enabled(*msr))
		gpa_overlay_unmap(&p->gpa, place(*msr));
	*msr = 0;
}

bool overlay_pages_alloc(struct partition *p)
{
	if (!page_pool_alloc(&p->pool, &p->hypercall_page))
		return false;
	if (!page_pool_alloc(&p->pool, &p->tsc_page)) {
		page_pool_free(&p->pool, p->hypercall_page);
		return false;
	}
	synthetic_fill_hypercall_page(spa_to_virt(p->hypercall_page));
	synthetic_fill_tsc_page(p);
	return true;
}

void overlay_pages_free(struct partition *p)
{
	page_pool_free(&p->pool, p->hypercall_page);
	page_pool_free(&p->pool, p->tsc_page);
}
