// SPDX-License-Identifier: Apache-2.0
#include "partition/page_pool.h"

#include "core/integrity.h"
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

/*
 * Check the page that `node` is in, which `before` leads to. Returns false if it cannot be
 * followed.
 */
static bool check_node(const struct list *node, const struct list *before, struct integrity *i,
		       bool (*belongs)(struct gpa_space *space, spa_t page),
		       struct gpa_space *space)
{
	const uint64_t address = (uint64_t)node;
	spa_t page;

	return integrity_expect(i, machine_memory_at(node, &page) && IS_ALIGNED(page, PAGE_SIZE),
				"a free list leads to pages of memory", address) &&
	       integrity_expect(i, belongs(space, page), "a free page belongs to its pool", page) &&
	       integrity_expect(i, node->prev == before, "a free list leads back as it leads on",
				page);
}

void page_pool_check(struct page_pool *pool, struct integrity *i,
		     bool (*belongs)(struct gpa_space *space, spa_t page), struct gpa_space *space)
{
	const struct list *before = &pool->free;
	uint64_t count = 0;

	if (!integrity_lock(i, &pool->lock, "a page pool's lock can be had"))
		return;
	for (const struct list *node = before->next; node != &pool->free; node = node->next) {
		if (count++ == pool->free_count || !check_node(node, before, i, belongs, space))
			break;
		before = node;
	}
	integrity_expect(i, count == pool->free_count, "a page pool counts its free pages", count);
	spin_unlock(&pool->lock);
}
