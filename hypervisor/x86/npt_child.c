// SPDX-License-Identifier: Apache-2.0
/* The nested page tables of children. */
#include "partition/gpa_map.h"

#include "core/machine.h"
#include "core/panic.h"
#include "partition/frame.h"
#include "partition/page_pool.h"
#include "x86/npt.h"
#include "x86/npt_table.h"

#define LARGE_LEVEL 2u

/* Overlays: their places, and the entries they cover. */
struct overlay {
	gpa_t place; /* the address and OVERLAY_USED, or 0 */
	uint64_t below;
};

#define OVERLAY_USED      1u
#define OVERLAYS_PER_PAGE 255u

struct overlay_page {
	struct overlay_page *next;
	struct overlay overlay[OVERLAYS_PER_PAGE];
};

_Static_assert(sizeof(struct overlay_page) <= PAGE_SIZE, "a page");

/* The overlay at `place`, or with 0 a free one; NULL if there is none. */
static struct overlay *overlay_find(const struct gpa_space *space, gpa_t place)
{
	for (struct overlay_page *page = space->overlays; page; page = page->next)
		for (unsigned int i = 0; i < OVERLAYS_PER_PAGE; i++)
			if (page->overlay[i].place == place)
				return &page->overlay[i];
	return NULL;
}

static struct overlay *overlay_alloc(struct gpa_space *space)
{
	struct overlay *free = overlay_find(space, 0);
	struct overlay_page *page;
	spa_t fresh;

	if (free)
		return free;
	if (!page_pool_alloc(space->pool, &fresh))
		return NULL;
	page = spa_to_virt(fresh);
	page->next = space->overlays;
	space->overlays = page;
	return &page->overlay[0];
}

/* Where what the parent maps at `gpa` stands: in *entry, or below an overlay. */
static uint64_t *parents_entry(const struct gpa_space *space, gpa_t gpa, uint64_t *entry)
{
	struct overlay *overlay;

	if (!(*entry & PTE_OVERLAY))
		return entry;
	overlay = overlay_find(space, gpa | OVERLAY_USED);
	ASSERT(overlay);
	return &overlay->below;
}

bool gpa_space_create(struct gpa_space *space, struct page_pool *pool)
{
	if (!npt_init(space, pool, machine_physical_bits(), LARGE_LEVEL))
		return false;
	space->one_to_one = false;
	return true;
}

/* The memory of `entry`, of a table of `level`, is not mapped here any more. */
static void release(uint64_t entry, unsigned int level)
{
	if ((entry & (PTE_PRESENT | PTE_MEMORY)) == (PTE_PRESENT | PTE_MEMORY))
		frame_unmap(entry & PTE_ADDRESS, level == LARGE_LEVEL ? GPA_LARGE_PAGES : 1);
}

/* Free the tables below the topmost that end at `end`, all their entries being done with. `level`
 * is that of the entry in front of it. */
static void free_tables(struct gpa_space *space, gpa_t end, unsigned int level)
{
	for (; level < TOP_LEVEL && IS_ALIGNED(end, level_size(level + 1)); level++) {
		uint64_t *table = spa_to_virt(space->table);
		uint64_t *entry;

		for (unsigned int l = TOP_LEVEL;; l--) {
			entry = &table[level_index(end - 1, l)];
			if (l == level + 1)
				break;
			table = spa_to_virt(*entry & PTE_ADDRESS);
		}
		page_pool_free(space->pool, *entry & PTE_ADDRESS);
		*entry = 0;
	}
}

/* What an entry costs of the budget: frames are counted one by one. */
static uint32_t release_cost(uint64_t entry, unsigned int level)
{
	return level == LARGE_LEVEL && (entry & PTE_PRESENT) ? GPA_LARGE_PAGES / 4 : 1;
}

bool gpa_space_destroy(struct gpa_space *space, uint32_t budget)
{
	/* Up to the end of the last table. */
	gpa_t end = ALIGN_UP(space->limit, level_size(TOP_LEVEL));

	while (space->cursor < end) {
		unsigned int level;
		uint64_t *entry = npt_walk(space, space->cursor, &level);
		uint32_t cost = release_cost(*entry, level);

		if (budget < cost)
			return false;
		budget -= cost;
		release(*parents_entry(space, space->cursor, entry), level);
		*entry = 0;
		space->cursor = ALIGN_DOWN(space->cursor, level_size(level)) + level_size(level);
		free_tables(space, space->cursor, level);
	}
	while (space->overlays) {
		struct overlay_page *page = space->overlays;

		space->overlays = page->next;
		page_pool_free(space->pool, virt_to_spa(page));
	}
	/* A space that was never made has no end. */
	if (space->limit != 0)
		page_pool_free(space->pool, space->table);
	space->limit = 0;
	return true;
}

void gpa_change_begin(struct gpa_change *change, struct gpa_space *space)
{
	*change = (struct gpa_change){.space = space};
}

static void touch(struct gpa_change *change, gpa_t gpa)
{
	if (!change->touched || gpa < change->first)
		change->first = gpa;
	if (!change->touched || gpa > change->last)
		change->last = gpa;
	change->touched = true;
}

/* Processors may be in `table`, which is not part of the space any more. */
static void discard(struct gpa_change *change, spa_t table)
{
	ASSERT(change->table_count < GPA_CHANGE_TABLES);
	change->tables[change->table_count++] = table;
	change->flush = true;
}

/* If every entry of the table of `level` around `gpa` says the same, and that is nothing or no
 * access, the table is not needed to say it. */
static void collapse(struct gpa_change *change, gpa_t gpa, unsigned int level)
{
	uint64_t *table = spa_to_virt(change->space->table);
	uint64_t *entry;
	spa_t page;

	for (unsigned int l = TOP_LEVEL;; l--) {
		entry = &table[level_index(gpa, l)];
		if (*entry == 0 || is_leaf(*entry, l))
			return;
		page = *entry & PTE_ADDRESS;
		table = spa_to_virt(page);
		if (l == level + 1)
			break;
	}
	if (table[0] != 0 && table[0] != forbidden_bits(level))
		return;
	for (unsigned int i = 1; i < TABLE_ENTRIES; i++)
		if (table[i] != table[0])
			return;
	__atomic_store_n(entry, table[0] == 0 ? 0 : forbidden_bits(level + 1), __ATOMIC_RELEASE);
	discard(change, page);
}

void gpa_change_end(struct gpa_change *change)
{
	struct gpa_space *space = change->space;

	for (unsigned int level = 1; change->touched && level < TOP_LEVEL; level++) {
		uint64_t size = level_size(level + 1);

		for (gpa_t at = ALIGN_DOWN(change->first, size); at <= change->last; at += size)
			collapse(change, at, level);
	}
	if (change->flush) {
		__atomic_store_n(&space->generation, space->generation + 1, __ATOMIC_RELEASE);
		gpa_sync();
	}
	for (uint32_t i = 0; i < change->table_count; i++)
		page_pool_free(space->pool, change->tables[i]);
}

/* Let the parent's part of *entry, of a table of `level` at `gpa`, be `value`. */
static void replace(struct gpa_change *change, gpa_t gpa, uint64_t *entry, unsigned int level,
		    uint64_t value)
{
	uint64_t *place = parents_entry(change->space, gpa, entry);
	uint64_t old = __atomic_exchange_n(place, value, __ATOMIC_ACQ_REL);

	release(old, level);
	if (old & PTE_PRESENT)
		change->flush = true;
}

static bool has_overlay(const uint64_t *table)
{
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
		if (table[i] & PTE_OVERLAY)
			return true;
	return false;
}

/* `value` of a small page in the middle of a large one. */
static uint64_t part_of(uint64_t value, unsigned int index)
{
	return value & PTE_PRESENT ? value + index * PAGE_SIZE : value;
}

/*
 * Let `value`, that of a small page, stand for all of the table that *entry leads to. It goes,
 * unless an overlay needs it.
 */
static void replace_table(struct gpa_change *change, gpa_t gpa, uint64_t *entry, uint64_t value)
{
	spa_t page = *entry & PTE_ADDRESS;
	uint64_t *table = spa_to_virt(page);

	if (has_overlay(table)) {
		for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
			replace(change, gpa + i * PAGE_SIZE, &table[i], 1, part_of(value, i));
		return;
	}
	__atomic_store_n(entry, value == 0 ? 0 : value | PTE_LARGE, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
		release(table[i], 1);
	discard(change, page);
}

/* Let `value`, written as for a small page, be what the parent maps at `gpa`. */
static bool put(struct gpa_change *change, gpa_t gpa, uint64_t value, bool large)
{
	unsigned int level = large ? LARGE_LEVEL : 1, found;
	uint64_t *entry = npt_walk(change->space, gpa, &found);

	touch(change, gpa);
	/* Most of what is emptied or forbidden is so already. */
	if (found >= level && !(value & PTE_PRESENT) &&
	    *entry == (value == 0 ? 0 : forbidden_bits(found)))
		return true;
	entry = npt_reach(change->space, gpa, level);
	if (!entry)
		return false;
	if (large && *entry != 0 && !is_leaf(*entry, level))
		replace_table(change, gpa, entry, value);
	else
		replace(change, gpa, entry, level, value != 0 && large ? value | PTE_LARGE : value);
	return true;
}

bool gpa_map(struct gpa_change *change, gpa_t gpa, const struct gpa_mapping *mapping)
{
	uint64_t value = mapping->page | PTE_PRESENT | PTE_USER;

	if (mapping->access & GPA_WRITE)
		value |= PTE_WRITE;
	if (!(mapping->access & GPA_EXECUTE))
		value |= PTE_NX;
	if (mapping->memory)
		value |= PTE_MEMORY;
	if (mapping->uncached)
		value |= PTE_CACHE_DISABLE | PTE_WRITE_THROUGH;
	return put(change, gpa, value, mapping->large);
}

bool gpa_forbid(struct gpa_change *change, gpa_t gpa, bool large)
{
	return put(change, gpa, PTE_FORBIDDEN, large);
}

bool gpa_unmap(struct gpa_change *change, gpa_t gpa, bool large)
{
	return put(change, gpa, 0, large);
}

/* The bits of an entry for GPA_STATE_ bits, and back. */
static uint64_t state_bits(unsigned int state)
{
	return (state & GPA_STATE_ACCESSED ? PTE_ACCESSED : 0) |
	       (state & GPA_STATE_DIRTY ? PTE_DIRTY : 0);
}

static unsigned int state_of(uint64_t entry)
{
	if (!(entry & PTE_PRESENT))
		return 0;
	return (entry & PTE_ACCESSED ? GPA_STATE_ACCESSED : 0) |
	       (entry & PTE_DIRTY ? GPA_STATE_DIRTY : 0);
}

bool gpa_access_state(struct gpa_change *change, gpa_t gpa, unsigned int clear, unsigned int set,
		      uint8_t *state)
{
	unsigned int level;
	uint64_t *entry = npt_walk(change->space, gpa, &level);
	uint64_t *place = parents_entry(change->space, gpa, entry);
	uint64_t old = __atomic_load_n(place, __ATOMIC_RELAXED);
	uint64_t wanted = (old & ~state_bits(clear)) | state_bits(set);

	*state = (uint8_t)state_of(old);
	if (!(old & PTE_PRESENT) || wanted == old)
		return true;
	if (level > 1) {
		place = npt_reach(change->space, gpa, 1);
		if (!place)
			return false;
	}
	/* Processors mark pages meanwhile; what they have cached as marked they do not mark again.
	 */
	*state = (uint8_t)state_of(__atomic_fetch_and(place, ~state_bits(clear), __ATOMIC_ACQ_REL));
	__atomic_fetch_or(place, state_bits(set), __ATOMIC_ACQ_REL);
	if (clear != 0)
		change->flush = true;
	return true;
}

enum gpa_kind gpa_lookup(const struct gpa_space *space, gpa_t gpa, unsigned int access)
{
	unsigned int level;
	uint64_t entry;

	if (gpa >= space->limit)
		return GPA_UNMAPPED;
	entry = __atomic_load_n(npt_walk(space, gpa, &level), __ATOMIC_RELAXED);
	if (entry == 0)
		return GPA_UNMAPPED;
	if (!(entry & PTE_PRESENT))
		return GPA_NO_ACCESS;
	if (((access & GPA_WRITE) && !(entry & PTE_WRITE)) ||
	    ((access & GPA_EXECUTE) && (entry & PTE_NX)))
		return GPA_VIOLATION;
	return GPA_OK;
}

bool gpa_is_overlay(const struct gpa_space *space, gpa_t gpa)
{
	unsigned int level;

	return gpa < space->limit &&
	       (__atomic_load_n(npt_walk(space, gpa, &level), __ATOMIC_RELAXED) & PTE_OVERLAY);
}

bool gpa_overlay_map(struct gpa_space *space, gpa_t gpa, spa_t page, bool writable)
{
	uint64_t value = page | PTE_PRESENT | PTE_USER | PTE_OVERLAY;
	struct overlay *overlay;
	struct gpa_change change;
	uint64_t *entry;

	gpa = ALIGN_DOWN(gpa, PAGE_SIZE);
	if (gpa >= space->limit || overlay_find(space, gpa | OVERLAY_USED))
		return false;
	overlay = overlay_alloc(space);
	entry = overlay ? npt_reach(space, gpa, 1) : NULL;
	if (!entry)
		return false;
	gpa_change_begin(&change, space);
	overlay->place = gpa | OVERLAY_USED;
	overlay->below = __atomic_exchange_n(entry, value | (writable ? PTE_WRITE | PTE_NX : 0),
					     __ATOMIC_ACQ_REL);
	change.flush = overlay->below & PTE_PRESENT;
	gpa_change_end(&change);
	return true;
}

void gpa_overlay_unmap(struct gpa_space *space, gpa_t gpa)
{
	struct overlay *overlay;
	struct gpa_change change;
	unsigned int level;

	gpa = ALIGN_DOWN(gpa, PAGE_SIZE);
	overlay = overlay_find(space, gpa | OVERLAY_USED);
	if (!overlay)
		return;
	gpa_change_begin(&change, space);
	touch(&change, gpa);
	__atomic_store_n(npt_walk(space, gpa, &level), overlay->below, __ATOMIC_RELEASE);
	*overlay = (struct overlay){0};
	change.flush = true;
	gpa_change_end(&change);
}
