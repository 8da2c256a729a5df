// SPDX-License-Identifier: Apache-2.0
#include "partition/integrity.h"

#include "core/counter.h"
#include "core/machine.h"
#include "core/printk.h"
#include "partition/partition.h"
#include "partition/stats.h"
#include "partition/vp.h"
#include "synic/port.h"
#include "x86/vendor.h"

COUNTER(checks, "integrity.checks");
COUNTER(violations, "integrity.violations");

static uint64_t sealed;

/* A free page of the reserve is the hypervisor's, and out of the partition's reach. */
static bool belongs_to_reserve(struct gpa_space *space, spa_t page)
{
	return machine_owns(page, PAGE_SIZE) &&
	       !gpa_accessible(space, gpa_of_page(space, page), PAGE_SIZE, GPA_READ);
}

/* A free page of the root's pool was the root's, and it cannot see it any more. */
static bool belongs_to_pool(struct gpa_space *space, spa_t page)
{
	unsigned int access;

	return gpa_page_revoked(space, gpa_of_page(space, page), &access) && access == 0;
}

/* The VPs of `p`, as far as they are no processor's matter. Holds p->lock. */
static void check_vps(const struct partition *p, struct integrity *i)
{
	uint32_t count = 0;

	for (uint32_t n = 0; n < PARTITION_MAX_VPS; n++) {
		const struct vp *vp = p->vps[n];

		if (!vp)
			continue;
		count++;
		integrity_expect(i, vp->partition == p, "a VP belongs to its partition", n);
		integrity_expect(i, vp->index == n, "a VP knows its index", n);
	}
	integrity_expect(i, count == p->vp_count, "the partition knows how many VPs it has", count);
}

/* What children add to the root's account. */
struct children {
	uint64_t count;
	uint64_t given;  /* pages in their pools, free or used */
	uint64_t shared; /* state pages */
};

/* A state page of a child's VP: the root's once, and both may write it now. */
static uint64_t check_state_page(struct partition *root, struct integrity *i, const void *page)
{
	unsigned int access = 0;
	spa_t spa;

	if (!page)
		return 0;
	if (integrity_expect(i, machine_memory_at(page, &spa) && IS_ALIGNED(spa, PAGE_SIZE),
			     "a VP's state is in a page of memory", (uint64_t)page))
		integrity_expect(
			i,
			gpa_page_revoked(&root->gpa, gpa_of_page(&root->gpa, spa), &access) &&
				access == (GPA_READ | GPA_WRITE),
			"a state page is shared with the root", spa);
	return 1;
}

/* How many pages `pool` has in all. That changes with its partition's parent's lock held only. */
static uint64_t pool_size(struct page_pool *pool, struct integrity *i)
{
	uint64_t size = 0;

	if (integrity_lock(i, &pool->lock, "a page pool's lock can be had")) {
		size = pool->free_count + pool->used_count;
		spin_unlock(&pool->lock);
	}
	return size;
}

/* Holds root->lock: children, and their VPs, do not go away. */
static void check_child(struct partition *root, struct integrity *i, struct partition *child,
			struct children *sum)
{
	sum->count++;
	sum->given += pool_size(&child->pool, i);
	for (uint32_t n = 0; n < PARTITION_MAX_VPS; n++) {
		const struct vp *vp = partition_vp(child, n);

		if (vp)
			sum->shared += check_state_page(root, i, vp->register_page) +
				       check_state_page(root, i, vp->message_page);
	}
	page_pool_check(&child->pool, i, belongs_to_pool, &root->gpa);
	if (!integrity_lock(i, &child->lock, "a child partition's lock can be had"))
		return;
	integrity_expect(i, child->parent == root, "a child knows its parent", child->id);
	check_vps(child, i);
	if (child->state == PARTITION_INITIALIZED) {
		gpa_check_child(&child->gpa, &root->gpa, i);
		for (uint32_t n = 0; n < child->vp_limit; n++)
			if (child->vps[n])
				vendor_check_child_vp(child->vps[n], i);
	}
	spin_unlock(&child->lock);
}

static void check_children(struct partition *root, struct integrity *i, struct children *sum)
{
	struct partition *child;
	uint64_t id = 0;

	while ((child = partition_next_child(root, id)) != NULL) {
		id = child->id;
		check_child(root, i, child, sum);
		partition_put(child);
	}
}

/* Every page that the root gave away is in its pool or a child's, free or for what that pays for.
 * Holds root->lock. */
static void check_memory(struct partition *root, struct integrity *i)
{
	struct children children = {0};
	struct gpa_tally tally = {0};
	uint64_t shown;

	gpa_check(&root->gpa, i, &tally);
	check_children(root, i, &children);
	/* Ports come and go without the partition's lock, but this sum does not change. */
	integrity_expect(i, pool_size(&root->pool, i) + children.given == tally.revoked,
			 "what the root gave away is in a pool", tally.revoked);
	shown = stats_check(root, i);
	integrity_expect(i, shown + children.shared == tally.shared,
			 "only statistics and state pages are shown to the root", tally.shared);
	port_check(root, i, shown + children.count);
	page_pool_check(&root->pool, i, belongs_to_pool, &root->gpa);
	page_pool_check(root->gpa.pool, i, belongs_to_reserve, &root->gpa);
}

static void check(struct partition *root, struct integrity *i)
{
	if (!integrity_lock(i, &root->lock, "the root partition's lock can be had"))
		return;
	machine_check(i);
	/* Beyond this point the objects themselves are trusted to be where they should. */
	if (i->violations == 0) {
		check_vps(root, i);
		check_memory(root, i);
	}
	spin_unlock(&root->lock);
}

void integrity_check(struct partition *root, struct integrity *result)
{
	*result = (struct integrity){0};
	check(root, result);
	integrity_expect(result, result->checksum == sealed,
			 "what must not change is as it was when the root started",
			 result->checksum);
	counter_inc(&checks);
	if (result->violations == 0)
		return;
	if (counter_read(&violations) == 0)
		printk(LOG_ERROR, "integrity: it does not hold that %s (0x%lx); %lu violations",
		       result->first, result->place, result->violations);
	counter_inc(&violations);
}

void integrity_seal(struct partition *root)
{
	struct integrity i = {0};

	check(root, &i);
	sealed = i.checksum;
}

uint64_t integrity_sealed(void)
{
	return sealed;
}
