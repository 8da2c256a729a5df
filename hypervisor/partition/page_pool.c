// SPDX-License-Identifier: Apache-2.0
#include "partition/page_pool.h"

#include "core/machine.h"
#include "core/panic.h"
#include "core/string.h"

void page_pool_init(struct page_pool *pool)
{
	memset(pool, 0, sizeof(*pool));
	list_init(&pool->free);
}

/* Put `page` on the free list. Holds pool->lock. */
static void push(struct page_pool *pool, spa_t page)
{
	ASSERT(IS_ALIGNED(page, PAGE_SIZE));
	list_add(&pool->free, spa_to_virt(page));
	pool->free_count++;
}

/* Take a page off the free list. Returns false if there is none. Holds pool->lock. */
static bool pop(struct page_pool *pool, spa_t *page)
{
	struct list *node = pool->free.next;

	if (list_empty(&pool->free))
		return false;
	list_del(node);
	pool->free_count--;
	*page = virt_to_spa(node);
	return true;
}

void page_pool_add(struct page_pool *pool, spa_t page)
{
	spin_lock(&pool->lock);
	push(pool, page);
	spin_unlock(&pool->lock);
}

bool page_pool_remove(struct page_pool *pool, spa_t *page)
{
	bool found;

	spin_lock(&pool->lock);
	found = pop(pool, page);
	spin_unlock(&pool->lock);
	return found;
}

bool page_pool_alloc(struct page_pool *pool, spa_t *page)
{
	bool found;

	spin_lock(&pool->lock);
	found = pop(pool, page);
	if (found)
		pool->used_count++;
	spin_unlock(&pool->lock);
	if (found)
		memset(spa_to_virt(*page), 0, PAGE_SIZE);
	return found;
}

void page_pool_free(struct page_pool *pool, spa_t page)
{
	spin_lock(&pool->lock);
	ASSERT(pool->used_count > 0);
	pool->used_count--;
	push(pool, page);
	spin_unlock(&pool->lock);
}
