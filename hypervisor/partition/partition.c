// SPDX-License-Identifier: Apache-2.0
#include "partition/partition.h"

#include "abi/hv/hypercall.h"
#include "core/machine.h"
#include "core/string.h"
#include "partition/stats.h"

struct partition *partition_find(struct partition *caller, uint64_t id)
{
	if (id == HV_PARTITION_ID_SELF || id == caller->id)
		return caller;
	return NULL;
}

bool partition_take_back(struct partition *owner, struct page_pool *pool, gpa_t *gpa)
{
	spa_t page;

	if (!page_pool_remove(pool, &page))
		return false;
	memset(spa_to_virt(page), 0, PAGE_SIZE);
	*gpa = gpa_of_page(&owner->gpa, page);
	gpa_restore_page(&owner->gpa, *gpa);
	return true;
}

void partition_return_deposits(struct partition *root)
{
	gpa_t gpa;

	stats_unmap_all(root);
	port_delete_all(root);
	spin_lock(&root->lock);
	while (partition_take_back(root, &root->pool, &gpa))
		;
	spin_unlock(&root->lock);
}
