// SPDX-License-Identifier: Apache-2.0
#include "partition/integrity.h"

#include "core/counter.h"
#include "core/machine.h"
#include "core/printk.h"
#include "partition/partition.h"
#include "partition/stats.h"
#include "partition/vp.h"
#include "synic/port.h"

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

/* The root's VPs, as far as they are no processor's matter. Holds root->lock. */
static void check_vps(const struct partition *root, struct integrity *i)
{
	uint32_t count = 0;

	for (uint32_t n = 0; n < PARTITION_MAX_VPS; n++) {
		const struct vp *vp = root->vps[n];

		if (!vp)
			continue;
		count++;
		integrity_expect(i, vp->partition == root, "a VP belongs to its partition", n);
		integrity_expect(i, vp->index == n, "a VP knows its index", n);
	}
	integrity_expect(i, count == root->vp_count, "the partition knows how many VPs it has",
			 count);
}

/* Every page that the root gave away is in its pool, free or for what its pool pays for. Holds
 * root->lock. */
static void check_memory(struct partition *root, struct integrity *i)
{
	struct gpa_tally tally = {0};
	uint64_t shown, given;

	gpa_check(&root->gpa, i, &tally);
	/* Ports come and go without the partition's lock, but this sum does not change. */
	if (integrity_lock(i, &root->pool.lock, "a page pool's lock can be had")) {
		given = root->pool.free_count + root->pool.used_count;
		spin_unlock(&root->pool.lock);
		integrity_expect(i, given == tally.revoked,
				 "what the root gave away is in its pool", tally.revoked);
	}
	shown = stats_check(root, i);
	integrity_expect(i, shown == tally.shared, "only statistics pages are shown to the root",
			 tally.shared);
	port_check(root, i, shown);
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
