// SPDX-License-Identifier: Apache-2.0
/*
 * A partition's page pool: the pages its parent (for the root: the root itself, and at boot the
 * reserve) gave to the hypervisor to build that partition from. After boot nothing is allocated
 * from anywhere else.
 */
#ifndef PARTITION_PAGE_POOL_H
#define PARTITION_PAGE_POOL_H

#include "core/list.h"
#include "core/spinlock.h"
#include "core/types.h"

struct gpa_space;
struct integrity;

struct page_pool {
	struct spinlock lock;
	struct list free;    /* the links stand in the free pages themselves */
	uint64_t free_count; /* pages */
	uint64_t used_count; /* pages handed out by page_pool_alloc and not yet freed */
};

void page_pool_init(struct page_pool *pool);

/* Add the page at `page` (page aligned, owned by nobody else) to the pool. Takes pool->lock. */
void page_pool_add(struct page_pool *pool, spa_t page);

/*
 * Take a page off the free list for good, back to where it came from. Returns false if none is
 * free.
 */
bool page_pool_remove(struct page_pool *pool, spa_t *page);

/*
 * Hand out one zeroed page. Returns false, and changes nothing, if none is free. Takes pool->lock.
 */
bool page_pool_alloc(struct page_pool *pool, spa_t *page);

/* Give back a page of page_pool_alloc. Takes pool->lock. */
void page_pool_free(struct page_pool *pool, spa_t page);

/*
 * Check the free list (integrity.h): its links lead from page to page and back, `belongs` is true
 * of each, and there are as many as are counted. Takes pool->lock.
 */
void page_pool_check(struct page_pool *pool, struct integrity *i,
		     bool (*belongs)(struct gpa_space *space, spa_t page), struct gpa_space *space);

#endif
