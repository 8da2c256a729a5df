// SPDX-License-Identifier: Apache-2.0
#include "partition/frame.h"

#include "core/panic.h"

/* A frame: the number of its mappings, or this. */
#define TAKEN 0x8000u

struct frame_range {
	spa_t start;
	spa_t end;
	uint16_t *frames;
};

static struct frame_range ranges[MEMORY_MAP_MAX];
static uint32_t range_count;

static spa_t first_page(const struct memory_range *r)
{
	return ALIGN_UP(r->start, PAGE_SIZE);
}

/* Whole pages of RAM in `r`. */
static uint64_t pages_of(const struct memory_range *r)
{
	spa_t end = ALIGN_DOWN(r->end, PAGE_SIZE);

	if (r->type != MEMORY_RAM || first_page(r) >= end)
		return 0;
	return (end - first_page(r)) / PAGE_SIZE;
}

uint64_t frame_table_pages(const struct memory_map *memory)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < memory->count; i++)
		pages += pages_of(&memory->range[i]);
	return ALIGN_UP(pages * sizeof(uint16_t), PAGE_SIZE) / PAGE_SIZE;
}

void frame_init(const struct memory_map *memory, void *table)
{
	uint16_t *next = table;

	range_count = 0;
	/* Most memory is in the highest ranges: look there first. */
	for (uint32_t i = memory->count; i-- > 0;) {
		const struct memory_range *r = &memory->range[i];
		uint64_t pages = pages_of(r);

		if (pages == 0)
			continue;
		ranges[range_count++] = (struct frame_range){
			first_page(r), first_page(r) + pages * PAGE_SIZE, next};
		next += pages;
	}
}

/* The frames of the `count` pages from `page` on, NULL if there are none or not for all. */
static uint16_t *find(spa_t page, uint64_t count)
{
	for (uint32_t i = 0; i < range_count; i++) {
		const struct frame_range *r = &ranges[i];

		if (page >= r->start && page < r->end)
			return count <= (r->end - page) / PAGE_SIZE
				       ? r->frames + (page - r->start) / PAGE_SIZE
				       : NULL;
	}
	return NULL;
}

static bool map_one(uint16_t *frame)
{
	uint16_t old = __atomic_load_n(frame, __ATOMIC_RELAXED);

	do {
		if (old >= FRAME_MAPPINGS_MAX)
			return false;
	} while (!__atomic_compare_exchange_n(frame, &old, (uint16_t)(old + 1), false,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	return true;
}

static void unmap_one(uint16_t *frame)
{
	uint16_t old = __atomic_fetch_sub(frame, 1, __ATOMIC_SEQ_CST);

	ASSERT(old != 0 && old <= FRAME_MAPPINGS_MAX);
}

bool frame_map(spa_t page, uint32_t count)
{
	uint16_t *frames = find(page, count);

	for (uint32_t i = 0; frames && i < count; i++) {
		if (map_one(&frames[i]))
			continue;
		while (i > 0)
			unmap_one(&frames[--i]);
		return false;
	}
	return frames != NULL;
}

void frame_unmap(spa_t page, uint32_t count)
{
	uint16_t *frames = find(page, count);

	ASSERT(frames);
	for (uint32_t i = 0; i < count; i++)
		unmap_one(&frames[i]);
}

bool frame_take(spa_t page)
{
	uint16_t *frame = find(page, 1);
	uint16_t expected = 0;

	return frame && __atomic_compare_exchange_n(frame, &expected, (uint16_t)TAKEN, false,
						    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

void frame_return(spa_t page)
{
	uint16_t *frame = find(page, 1);

	ASSERT(frame && *frame == TAKEN);
	__atomic_store_n(frame, 0, __ATOMIC_SEQ_CST);
}

uint32_t frame_mappings(spa_t page)
{
	const uint16_t *frame = find(page, 1);
	uint16_t value = frame ? __atomic_load_n(frame, __ATOMIC_RELAXED) : 0;

	return value == TAKEN ? 0 : value;
}
