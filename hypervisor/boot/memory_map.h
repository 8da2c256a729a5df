// SPDX-License-Identifier: Apache-2.0
/* The physical memory map: sorted, non-overlapping ranges with a type. */
#ifndef BOOT_MEMORY_MAP_H
#define BOOT_MEMORY_MAP_H

#include "core/types.h"

/* Types as ACPI's system address map interfaces number them (ACPI 6.5, 15.1). */
enum memory_type {
	MEMORY_RAM = 1,
	MEMORY_RESERVED = 2,
	MEMORY_ACPI = 3,
	MEMORY_NVS = 4,
	MEMORY_UNUSABLE = 5,
};

struct memory_range {
	spa_t start;
	spa_t end; /* exclusive */
	enum memory_type type;
};

#define MEMORY_MAP_MAX 128u

struct memory_map {
	uint32_t count;
	struct memory_range range[MEMORY_MAP_MAX];
};

/*
 * Give [start, end) the type `type`. Where ranges overlap the higher type number wins, so that RAM
 * never hides a reservation. Empty ranges are ignored. Returns false, the map unchanged, if it has
 * no room left.
 */
bool memory_map_add(struct memory_map *map, spa_t start, spa_t end, enum memory_type type);

/* True if all of [start, end) is of `type`. */
bool memory_map_is(const struct memory_map *map, spa_t start, spa_t end, enum memory_type type);

/* Bytes of RAM. */
uint64_t memory_map_ram(const struct memory_map *map);

/* The end of the highest range of RAM, 0 if there is none. */
spa_t memory_map_ram_end(const struct memory_map *map);

/*
 * The highest (or lowest) place for `size` bytes of RAM in [from, to), aligned to `align` (a power
 * of two), that touches none of the `avoid_count` ranges. Returns false if there is none.
 */
bool memory_map_find_high(const struct memory_map *map, uint64_t size, uint64_t align, spa_t from,
			  spa_t to, const struct memory_range *avoid, size_t avoid_count,
			  spa_t *place);
bool memory_map_find_low(const struct memory_map *map, uint64_t size, uint64_t align, spa_t from,
			 spa_t to, const struct memory_range *avoid, size_t avoid_count,
			 spa_t *place);

#endif
