// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "boot/efi_map.h"

#define SIZE 48u /* of a descriptor: newer firmware has longer ones */
#define WB   0x8u
#define UC   0x1u
#define SP   0x40000u

static uint8_t map[32 * SIZE], out[34 * SIZE];
static uint32_t used;

static void add(uint32_t type, uint64_t start, uint64_t pages, uint64_t attributes)
{
	uint8_t *d = map + used;

	memset(d, 0, SIZE);
	memcpy(d, &type, 4);
	memcpy(d + 8, &start, 8);
	memcpy(d + 24, &pages, 8);
	memcpy(d + 32, &attributes, 8);
	memset(d + 40, 0xee, SIZE - 40);
	used += SIZE;
}

static int setup(void **state)
{
	(void)state;
	used = 0;
	memset(out, 0, sizeof(out));
	return 0;
}

static void expect_range(const struct memory_map *m, uint32_t i, spa_t start, spa_t end,
			 enum memory_type type)
{
	assert_int_equal(m->range[i].start, start);
	assert_int_equal(m->range[i].end, end);
	assert_int_equal(m->range[i].type, type);
}

static void expect_descriptor(uint32_t i, uint32_t type, uint64_t start, uint64_t pages)
{
	uint64_t quad;
	uint32_t word;

	memcpy(&word, out + i * SIZE, 4);
	assert_int_equal(word, type);
	memcpy(&quad, out + i * SIZE + 8, 8);
	assert_int_equal(quad, start);
	memcpy(&quad, out + i * SIZE + 24, 8);
	assert_int_equal(quad, pages);
}

static void test_types(void **state)
{
	struct memory_map m = {0};

	(void)state;
	add(7, 0, 0x80, WB | UC);         /* conventional */
	add(3, 0x80000, 0x10, WB);        /* boot services: free by now */
	add(2, 0x90000, 0x10, WB);        /* the loader's: free once we have read it */
	add(6, 0x100000, 0x10, WB);       /* run time services' data */
	add(5, 0x110000, 0x10, WB);       /* and code */
	add(9, 0x120000, 0x10, WB);       /* ACPI tables */
	add(10, 0x130000, 0x10, WB);      /* ACPI non-volatile storage */
	add(8, 0x140000, 0x10, WB);       /* broken */
	add(11, 0xe0000000, 0x10000, UC); /* devices at run time */
	add(7, 0x200000, 0x100, UC);      /* memory that cannot be cached is none for Linux */
	add(7, 0x300000, 0x100, WB | SP); /* meant for something else */
	add(14, 0x400000, 0x100, WB);     /* persistent */
	add(0x80000001, 0x500000, 0x100, WB);
	assert_true(efi_map_read(&m, map, used, SIZE));
	assert_int_equal(m.count, 7);
	expect_range(&m, 0, 0, 0xa0000, MEMORY_RAM);
	expect_range(&m, 1, 0x100000, 0x120000, MEMORY_RESERVED);
	expect_range(&m, 2, 0x120000, 0x130000, MEMORY_ACPI);
	expect_range(&m, 3, 0x130000, 0x140000, MEMORY_NVS);
	expect_range(&m, 4, 0x140000, 0x150000, MEMORY_UNUSABLE);
	expect_range(&m, 5, 0x200000, 0x600000, MEMORY_RESERVED);
	expect_range(&m, 6, 0xe0000000, 0xf0000000, MEMORY_RESERVED);
}

static void test_nonsense_is_no_memory(void **state)
{
	struct memory_map m = {0};

	(void)state;
	add(7, 0x1000, UINT64_MAX, WB);
	add(7, UINT64_MAX - 10, 1, WB);
	add(7, UINT64_MAX & ~0xfffUL, 1, WB);
	add(7, 0x5000, 0, WB);
	add(7, 0x5800, 1, WB);
	assert_true(efi_map_read(&m, map, used, SIZE));
	assert_int_equal(m.count, 0);
	/* A piece of a descriptor at the end is none. */
	add(7, 0x10000, 1, WB);
	assert_true(efi_map_read(&m, map, used - 1, SIZE));
	assert_int_equal(m.count, 0);
	assert_true(efi_map_read(&m, map, SIZE - 1, SIZE));
	assert_int_equal(m.count, 0);
}

static void test_too_many_ranges(void **state)
{
	static uint8_t long_map[(MEMORY_MAP_MAX + 1) * SIZE];
	struct memory_map m = {0};

	(void)state;
	for (uint32_t i = 0; i <= MEMORY_MAP_MAX; i++) {
		used = 0;
		add(7, i * 0x2000UL, 1, WB);
		memcpy(long_map + i * SIZE, map, SIZE);
	}
	assert_true(efi_map_read(&m, long_map, MEMORY_MAP_MAX * SIZE, SIZE));
	m.count = 0;
	assert_false(efi_map_read(&m, long_map, sizeof(long_map), SIZE));
}

/* From the middle of one descriptor over others into the middle of the last. */
static void test_reserve(void **state)
{
	(void)state;
	add(7, 0, 0x10, WB);
	add(7, 0x10000, 0x10, WB);
	add(4, 0x20000, 0x10, WB);
	add(7, 0x30000, 0x10, WB);
	add(6, 0x40000, 0x10, WB);
	assert_int_equal(efi_map_reserve(out, sizeof(out), map, used, SIZE, 0x18000, 0x38000),
			 5 * SIZE);
	expect_descriptor(0, 7, 0, 0x10);
	expect_descriptor(1, 7, 0x10000, 8);
	expect_descriptor(2, 0, 0x18000, 0x20);
	expect_descriptor(3, 7, 0x38000, 8);
	expect_descriptor(4, 6, 0x40000, 0x10);
	/* What newer versions added stays. */
	assert_int_equal(out[47], 0xee);
}

static void test_reserve_inside(void **state)
{
	(void)state;
	add(7, 0x10000, 0x30, WB);
	assert_int_equal(efi_map_reserve(out, 3 * SIZE, map, used, SIZE, 0x20000, 0x21000),
			 3 * SIZE);
	expect_descriptor(0, 7, 0x10000, 0x10);
	expect_descriptor(1, 0, 0x20000, 1);
	expect_descriptor(2, 7, 0x21000, 0x1f);
	assert_int_equal(efi_map_reserve(out, 3 * SIZE - 1, map, used, SIZE, 0x20000, 0x21000), 0);
	assert_int_equal(efi_map_reserve(out, SIZE, map, used, SIZE, 0x10000, 0x40000), SIZE);
	expect_descriptor(0, 0, 0x10000, 0x30);
}

/* Firmware that describes memory twice, or not at all, still leaves one reserved range. */
static void test_reserve_odd_maps(void **state)
{
	(void)state;
	add(7, 0x10000, 0x10, WB);
	add(7, 0x10000, 0x10, WB);
	assert_int_equal(efi_map_reserve(out, sizeof(out), map, used, SIZE, 0x14000, 0x15000),
			 5 * SIZE);
	expect_descriptor(0, 7, 0x10000, 4);
	expect_descriptor(1, 0, 0x14000, 1);
	expect_descriptor(2, 7, 0x15000, 0xb);
	expect_descriptor(3, 7, 0x10000, 4);
	expect_descriptor(4, 7, 0x15000, 0xb);
	assert_int_equal(efi_map_reserve(out, sizeof(out), map, used, SIZE, 0x80000, 0x81000),
			 3 * SIZE);
	expect_descriptor(2, 0, 0x80000, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_types, setup),
		cmocka_unit_test_setup(test_nonsense_is_no_memory, setup),
		cmocka_unit_test_setup(test_too_many_ranges, setup),
		cmocka_unit_test_setup(test_reserve, setup),
		cmocka_unit_test_setup(test_reserve_inside, setup),
		cmocka_unit_test_setup(test_reserve_odd_maps, setup),
	};

	return cmocka_run_group_tests_name("UEFI memory map", tests, NULL, NULL);
}
