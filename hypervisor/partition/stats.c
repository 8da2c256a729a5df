// SPDX-License-Identifier: Apache-2.0
#include "partition/stats.h"

#include "core/integrity.h"
#include "core/machine.h"
#include "core/spinlock.h"
#include "partition/partition.h"
#include "partition/vp.h"

/* A root VP runs on each logical processor, so there are no more of them than of VPs. */
#define LPS_MAX PARTITION_MAX_VPS

static struct spinlock stats_lock; /* guards the pages here and the `stats` of partitions and VPs */
static uint64_t *hypervisor_stats;
static uint64_t *lp_stats[LPS_MAX];

static void count(uint64_t *page, unsigned int place, uint64_t value)
{
	__atomic_store_n(&page[place], value, __ATOMIC_RELAXED);
}

/*
 * An object that has a statistics page: where the pointer to it stands, and what to fill it with.
 */
struct object {
	uint64_t **slot;
	uint32_t type;
	uint32_t lp;
	struct partition *partition;
};

/* Find the object that `type` and `identity` name to `caller`. Changes nothing. */
static enum hv_status find_object(struct partition *caller, uint32_t type,
				  const union hv_stats_object_identity *identity,
				  struct object *object)
{
	/* The area is the last byte in every form. */
	if (identity->hv.stats_area_type != HV_STATS_AREA_SELF)
		return HV_STATUS_INVALID_PARAMETER;

	*object = (struct object){.type = type, .partition = caller};
	switch (type) {
	case HV_STATS_OBJECT_HYPERVISOR:
		object->slot = &hypervisor_stats;
		return partition_is_root(caller) ? HV_STATUS_SUCCESS : HV_STATUS_ACCESS_DENIED;
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		if (!partition_is_root(caller))
			return HV_STATUS_ACCESS_DENIED;
		object->lp = identity->lp.lp_index;
		if (object->lp >= LPS_MAX || !machine_lp_exists(object->lp))
			return HV_STATUS_INVALID_LP_INDEX;
		object->slot = &lp_stats[object->lp];
		return HV_STATUS_SUCCESS;
	case HV_STATS_OBJECT_PARTITION:
		object->partition = partition_find(caller, identity->partition.partition_id);
		if (!object->partition)
			return HV_STATUS_INVALID_PARTITION_ID;
		object->slot = &object->partition->stats;
		return HV_STATUS_SUCCESS;
	case HV_STATS_OBJECT_VP: {
		uint32_t index = identity->vp.vp_index;

		object->partition = partition_find(caller, identity->vp.partition_id);
		if (!object->partition)
			return HV_STATUS_INVALID_PARTITION_ID;
		if (index >= PARTITION_MAX_VPS || !object->partition->vps[index])
			return HV_STATUS_INVALID_VP_INDEX;
		object->slot = &object->partition->vps[index]->stats;
		return HV_STATUS_SUCCESS;
	}
	default:
		return HV_STATUS_INVALID_PARAMETER;
	}
}

/* Show what `p`'s pool holds, in its own page and in the hypervisor's. Holds the stats lock. */
static void fill_pool(struct partition *p)
{
	uint64_t deposited;

	spin_lock(&p->pool.lock);
	deposited = p->pool.free_count + p->pool.used_count;
	spin_unlock(&p->pool.lock);
	if (p->stats)
		count(p->stats, HV_COUNTER_PT_DEPOSITED_PAGES, deposited);
	if (hypervisor_stats)
		count(hypervisor_stats, HV_COUNTER_HV_TOTAL_PAGES, deposited);
}

/* Fill the page that has just been made for `object`, all zeros so far. Holds the stats lock. */
static void fill(const struct object *object)
{
	uint64_t *page = *object->slot;

	switch (object->type) {
	case HV_STATS_OBJECT_HYPERVISOR:
		count(page, HV_COUNTER_HV_LOGICAL_PROCESSORS, machine_lp_count());
		count(page, HV_COUNTER_HV_PARTITIONS, 1);
		count(page, HV_COUNTER_HV_VIRTUAL_PROCESSORS, object->partition->vp_count);
		break;
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		count(page, HV_COUNTER_LP_ROOT_VP_INDEX, object->lp);
		break;
	case HV_STATS_OBJECT_PARTITION:
		count(page, HV_COUNTER_PT_VIRTUAL_PROCESSORS, object->partition->vp_count);
		count(page, HV_COUNTER_PT_PARTITION_ID, object->partition->id);
		break;
	default:
		break;
	}
	fill_pool(object->partition);
}

/* Holds caller->lock and the stats lock. */
static enum hv_status map_locked(struct partition *caller, const struct object *object)
{
	spa_t page;

	if (*object->slot)
		return HV_STATUS_SUCCESS;
	if (!page_pool_alloc(&caller->pool, &page))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	*object->slot = spa_to_virt(page);
	fill(object);
	gpa_share_page(&caller->gpa, gpa_of_page(&caller->gpa, page), GPA_READ);
	return HV_STATUS_SUCCESS;
}

enum hv_status stats_map(struct partition *caller, uint32_t type,
			 const union hv_stats_object_identity *identity, uint64_t *page)
{
	struct object object;
	enum hv_status status;

	spin_lock(&caller->lock);
	spin_lock(&stats_lock);
	status = find_object(caller, type, identity, &object);
	if (status == HV_STATUS_SUCCESS)
		status = map_locked(caller, &object);
	if (status == HV_STATUS_SUCCESS)
		*page = gpa_of_page(&caller->gpa, virt_to_spa(*object.slot)) >> PAGE_SHIFT;
	spin_unlock(&stats_lock);
	spin_unlock(&caller->lock);
	return status;
}

/*
 * Close the page at *slot to `caller` and put it back into the pool. Holds caller->lock and the
 * stats lock.
 */
static void unmap_slot(struct partition *caller, uint64_t **slot)
{
	spa_t page = virt_to_spa(*slot);

	gpa_share_page(&caller->gpa, gpa_of_page(&caller->gpa, page), 0);
	gpa_sync();
	*slot = NULL;
	page_pool_free(&caller->pool, page);
}

enum hv_status stats_unmap(struct partition *caller, uint32_t type,
			   const union hv_stats_object_identity *identity)
{
	struct object object;
	enum hv_status status;

	spin_lock(&caller->lock);
	spin_lock(&stats_lock);
	status = find_object(caller, type, identity, &object);
	if (status == HV_STATUS_SUCCESS && !*object.slot)
		status = HV_STATUS_NOT_FOUND;
	if (status == HV_STATUS_SUCCESS)
		unmap_slot(caller, object.slot);
	spin_unlock(&stats_lock);
	spin_unlock(&caller->lock);
	return status;
}

static void unmap_if_mapped(struct partition *caller, uint64_t **slot)
{
	if (*slot)
		unmap_slot(caller, slot);
}

void stats_unmap_all(struct partition *root)
{
	spin_lock(&root->lock);
	spin_lock(&stats_lock);
	unmap_if_mapped(root, &hypervisor_stats);
	for (uint32_t i = 0; i < LPS_MAX; i++)
		unmap_if_mapped(root, &lp_stats[i]);
	for (uint32_t i = 0; i < PARTITION_MAX_VPS; i++)
		if (root->vps[i])
			unmap_if_mapped(root, &root->vps[i]->stats);
	unmap_if_mapped(root, &root->stats);
	spin_unlock(&stats_lock);
	spin_unlock(&root->lock);
}

void stats_update_pool(struct partition *p)
{
	spin_lock(&stats_lock);
	fill_pool(p);
	spin_unlock(&stats_lock);
}

/* Check the page at `page`. Returns how many pages that is: none if there is none. */
static uint64_t check_page(struct partition *root, struct integrity *i, const uint64_t *page)
{
	unsigned int access = 0;
	spa_t spa;

	if (!page)
		return 0;
	if (integrity_expect(i, machine_memory_at(page, &spa) && IS_ALIGNED(spa, PAGE_SIZE),
			     "statistics are in a page of memory", (uint64_t)page))
		integrity_expect(
			i,
			gpa_page_revoked(&root->gpa, gpa_of_page(&root->gpa, spa), &access) &&
				access == GPA_READ,
			"a statistics page can be read, no more", spa);
	return 1;
}

uint64_t stats_check(struct partition *root, struct integrity *i)
{
	uint64_t count = 0;

	if (!integrity_lock(i, &stats_lock, "the statistics' lock can be had"))
		return 0;
	count += check_page(root, i, hypervisor_stats);
	for (uint32_t n = 0; n < LPS_MAX; n++)
		count += check_page(root, i, lp_stats[n]);
	for (uint32_t n = 0; n < PARTITION_MAX_VPS; n++)
		if (root->vps[n])
			count += check_page(root, i, root->vps[n]->stats);
	count += check_page(root, i, root->stats);
	spin_unlock(&stats_lock);
	return count;
}
