// SPDX-License-Identifier: Apache-2.0
#include "partition/memory.h"

#include "abi/hv/memory.h"
#include "core/machine.h"
#include "core/string.h"
#include "partition/frame.h"
#include "partition/gpa_map.h"
#include "partition/partition.h"
#include "partition/stats.h"

/* Page numbers beyond this have no address. */
#define PAGE_NUMBER_MAX (UINT64_MAX >> PAGE_SHIFT)

/* Elements of a round: what gpa_change_begin() allows. */
#define ROUND_SMALL 64u
#define ROUND_LARGE 8u

static void lock_both(struct partition *owner, struct partition *target)
{
	spin_lock(&owner->lock);
	if (target != owner)
		spin_lock(&target->lock);
}

static void unlock_both(struct partition *owner, struct partition *target)
{
	if (target != owner)
		spin_unlock(&target->lock);
	spin_unlock(&owner->lock);
}

/*
 * True if each of `count` pages is the owner's to give away. Holds owner->lock.
 */
static bool all_owned(struct partition *owner, const uint64_t *numbers, uint32_t count)
{
	spa_t page;

	for (uint32_t i = 0; i < count; i++) {
		if (numbers[i] > PAGE_NUMBER_MAX ||
		    !gpa_owned_pages(&owner->gpa, numbers[i] << PAGE_SHIFT, 1, &page) ||
		    frame_mappings(page) != 0)
			return false;
	}
	return true;
}

/*
 * Take `count` pages out of the owner's space into `pages`. All or none: a page named twice is not
 * the owner's any more when its turn comes again, and tables may not be splittable for want of
 * memory. Holds owner->lock.
 */
static enum hv_status revoke_all(struct partition *owner, const uint64_t *numbers, spa_t *pages,
				 uint32_t count)
{
	enum hv_status status = HV_STATUS_SUCCESS;
	uint32_t done;

	for (done = 0; done < count; done++) {
		gpa_t gpa = numbers[done] << PAGE_SHIFT;

		if (!gpa_owned_pages(&owner->gpa, gpa, 1, &pages[done]) ||
		    !frame_take(pages[done])) {
			status = HV_STATUS_INVALID_PARAMETER;
			break;
		}
		if (!gpa_revoke_page(&owner->gpa, gpa)) {
			frame_return(pages[done]);
			status = HV_STATUS_INSUFFICIENT_MEMORY;
			break;
		}
	}
	if (status != HV_STATUS_SUCCESS) {
		while (done-- > 0) {
			gpa_restore_page(&owner->gpa, numbers[done] << PAGE_SHIFT);
			frame_return(pages[done]);
		}
	}
	gpa_sync();
	return status;
}

enum hv_status memory_deposit(struct partition *owner, struct partition *target,
			      const uint64_t *numbers, spa_t *pages, uint32_t count)
{
	enum hv_status status = HV_STATUS_INVALID_PARAMETER;

	if (!partition_is_root(owner))
		return HV_STATUS_ACCESS_DENIED;
	lock_both(owner, target);
	if (target->state == PARTITION_DELETED)
		status = HV_STATUS_INVALID_PARTITION_ID;
	else if (target->state >= PARTITION_FINALIZING)
		status = HV_STATUS_INVALID_PARTITION_STATE;
	else if (all_owned(owner, numbers, count))
		status = revoke_all(owner, numbers, pages, count);
	if (status == HV_STATUS_SUCCESS) {
		for (uint32_t i = 0; i < count; i++)
			page_pool_add(&target->pool, pages[i]);
		stats_update_pool(target);
	}
	unlock_both(owner, target);
	return status;
}

bool memory_take_back(struct partition *owner, struct page_pool *pool, gpa_t *gpa)
{
	spa_t page;

	if (!page_pool_remove(pool, &page))
		return false;
	memset(spa_to_virt(page), 0, PAGE_SIZE);
	*gpa = gpa_of_page(&owner->gpa, page);
	frame_return(page);
	gpa_restore_page(&owner->gpa, *gpa);
	return true;
}

uint32_t memory_withdraw(struct partition *owner, struct partition *target, uint64_t *numbers,
			 uint32_t count)
{
	uint32_t done = 0;
	gpa_t gpa;

	lock_both(owner, target);
	while (done < count && memory_take_back(owner, &target->pool, &gpa))
		numbers[done++] = gpa >> PAGE_SHIFT;
	stats_update_pool(target);
	unlock_both(owner, target);
	return done;
}

/* True if [base, base + count) of small or large pages, numbered in small ones, is within `space`
 * and aligned. */
static bool range_valid(const struct gpa_space *space, uint64_t base, uint32_t count, bool large)
{
	uint64_t unit = large ? GPA_LARGE_PAGES : 1;

	return base <= PAGE_NUMBER_MAX && base % unit == 0 &&
	       gpa_in_space(space, base << PAGE_SHIFT, count * unit * PAGE_SIZE);
}

/* True if `flags` are known and fit together, for a partition created with `creation` flags. */
static bool map_flags_valid(uint32_t flags, uint64_t creation)
{
	const uint32_t permissions = flags & HV_MAP_GPA_PERMISSIONS_MASK;
	const uint32_t execute = flags & HV_MAP_GPA_EXECUTABLE;

	if (flags & ~(HV_MAP_GPA_PERMISSIONS_MASK | HV_MAP_GPA_ADJUSTABLE | HV_MAP_GPA_NO_ACCESS |
		      HV_MAP_GPA_NOT_CACHED | HV_MAP_GPA_LARGE_PAGE))
		return false;
	if ((flags & HV_MAP_GPA_LARGE_PAGE) &&
	    (creation & HV_PARTITION_CREATION_FLAG_GPA_LARGE_PAGES_DISABLED))
		return false;
	if (flags & HV_MAP_GPA_NO_ACCESS)
		return permissions == 0;
	/* Nested tables have one bit for reading at all, and one for executing on any level. */
	return permissions == 0 || ((permissions & HV_MAP_GPA_READABLE) &&
				    (execute == 0 || execute == HV_MAP_GPA_EXECUTABLE));
}

/* The page that `number` of `parent` names, as `mapping` with its rights wants it. */
static bool find_source(struct partition *parent, uint64_t number, struct gpa_mapping *mapping)
{
	const uint32_t count = mapping->large ? GPA_LARGE_PAGES : 1;
	gpa_t gpa = number << PAGE_SHIFT;

	if (number > PAGE_NUMBER_MAX || number % count != 0)
		return false;
	mapping->memory = gpa_owned_pages(&parent->gpa, gpa, count, &mapping->page);
	return mapping->memory ||
	       (mapping->uncached && gpa_device_pages(&parent->gpa, gpa, count, &mapping->page));
}

/* Map one element. Holds both locks. */
static enum hv_status map_one(struct gpa_change *change, struct partition *parent, gpa_t gpa,
			      uint64_t number, struct gpa_mapping *mapping)
{
	const uint32_t count = mapping->large ? GPA_LARGE_PAGES : 1;

	if (mapping->access == 0)
		return gpa_forbid(change, gpa, mapping->large) ? HV_STATUS_SUCCESS
							       : HV_STATUS_INSUFFICIENT_MEMORY;
	if (!find_source(parent, number, mapping))
		return HV_STATUS_INVALID_PARAMETER;
	if (mapping->memory && !frame_map(mapping->page, count))
		return HV_STATUS_NO_RESOURCES;
	if (gpa_map(change, gpa, mapping))
		return HV_STATUS_SUCCESS;
	if (mapping->memory)
		frame_unmap(mapping->page, count);
	return HV_STATUS_INSUFFICIENT_MEMORY;
}

enum hv_status memory_map(struct partition *parent, struct partition *child, uint64_t base,
			  uint32_t flags, const uint64_t *sources, uint32_t count, uint32_t *done)
{
	struct gpa_mapping mapping = {
		.access = (flags & HV_MAP_GPA_READABLE ? GPA_READ : 0) |
			  (flags & HV_MAP_GPA_WRITABLE ? GPA_WRITE : 0) |
			  (flags & HV_MAP_GPA_EXECUTABLE ? GPA_EXECUTE : 0),
		.uncached = flags & HV_MAP_GPA_NOT_CACHED,
		.large = flags & HV_MAP_GPA_LARGE_PAGE,
	};
	const uint64_t step = mapping.large ? SIZE_2M : PAGE_SIZE;
	const uint32_t round = MIN(count, mapping.large ? ROUND_LARGE : ROUND_SMALL);
	struct gpa_change change;
	enum hv_status status;

	lock_both(parent, child);
	status = partition_check_initialized(child);
	if (status == HV_STATUS_SUCCESS && (!map_flags_valid(flags, child->flags) ||
					    !range_valid(&child->gpa, base, count, mapping.large)))
		status = HV_STATUS_INVALID_PARAMETER;
	gpa_change_begin(&change, &child->gpa);
	while (status == HV_STATUS_SUCCESS && *done < round) {
		status = map_one(&change, parent, (base << PAGE_SHIFT) + *done * step,
				 sources[*done], &mapping);
		if (status == HV_STATUS_SUCCESS)
			++*done;
	}
	gpa_change_end(&change);
	unlock_both(parent, child);
	return status;
}

enum hv_status memory_unmap(struct partition *parent, struct partition *child, uint64_t base,
			    uint32_t flags, uint32_t count, uint32_t *done)
{
	const bool large = flags & HV_UNMAP_GPA_LARGE_PAGE;
	const uint64_t step = large ? SIZE_2M : PAGE_SIZE;
	const uint32_t round = MIN(count, large ? ROUND_LARGE : ROUND_SMALL);
	enum hv_status status = HV_STATUS_SUCCESS;
	struct gpa_change change;

	lock_both(parent, child);
	if (child->state == PARTITION_DELETED)
		status = HV_STATUS_INVALID_PARTITION_ID;
	else if ((flags & ~HV_UNMAP_GPA_LARGE_PAGE) ||
		 (child->state == PARTITION_INITIALIZED &&
		  !range_valid(&child->gpa, base, count, large)))
		status = HV_STATUS_INVALID_PARAMETER;
	else if (child->state != PARTITION_INITIALIZED)
		*done = count; /* nothing is mapped */
	gpa_change_begin(&change, &child->gpa);
	while (status == HV_STATUS_SUCCESS && *done < round) {
		if (gpa_unmap(&change, (base << PAGE_SHIFT) + *done * step, large))
			++*done;
		else
			status = HV_STATUS_INSUFFICIENT_MEMORY;
	}
	gpa_change_end(&change);
	unlock_both(parent, child);
	return status;
}

enum hv_status memory_access_states(struct partition *parent, struct partition *child,
				    uint64_t base, uint64_t flags, uint8_t *states, uint32_t count,
				    uint32_t *done)
{
	const unsigned int clear = (flags & HV_GPA_ACCESS_STATE_CLEAR_ACCESSED ? GPA_STATE_ACCESSED
									       : 0) |
				   (flags & HV_GPA_ACCESS_STATE_CLEAR_DIRTY ? GPA_STATE_DIRTY : 0);
	const unsigned int set = (flags & HV_GPA_ACCESS_STATE_SET_ACCESSED ? GPA_STATE_ACCESSED
									   : 0) |
				 (flags & HV_GPA_ACCESS_STATE_SET_DIRTY ? GPA_STATE_DIRTY : 0);
	const uint32_t round = MIN(count, ROUND_SMALL);
	struct gpa_change change;
	enum hv_status status;

	lock_both(parent, child);
	status = partition_check_initialized(child);
	if (status == HV_STATUS_SUCCESS && ((flags & ~HV_GPA_ACCESS_STATE_MASK) || (clear & set) ||
					    !range_valid(&child->gpa, base, count, false)))
		status = HV_STATUS_INVALID_PARAMETER;
	gpa_change_begin(&change, &child->gpa);
	while (status == HV_STATUS_SUCCESS && *done < round) {
		if (gpa_access_state(&change, (base + *done) << PAGE_SHIFT, clear, set,
				     &states[*done]))
			++*done;
		else
			status = HV_STATUS_INSUFFICIENT_MEMORY;
	}
	gpa_change_end(&change);
	unlock_both(parent, child);
	return status;
}
