// SPDX-License-Identifier: Apache-2.0
#include "boot/memory_map.h"

#include "core/string.h"

/* Append, joining with the range before where they touch and agree. */
static bool append(struct memory_map *map, spa_t start, spa_t end, enum memory_type type)
{
	if (start >= end)
		return true;
	if (map->count > 0) {
		struct memory_range *last = &map->range[map->count - 1];

		if (last->end == start && last->type == type) {
			last->end = end;
			return true;
		}
	}
	if (map->count == MEMORY_MAP_MAX)
		return false;
	map->range[map->count++] = (struct memory_range){start, end, type};
	return true;
}

bool memory_map_add(struct memory_map *map, spa_t start, spa_t end, enum memory_type type)
{
	struct memory_map merged = {0};
	spa_t at = start; /* [start, at) of the new range has been placed */

	if (start >= end)
		return true;
	for (uint32_t i = 0; i < map->count; i++) {
		struct memory_range old = map->range[i];
		spa_t low = MAX(old.start, start);
		spa_t high = MIN(old.end, end);

		if (low >= high) {
			/* Apart: the new range's rest goes before whatever lies behind it. */
			if (old.start >= end && at < end) {
				if (!append(&merged, at, end, type))
					return false;
				at = end;
			}
			if (!append(&merged, old.start, old.end, old.type))
				return false;
			continue;
		}
		if (!append(&merged, old.start, low, old.type) || !append(&merged, at, low, type) ||
		    !append(&merged, low, high, MAX(old.type, type)) ||
		    !append(&merged, high, old.end, old.type))
			return false;
		at = high;
	}
	if (!append(&merged, at, end, type))
		return false;
	*map = merged;
	return true;
}

bool memory_map_is(const struct memory_map *map, spa_t start, spa_t end, enum memory_type type)
{
	for (uint32_t i = 0; i < map->count && start < end; i++) {
		const struct memory_range *r = &map->range[i];

		if (r->start <= start && start < r->end) {
			if (r->type != type)
				return false;
			start = r->end;
		}
	}
	return start >= end;
}

uint64_t memory_map_ram(const struct memory_map *map)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < map->count; i++)
		if (map->range[i].type == MEMORY_RAM)
			sum += map->range[i].end - map->range[i].start;
	return sum;
}

spa_t memory_map_ram_end(const struct memory_map *map)
{
	spa_t end = 0;

	for (uint32_t i = 0; i < map->count; i++)
		if (map->range[i].type == MEMORY_RAM)
			end = map->range[i].end;
	return end;
}

/* The range to avoid that overlaps [start, start + size), or NULL. */
static const struct memory_range *conflict(spa_t start, uint64_t size,
					   const struct memory_range *avoid, size_t avoid_count)
{
	for (size_t i = 0; i < avoid_count; i++)
		if (avoid[i].start < start + size && start < avoid[i].end)
			return &avoid[i];
	return NULL;
}

bool memory_map_find_high(const struct memory_map *map, uint64_t size, uint64_t align, spa_t from,
			  spa_t to, const struct memory_range *avoid, size_t avoid_count,
			  spa_t *place)
{
	for (uint32_t i = map->count; i-- > 0;) {
		spa_t low = MAX(map->range[i].start, from);
		spa_t high = MIN(map->range[i].end, to);

		/* Each round moves `high` below a range to avoid, so this ends. */
		while (map->range[i].type == MEMORY_RAM && high > low && high - low >= size) {
			spa_t start = ALIGN_DOWN(high - size, align);
			const struct memory_range *hit;

			if (start < low)
				break;
			hit = conflict(start, size, avoid, avoid_count);
			if (!hit) {
				*place = start;
				return true;
			}
			high = hit->start;
		}
	}
	return false;
}

bool memory_map_find_low(const struct memory_map *map, uint64_t size, uint64_t align, spa_t from,
			 spa_t to, const struct memory_range *avoid, size_t avoid_count,
			 spa_t *place)
{
	for (uint32_t i = 0; i < map->count; i++) {
		spa_t low = MAX(map->range[i].start, from);
		spa_t high = MIN(map->range[i].end, to);

		while (map->range[i].type == MEMORY_RAM && low < high) {
			spa_t start = ALIGN_UP(low, align);
			const struct memory_range *hit;

			if (start < low || start >= high || high - start < size)
				break;
			hit = conflict(start, size, avoid, avoid_count);
			if (!hit) {
				*place = start;
				return true;
			}
			low = hit->end;
		}
	}
	return false;
}
