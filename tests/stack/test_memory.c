// SPDX-License-Identifier: Apache-2.0
/* Where RAM lies, and who may touch what of it. */
#include "test.h"

#include "worker/layout.h"
#include "worker/memory.h"

static struct guest_memory memory;
static uint8_t bytes[4096];

static void small_machines_have_one_region(void **state)
{
	struct e820_entry map[E820_ENTRIES];
	unsigned int count;

	(void)state;
	memory_arrange(&memory, LOW_RAM_END);
	assert_int_equal(memory.count, 1);
	assert_true(memory_end(&memory) == LOW_RAM_END);
	count = memory_map(&memory, map);
	assert_int_equal(count, 4);
	for (unsigned int i = 1; i < count; i++)
		assert_true(map[i].address >= map[i - 1].address + map[i - 1].size);
	assert_true(map[count - 1].address + map[count - 1].size == LOW_RAM_END);
}

static void large_machines_go_on_above_4g(void **state)
{
	struct e820_entry map[E820_ENTRIES];

	(void)state;
	memory_arrange(&memory, LOW_RAM_END + PAGE_SIZE_2M);
	assert_int_equal(memory.count, 2);
	assert_true(memory.regions[0].size == LOW_RAM_END);
	assert_true(memory.regions[1].gpa == HIGH_RAM_START);
	assert_true(memory_end(&memory) == HIGH_RAM_START + PAGE_SIZE_2M);
	assert_int_equal(memory_map(&memory, map), 5);
	assert_true(map[4].address == HIGH_RAM_START && map[4].size == PAGE_SIZE_2M);
}

static void nothing_outside_is_reached(void **state)
{
	uint32_t value = 0x12345678;

	(void)state;
	memory = (struct guest_memory){
		.count = 2,
		.regions = {{0, 1024, bytes}, {HIGH_RAM_START, 1024, bytes + 2048}},
	};
	assert_ptr_equal(memory_at(&memory, 0, 1024), bytes);
	assert_ptr_equal(memory_at(&memory, 1023, 1), bytes + 1023);
	assert_null(memory_at(&memory, 1024, 0));
	assert_null(memory_at(&memory, 1023, 2));
	assert_null(memory_at(&memory, 0, UINT64_MAX));
	assert_null(memory_at(&memory, UINT64_MAX, 2));
	assert_ptr_equal(memory_at(&memory, HIGH_RAM_START + 4, 1020), bytes + 2052);
	assert_null(memory_at(&memory, HIGH_RAM_START - 1, 2));
	assert_true(memory_write(&memory, 1020, &value, sizeof(value)));
	assert_false(memory_write(&memory, 1021, &value, sizeof(value)));
	value = 0;
	assert_true(memory_read(&memory, 1020, &value, sizeof(value)));
	assert_int_equal(value, 0x12345678);
	assert_false(memory_read(&memory, 2048, &value, sizeof(value)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_machines_have_one_region),
		cmocka_unit_test(large_machines_go_on_above_4g),
		cmocka_unit_test(nothing_outside_is_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
