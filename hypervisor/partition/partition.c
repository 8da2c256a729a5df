// SPDX-License-Identifier: Apache-2.0
#include "partition/partition.h"

#include "abi/hv/hypercall.h"
#include "core/machine.h"
#include "core/panic.h"

/*
 * A partition stands where its number modulo the size of the table says, so that finding it takes
 * one look. Numbers are never used twice.
 */
static struct spinlock tree_lock;
static struct partition *partitions[PARTITIONS_MAX];
static uint64_t last_id;

static struct partition **place_of(uint64_t id)
{
	return &partitions[id % PARTITIONS_MAX];
}

void partition_plant(struct partition *root)
{
	for (uint32_t i = 0; i < PARTITIONS_MAX; i++)
		partitions[i] = NULL;
	root->id = PARTITION_ID_ROOT;
	root->state = PARTITION_INITIALIZED;
	root->references = 1;
	*place_of(root->id) = root;
	last_id = root->id;
}

bool partition_is_self(const struct partition *p, uint64_t id)
{
	return id == HV_PARTITION_ID_SELF || id == p->id;
}

static struct partition *take_reference(struct partition *p)
{
	__atomic_fetch_add(&p->references, 1, __ATOMIC_RELAXED);
	return p;
}

struct partition *partition_get(struct partition *caller, uint64_t id)
{
	struct partition *p;

	/* It executes, so it does not go away. */
	if (partition_is_self(caller, id))
		return take_reference(caller);
	spin_lock(&tree_lock);
	p = *place_of(id);
	if (p && p->id == id && p->parent == caller)
		take_reference(p);
	else
		p = NULL;
	spin_unlock(&tree_lock);
	return p;
}

struct partition *partition_get_child(struct partition *caller, uint64_t id)
{
	struct partition *p = partition_get(caller, id);

	if (p != caller)
		return p;
	partition_put(p);
	return NULL;
}

void partition_put(struct partition *p)
{
	if (__atomic_sub_fetch(&p->references, 1, __ATOMIC_ACQ_REL) == 0)
		page_pool_free(&p->parent->pool, virt_to_spa(p));
}

struct partition *partition_next_child(struct partition *parent, uint64_t id)
{
	struct partition *next = NULL;

	spin_lock(&tree_lock);
	for (uint32_t i = 0; i < PARTITIONS_MAX; i++) {
		struct partition *p = partitions[i];

		if (p && p->parent == parent && p->id > id && (!next || p->id < next->id))
			next = p;
	}
	if (next)
		take_reference(next);
	spin_unlock(&tree_lock);
	return next;
}

uint32_t partition_count(void)
{
	uint32_t count = 0;

	spin_lock(&tree_lock);
	for (uint32_t i = 0; i < PARTITIONS_MAX; i++)
		if (partitions[i])
			count++;
	spin_unlock(&tree_lock);
	return count;
}

uint64_t partition_vp_total(void)
{
	uint64_t total = 0;

	spin_lock(&tree_lock);
	for (uint32_t i = 0; i < PARTITIONS_MAX; i++)
		if (partitions[i])
			total += __atomic_load_n(&partitions[i]->vp_count, __ATOMIC_RELAXED);
	spin_unlock(&tree_lock);
	return total;
}

bool partition_name(struct partition *p)
{
	uint64_t id;

	spin_lock(&tree_lock);
	id = last_id + 1;
	while (*place_of(id) && id <= last_id + PARTITIONS_MAX)
		id++;
	if (*place_of(id)) {
		spin_unlock(&tree_lock);
		return false;
	}
	last_id = id;
	p->id = id;
	p->references = 1;
	*place_of(id) = p;
	spin_unlock(&tree_lock);
	return true;
}

void partition_unname(struct partition *p)
{
	ASSERT(p->parent && p->state == PARTITION_DELETED);
	spin_lock(&tree_lock);
	*place_of(p->id) = NULL;
	spin_unlock(&tree_lock);
	partition_put(p);
}

uint64_t partition_reference_time(const struct partition *p)
{
	return p->time_frozen ? p->frozen_time : machine_reference_time() + p->time_offset;
}

uint64_t partition_deadline(const struct partition *p, uint64_t time)
{
	return time == UINT64_MAX || p->time_frozen ? UINT64_MAX : time - p->time_offset;
}

enum hv_status partition_check_initialized(const struct partition *p)
{
	if (p->state == PARTITION_DELETED)
		return HV_STATUS_INVALID_PARTITION_ID;
	return p->state == PARTITION_INITIALIZED ? HV_STATUS_SUCCESS
						 : HV_STATUS_INVALID_PARTITION_STATE;
}
