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
static uint64_t total_pages; /* deposited, over all partitions */

static void count(uint64_t *page, unsigned int place, uint64_t value)
{
	__atomic_store_n(&page[place], value, __ATOMIC_RELAXED);
}

/*
 * An object that has a statistics page: where the pointer to it stands, and what to fill it with.
 */
struct object {
	uint64_t **slot;
	struct vp *vp; /* whose page it is, or NULL */
	uint32_t type;
	uint32_t lp;
	struct partition *partition;
};

/*
 * The partition that an object belongs to, referenced: the caller for what is the machine's. NULL
 * if there is none.
 */
static struct partition *find_partition(struct partition *caller, uint32_t type,
					const union hv_stats_object_identity *identity)
{
	switch (type) {
	case HV_STATS_OBJECT_PARTITION:
		return partition_get(caller, identity->partition.partition_id);
	case HV_STATS_OBJECT_VP:
		return partition_get(caller, identity->vp.partition_id);
	default:
		return partition_get(caller, caller->id);
	}
}

/*
 * Find the object that `type` and `identity` name, of partition `p`. Changes nothing. Holds p->lock
 * and the stats lock.
 */
static enum hv_status find_object(struct partition *p, uint32_t type,
				  const union hv_stats_object_identity *identity,
				  struct object *object)
{
	*object = (struct object){.type = type, .partition = p};
	if (p->state == PARTITION_DELETED)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (p->state >= PARTITION_FINALIZING)
		return HV_STATUS_INVALID_PARTITION_STATE;
	switch (type) {
	case HV_STATS_OBJECT_HYPERVISOR:
		object->slot = &hypervisor_stats;
		return HV_STATUS_SUCCESS;
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		object->lp = identity->lp.lp_index;
		if (object->lp >= LPS_MAX || !machine_lp_exists(object->lp))
			return HV_STATUS_INVALID_LP_INDEX;
		object->slot = &lp_stats[object->lp];
		return HV_STATUS_SUCCESS;
	case HV_STATS_OBJECT_PARTITION:
		object->slot = &p->stats;
		return HV_STATUS_SUCCESS;
	case HV_STATS_OBJECT_VP: {
		uint32_t index = identity->vp.vp_index;

		if (index >= PARTITION_MAX_VPS || !p->vps[index])
			return HV_STATUS_INVALID_VP_INDEX;
		object->vp = p->vps[index];
		object->slot = &object->vp->stats;
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
	total_pages += deposited - p->counted_pages;
	p->counted_pages = deposited;
	if (p->stats)
		count(p->stats, HV_COUNTER_PT_DEPOSITED_PAGES, deposited);
	if (hypervisor_stats)
		count(hypervisor_stats, HV_COUNTER_HV_TOTAL_PAGES, total_pages);
}

/* Show how many partitions and VPs there are. Holds the stats lock. */
static void fill_partitions(uint64_t *page)
{
	count(page, HV_COUNTER_HV_PARTITIONS, partition_count());
	count(page, HV_COUNTER_HV_VIRTUAL_PROCESSORS, partition_vp_total());
}

/* Fill the page that has just been made for `object`, all zeros so far. Holds the stats lock. */
static void fill(const struct object *object)
{
	uint64_t *page = *object->slot;

	switch (object->type) {
	case HV_STATS_OBJECT_HYPERVISOR:
		count(page, HV_COUNTER_HV_LOGICAL_PROCESSORS, machine_lp_count());
		fill_partitions(page);
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

/*
 * Let `*slot` be `page`, or NULL. `vp`: whose it is, or NULL. What is to be seen in a child's VP's
 * from the start is whether it is blocked.
 */
static void set_slot(uint64_t **slot, struct vp *vp, uint64_t *page)
{
	if (!vp) {
		*slot = page;
		return;
	}
	spin_lock(&vp->child.lock);
	if (page && vp->child.blocked)
		count(page, HV_COUNTER_VP_ROOT_DISPATCH_THREAD_BLOCKED, 1);
	*slot = page;
	spin_unlock(&vp->child.lock);
}

/* Holds caller->lock and the stats lock. */
static enum hv_status map_locked(struct partition *caller, const struct object *object)
{
	spa_t page;

	if (*object->slot)
		return HV_STATUS_SUCCESS;
	if (!page_pool_alloc(&caller->pool, &page))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	set_slot(object->slot, object->vp, spa_to_virt(page));
	fill(object);
	gpa_share_page(&caller->gpa, gpa_of_page(&caller->gpa, page), GPA_READ);
	return HV_STATUS_SUCCESS;
}

static void lock_both(struct partition *caller, struct partition *p)
{
	spin_lock(&caller->lock);
	if (p != caller)
		spin_lock(&p->lock);
	spin_lock(&stats_lock);
}

static void unlock_both(struct partition *caller, struct partition *p)
{
	spin_unlock(&stats_lock);
	if (p != caller)
		spin_unlock(&p->lock);
	spin_unlock(&caller->lock);
}

/* The checks that need no lock, and the partition of the object, referenced. */
static enum hv_status begin(struct partition *caller, uint32_t type,
			    const union hv_stats_object_identity *identity, struct partition **p)
{
	/* The area is the last byte in every form. */
	if (identity->hv.stats_area_type != HV_STATS_AREA_SELF)
		return HV_STATUS_INVALID_PARAMETER;
	/* The pages of a child's pool are not its own to look at. */
	if (!partition_is_root(caller))
		return HV_STATUS_ACCESS_DENIED;
	*p = find_partition(caller, type, identity);
	return *p ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARTITION_ID;
}

enum hv_status stats_map(struct partition *caller, uint32_t type,
			 const union hv_stats_object_identity *identity, uint64_t *page)
{
	struct object object;
	struct partition *p;
	enum hv_status status = begin(caller, type, identity, &p);

	if (status != HV_STATUS_SUCCESS)
		return status;
	lock_both(caller, p);
	status = find_object(p, type, identity, &object);
	if (status == HV_STATUS_SUCCESS)
		status = map_locked(caller, &object);
	if (status == HV_STATUS_SUCCESS)
		*page = gpa_of_page(&caller->gpa, virt_to_spa(*object.slot)) >> PAGE_SHIFT;
	unlock_both(caller, p);
	partition_put(p);
	return status;
}

/*
 * Close the page at *slot to `caller` and put it back into the pool. Holds caller->lock and the
 * stats lock.
 */
static void unmap_slot(struct partition *caller, uint64_t **slot, struct vp *vp)
{
	spa_t page = virt_to_spa(*slot);

	gpa_share_page(&caller->gpa, gpa_of_page(&caller->gpa, page), 0);
	gpa_sync();
	set_slot(slot, vp, NULL);
	page_pool_free(&caller->pool, page);
}

enum hv_status stats_unmap(struct partition *caller, uint32_t type,
			   const union hv_stats_object_identity *identity)
{
	struct object object;
	struct partition *p;
	enum hv_status status = begin(caller, type, identity, &p);

	if (status != HV_STATUS_SUCCESS)
		return status;
	lock_both(caller, p);
	status = find_object(p, type, identity, &object);
	if (status == HV_STATUS_SUCCESS && !*object.slot)
		status = HV_STATUS_NOT_FOUND;
	if (status == HV_STATUS_SUCCESS)
		unmap_slot(caller, object.slot, object.vp);
	unlock_both(caller, p);
	partition_put(p);
	return status;
}

static void unmap_if_mapped(struct partition *caller, uint64_t **slot, struct vp *vp)
{
	if (*slot)
		unmap_slot(caller, slot, vp);
}

void stats_release_vp(struct vp *vp)
{
	spin_lock(&stats_lock);
	unmap_if_mapped(vp->partition->parent, &vp->stats, vp);
	spin_unlock(&stats_lock);
}

void stats_release_partition(struct partition *p)
{
	spin_lock(&stats_lock);
	unmap_if_mapped(p->parent, &p->stats, NULL);
	spin_unlock(&stats_lock);
}

void stats_unmap_all(struct partition *root)
{
	spin_lock(&root->lock);
	spin_lock(&stats_lock);
	unmap_if_mapped(root, &hypervisor_stats, NULL);
	for (uint32_t i = 0; i < LPS_MAX; i++)
		unmap_if_mapped(root, &lp_stats[i], NULL);
	for (uint32_t i = 0; i < PARTITION_MAX_VPS; i++)
		if (root->vps[i])
			unmap_if_mapped(root, &root->vps[i]->stats, root->vps[i]);
	unmap_if_mapped(root, &root->stats, NULL);
	spin_unlock(&stats_lock);
	spin_unlock(&root->lock);
}

void stats_update_pool(struct partition *p)
{
	spin_lock(&stats_lock);
	fill_pool(p);
	spin_unlock(&stats_lock);
}

void stats_update_counts(struct partition *p)
{
	spin_lock(&stats_lock);
	if (hypervisor_stats)
		fill_partitions(hypervisor_stats);
	if (p->stats)
		count(p->stats, HV_COUNTER_PT_VIRTUAL_PROCESSORS, p->vp_count);
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

/* The pages about `p` and its VPs, mapped by the root. Holds the stats lock. */
static uint64_t check_pages(struct partition *root, struct integrity *i, const struct partition *p)
{
	uint64_t count = check_page(root, i, p->stats);

	for (uint32_t n = 0; n < PARTITION_MAX_VPS; n++)
		if (p->vps[n])
			count += check_page(root, i, p->vps[n]->stats);
	return count;
}

uint64_t stats_check(struct partition *root, struct integrity *i)
{
	struct partition *child;
	uint64_t count = 0, id = 0;

	if (!integrity_lock(i, &stats_lock, "the statistics' lock can be had"))
		return 0;
	count += check_page(root, i, hypervisor_stats);
	for (uint32_t n = 0; n < LPS_MAX; n++)
		count += check_page(root, i, lp_stats[n]);
	count += check_pages(root, i, root);
	while ((child = partition_next_child(root, id)) != NULL) {
		id = child->id;
		count += check_pages(root, i, child);
		partition_put(child);
	}
	spin_unlock(&stats_lock);
	return count;
}
