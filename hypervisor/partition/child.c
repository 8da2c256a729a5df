// SPDX-License-Identifier: Apache-2.0
#include "partition/child.h"

#include "core/machine.h"
#include "core/printk.h"
#include "partition/cpuid_result.h"
#include "partition/gpa_map.h"
#include "partition/memory.h"
#include "partition/overlay.h"
#include "partition/partition.h"
#include "partition/rights.h"
#include "partition/state_page.h"
#include "partition/stats.h"
#include "partition/vp.h"

/* What a round of taking an address space apart may cost, in entries. */
#define FINALIZE_BUDGET 4096u

#define KNOWN_FLAGS                                                                            \
	(HV_PARTITION_CREATION_FLAG_SMT_ENABLED_GUEST |                                        \
	 HV_PARTITION_CREATION_FLAG_NESTED_VIRTUALIZATION_CAPABLE |                            \
	 HV_PARTITION_CREATION_FLAG_GPA_LARGE_PAGES_DISABLED |                                 \
	 HV_PARTITION_CREATION_FLAG_GPA_SUPER_PAGES_ENABLED |                                  \
	 HV_PARTITION_CREATION_FLAG_EXO_PARTITION | HV_PARTITION_CREATION_FLAG_LAPIC_ENABLED | \
	 HV_PARTITION_CREATION_FLAG_INTERCEPT_MESSAGE_PAGE_ENABLED |                           \
	 HV_PARTITION_CREATION_FLAG_X2APIC_CAPABLE)

/* Whatever its processors have, less what its creator does not want it to have. */
static void select_features(struct partition *p, const struct hv_input_create_partition *input)
{
	const uint64_t disabled[3] = {input->disabled_processor_features[0],
				      input->disabled_processor_features[1],
				      input->disabled_processor_xsave_features};

	p->disabled_features[0] = disabled[0];
	p->disabled_features[1] = disabled[1];
	p->disabled_xsave = disabled[2];
	p->xsave_states = machine_xsave_states(p->disabled_xsave);
	machine_select_features(disabled, p->cpuid_features);
}

enum hv_status partition_create(struct partition *creator,
				const struct hv_input_create_partition *input, uint64_t *id)
{
	struct partition *p;
	spa_t page;

	_Static_assert(sizeof(struct partition) <= PAGE_SIZE, "a partition is a page");
	/* A child's memory is its parent's: it has none to build partitions from. */
	if (!partition_is_root(creator))
		return HV_STATUS_PARTITION_TOO_DEEP;
	if ((input->flags & ~KNOWN_FLAGS) ||
	    !(input->flags & HV_PARTITION_CREATION_FLAG_EXO_PARTITION) ||
	    input->isolation_properties != 0)
		return HV_STATUS_INVALID_PARAMETER;
	/* So that whoever holds the lock finds a partition for each page that is one. */
	spin_lock(&creator->lock);
	if (!page_pool_alloc(&creator->pool, &page)) {
		spin_unlock(&creator->lock);
		return HV_STATUS_INSUFFICIENT_MEMORY;
	}
	p = spa_to_virt(page);
	p->parent = creator;
	p->state = PARTITION_CREATED;
	p->flags = input->flags;
	select_features(p, input);
	p->processors_per_socket = 1;
	p->time_offset = 0 - machine_reference_time();
	page_pool_init(&p->pool);
	rights_derive(p);
	if (!partition_name(p)) {
		page_pool_free(&creator->pool, page);
		spin_unlock(&creator->lock);
		return HV_STATUS_NO_RESOURCES;
	}
	*id = p->id;
	stats_update_counts(p);
	spin_unlock(&creator->lock);
	return HV_STATUS_SUCCESS;
}

/* What an initialized partition is made of: an address space, and the pages of its registers. */
static enum hv_status build(struct partition *p)
{
	if (!overlay_pages_alloc(p))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	if (gpa_space_create(&p->gpa, &p->pool))
		return HV_STATUS_SUCCESS;
	overlay_pages_free(p);
	return HV_STATUS_INSUFFICIENT_MEMORY;
}

enum hv_status partition_initialize(struct partition *p)
{
	enum hv_status status = HV_STATUS_SUCCESS;

	spin_lock(&p->lock);
	if (p->state == PARTITION_DELETED)
		status = HV_STATUS_INVALID_PARTITION_ID;
	else if (p->state != PARTITION_CREATED)
		status = HV_STATUS_INVALID_PARTITION_STATE;
	else
		status = build(p);
	if (status == HV_STATUS_SUCCESS) {
		rights_derive(p);
		p->state = PARTITION_INITIALIZED;
	}
	spin_unlock(&p->lock);
	return status;
}

void partition_remove_vp(struct vp *vp)
{
	struct partition *p = vp->partition;

	state_pages_unmap_all(vp);
	stats_release_vp(vp);
	__atomic_store_n(&p->vps[vp->index], NULL, __ATOMIC_RELEASE);
	p->vp_count--;
	port_forget_vp(vp);
	vp_destroy(vp);
}

/* True if a processor executes a VP of `p` or is about to. Holds p->lock. */
static bool is_dispatched(const struct partition *p)
{
	for (uint32_t i = 0; i < p->vp_limit; i++)
		if (p->vps[i] && vp_is_dispatched(p->vps[i]))
			return true;
	return false;
}

enum hv_status partition_delete_vp(struct partition *p, uint32_t index)
{
	enum hv_status status;

	spin_lock(&p->parent->lock);
	spin_lock(&p->lock);
	status = partition_check_initialized(p);
	if (status == HV_STATUS_SUCCESS && (index >= PARTITION_MAX_VPS || !p->vps[index]))
		status = HV_STATUS_INVALID_VP_INDEX;
	if (status == HV_STATUS_SUCCESS && is_dispatched(p))
		status = HV_STATUS_INVALID_VP_STATE;
	if (status == HV_STATUS_SUCCESS)
		partition_remove_vp(p->vps[index]);
	spin_unlock(&p->lock);
	spin_unlock(&p->parent->lock);
	return status;
}

/* Holds both locks. */
static enum hv_status finalize_locked(struct partition *p, bool *more)
{
	switch (p->state) {
	case PARTITION_DELETED:
		return HV_STATUS_INVALID_PARTITION_ID;
	case PARTITION_FINALIZED:
		return HV_STATUS_SUCCESS;
	case PARTITION_FINALIZING:
		break;
	default:
		if (is_dispatched(p))
			return HV_STATUS_INVALID_VP_STATE;
		p->state = PARTITION_FINALIZING;
		p->guest_os_id = 0;
		port_delete_all(p);
		for (uint32_t i = 0; i < p->vp_limit; i++)
			if (p->vps[i])
				partition_remove_vp(p->vps[i]);
		cpuid_results_free(p);
		port_delete_all(p);
		/* One that was never initialized has no space either. */
		if (p->gpa.limit != 0)
			overlay_pages_free(p);
		stats_release_partition(p);
	}
	*more = !gpa_space_destroy(&p->gpa, FINALIZE_BUDGET);
	if (!*more)
		p->state = PARTITION_FINALIZED;
	return HV_STATUS_SUCCESS;
}

enum hv_status partition_finalize(struct partition *p, bool *more)
{
	enum hv_status status;

	*more = false;
	spin_lock(&p->parent->lock);
	spin_lock(&p->lock);
	status = finalize_locked(p, more);
	spin_unlock(&p->lock);
	spin_unlock(&p->parent->lock);
	stats_update_counts(p);
	return status;
}

enum hv_status partition_delete(struct partition *p)
{
	enum hv_status status = HV_STATUS_SUCCESS;

	spin_lock(&p->parent->lock);
	spin_lock(&p->lock);
	if (p->state == PARTITION_DELETED)
		status = HV_STATUS_INVALID_PARTITION_ID;
	else if (p->state != PARTITION_CREATED && p->state != PARTITION_FINALIZED)
		status = HV_STATUS_INVALID_PARTITION_STATE;
	else if (p->pool.free_count + p->pool.used_count != 0)
		status = HV_STATUS_OBJECT_IN_USE;
	else
		p->state = PARTITION_DELETED;
	/* One that was never initialized may still have it. */
	if (status == HV_STATUS_SUCCESS)
		stats_release_partition(p);
	spin_unlock(&p->lock);
	spin_unlock(&p->parent->lock);
	if (status != HV_STATUS_SUCCESS)
		return status;
	partition_unname(p);
	stats_update_counts(p);
	return HV_STATUS_SUCCESS;
}

/* End `p`, and give its parent back what it deposited for it. */
static void end_child(struct partition *p)
{
	bool more = true;
	gpa_t gpa;

	while (more)
		if (partition_finalize(p, &more) != HV_STATUS_SUCCESS) {
			printk(LOG_ERROR, "partition %lu still runs and keeps its memory", p->id);
			return;
		}
	spin_lock(&p->parent->lock);
	while (memory_take_back(p->parent, &p->pool, &gpa))
		;
	spin_unlock(&p->parent->lock);
	stats_update_pool(p);
	partition_delete(p);
}

void partition_return_deposits(struct partition *root)
{
	uint64_t id = 0;
	struct partition *p;
	gpa_t gpa;

	while ((p = partition_next_child(root, id)) != NULL) {
		id = p->id;
		end_child(p);
		partition_put(p);
	}
	stats_unmap_all(root);
	port_delete_all(root);
	for (uint32_t i = 0; i < root->vp_limit; i++)
		if (partition_vp(root, i))
			synic_ring_reset(partition_vp(root, i));
	spin_lock(&root->lock);
	while (memory_take_back(root, &root->pool, &gpa))
		;
	spin_unlock(&root->lock);
	stats_update_pool(root);
}
