// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "boot/memory_map.h"

static void expect(const struct memory_map *map, const struct memory_range *ranges, uint32_t count)
{
	assert_int_equal(map->count, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(map->range[i].start, ranges[i].start);
		assert_int_equal(map->range[i].end, ranges[i].end);
		assert_int_equal(map->range[i].type, ranges[i].type);
	}
}

static void test_sorts_and_joins(void **state)
{
	struct memory_map map = {0};
	const struct memory_range expected[] = {{0x1000, 0x3000, MEMORY_RAM},
						{0x4000, 0x5000, MEMORY_ACPI},
						{0x8000, 0x9000, MEMORY_RAM}};

	(void)state;
	assert_true(memory_map_add(&map, 0x8000, 0x9000, MEMORY_RAM));
	assert_true(memory_map_add(&map, 0x1000, 0x2000, MEMORY_RAM));
	assert_true(memory_map_add(&map, 0x4000, 0x5000, MEMORY_ACPI));
	assert_true(memory_map_add(&map, 0x2000, 0x3000, MEMORY_RAM));
	assert_true(memory_map_add(&map, 0x6000, 0x6000, MEMORY_RAM));
	assert_true(memory_map_add(&map, 0x7000, 0x6000, MEMORY_RAM));
	expect(&map, expected, 3);
}

/* A reservation wins over RAM whichever comes first, and splits what it cuts through. */
static void test_overlap(void **state)
{
	const struct memory_range expected[] = {{0, 0x2000, MEMORY_RAM},
						{0x2000, 0x3000, MEMORY_RESERVED},
						{0x3000, 0x8000, MEMORY_RAM}};
	struct memory_map one = {0}, two = {0}, three = {0};

	(void)state;
	assert_true(memory_map_add(&one, 0, 0x8000, MEMORY_RAM));
	assert_true(memory_map_add(&one, 0x2000, 0x3000, MEMORY_RESERVED));
	expect(&one, expected, 3);
	assert_true(memory_map_add(&two, 0x2000, 0x3000, MEMORY_RESERVED));
	assert_true(memory_map_add(&two, 0, 0x8000, MEMORY_RAM));
	expect(&two, expected, 3);
	/* One new range over several old ones and the gaps between them. */
	assert_true(memory_map_add(&three, 0x1000, 0x2000, MEMORY_RAM));
	assert_true(memory_map_add(&three, 0x2000, 0x3000, MEMORY_RESERVED));
	assert_true(memory_map_add(&three, 0x5000, 0x6000, MEMORY_RAM));
	assert_true(memory_map_add(&three, 0, 0x8000, MEMORY_RAM));
	expect(&three, expected, 3);
}

static void test_full_map_is_unchanged(void **state)
{
	struct memory_map map = {0}, before;

	(void)state;
	for (uint64_t i = 0; i < MEMORY_MAP_MAX; i++)
		assert_true(memory_map_add(&map, i * 0x2000, i * 0x2000 + 0x1000, MEMORY_RAM));
	before = map;
	assert_false(memory_map_add(&map, 0x400, 0x800, MEMORY_RESERVED));
	assert_memory_equal(&map, &before, sizeof(map));
	assert_int_equal(memory_map_ram(&map), MEMORY_MAP_MAX * 0x1000);
	assert_int_equal(memory_map_ram_end(&map), (MEMORY_MAP_MAX - 1) * 0x2000 + 0x1000);
}

static void test_is(void **state)
{
	struct memory_map map = {0};

	(void)state;
	memory_map_add(&map, 0x1000, 0x3000, MEMORY_RAM);
	memory_map_add(&map, 0x3000, 0x4000, MEMORY_NVS);
	assert_true(memory_map_is(&map, 0x1000, 0x3000, MEMORY_RAM));
	assert_true(memory_map_is(&map, 0x1800, 0x2000, MEMORY_RAM));
	assert_false(memory_map_is(&map, 0x1000, 0x3001, MEMORY_RAM));
	assert_false(memory_map_is(&map, 0xfff, 0x2000, MEMORY_RAM));
	assert_true(memory_map_is(&map, 0x3000, 0x4000, MEMORY_NVS));
	assert_false(memory_map_is(&map, 0x3000, 0x4001, MEMORY_NVS));
}

static void test_find(void **state)
{
	const struct memory_range avoid[] = {{0x7000, 0x7800, MEMORY_RAM},
					     {0x4000, 0x4001, MEMORY_RAM}};
	struct memory_map map = {0};
	spa_t place = 1;

	(void)state;
	memory_map_add(&map, 0x1000, 0x9000, MEMORY_RAM);
	memory_map_add(&map, 0x2000, 0x3000, MEMORY_RESERVED);

	assert_true(memory_map_find_high(&map, 0x1000, 0x1000, 0, UINT64_MAX, NULL, 0, &place));
	assert_int_equal(place, 0x8000);
	assert_true(memory_map_find_high(&map, 0x1000, 0x1000, 0, 0x8800, avoid, 2, &place));
	assert_int_equal(place, 0x6000);
	/* Aligned down from 0x6800 is 0x4000, which is to be avoided; below that nothing is aligned
	 * and free. */
	assert_false(memory_map_find_high(&map, 0x2000, 0x4000, 0, 0x6800, avoid, 2, &place));
	assert_false(memory_map_find_high(&map, 0x7000, 0x1000, 0, UINT64_MAX, NULL, 0, &place));

	assert_true(memory_map_find_low(&map, 0x1000, 0x1000, 0, UINT64_MAX, NULL, 0, &place));
	assert_int_equal(place, 0x1000);
	assert_true(memory_map_find_low(&map, 0x2000, 0x1000, 0, UINT64_MAX, NULL, 0, &place));
	assert_int_equal(place, 0x3000);
	assert_true(memory_map_find_low(&map, 0x2000, 0x1000, 0, UINT64_MAX, avoid, 2, &place));
	assert_int_equal(place, 0x5000);
	assert_false(
		memory_map_find_low(&map, 0x2000, 0x4000, 0x4001, UINT64_MAX, avoid, 2, &place));
	assert_false(
		memory_map_find_low(&map, 0x1000, 0x1000, 0x8001, UINT64_MAX, NULL, 0, &place));
	assert_false(memory_map_find_low(&map, 0x1000, 0x1000, UINT64_MAX - 2, UINT64_MAX, NULL, 0,
					 &place));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorts_and_joins),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_full_map_is_unchanged),
		cmocka_unit_test(test_is),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests_name("memory_map", tests, NULL, NULL);
}
