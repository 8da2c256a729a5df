// SPDX-License-Identifier: Apache-2.0
/* Names of partitions, and what happens to deposits when an operating system leaves. */
#include "test.h"

#include "fake.h"

#include "abi/hv/hypercall.h"
#include "abi/hv/stats.h"

static int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static void test_get(void **state)
{
	uint32_t references = fake.root.references;

	(void)state;
	assert_ptr_equal(partition_get(&fake.root, PARTITION_ID_ROOT), &fake.root);
	assert_ptr_equal(partition_get(&fake.root, HV_PARTITION_ID_SELF), &fake.root);
	assert_int_equal(fake.root.references, references + 2);
	partition_put(&fake.root);
	partition_put(&fake.root);
	assert_null(partition_get(&fake.root, HV_PARTITION_ID_INVALID));
	assert_null(partition_get(&fake.root, 2));
	assert_null(partition_get(&fake.root, UINT64_MAX - 1));
	/* Where the root stands in the table. */
	assert_null(partition_get(&fake.root, PARTITION_ID_ROOT + PARTITIONS_MAX));
	assert_int_equal(fake.root.references, references);
	assert_null(partition_get_child(&fake.root, HV_PARTITION_ID_SELF));
	assert_null(partition_get_child(&fake.root, PARTITION_ID_ROOT));
	assert_int_equal(fake.root.references, references);
}

static void map(uint32_t type, uint64_t id, uint32_t vp)
{
	const struct hv_input_stats_page input = {
		.type = type, .identity.vp = {.partition_id = id, .vp_index = vp}};

	assert_int_equal(fake_call(HVCALL_MAP_STATS_PAGE, &input, sizeof(input)), 0);
}

static void test_return_deposits(void **state)
{
	static const uint8_t zeros[PAGE_SIZE];

	(void)state;
	fake.lp_count = 2;
	fake_deposit(FAKE_FREE, 8);
	map(HV_STATS_OBJECT_HYPERVISOR, 0, 0);
	map(HV_STATS_OBJECT_LOGICAL_PROCESSOR, 1, 0);
	map(HV_STATS_OBJECT_PARTITION, PARTITION_ID_ROOT, 0);
	map(HV_STATS_OBJECT_VP, PARTITION_ID_ROOT, 0);
	assert_int_equal(fake.root.pool.used_count, 4);

	partition_return_deposits(&fake.root);
	assert_int_equal(fake.root.pool.used_count, 0);
	assert_int_equal(fake.root.pool.free_count, 0);
	for (unsigned int i = 0; i < FAKE_PAGES; i++)
		assert_false(fake.page[i].revoked);
	for (unsigned int i = FAKE_FREE; i < FAKE_FREE + 8; i++) {
		assert_int_equal(fake.page[i].access, GPA_READ | GPA_WRITE | GPA_EXECUTE);
		assert_memory_equal(fake_memory + i * PAGE_SIZE, zeros, PAGE_SIZE);
	}

	/* Nothing is left of it: the next operating system starts over, and leaves again. */
	fake_deposit(FAKE_FREE + 4, 1);
	map(HV_STATS_OBJECT_VP, PARTITION_ID_ROOT, 0);
	assert_int_equal(fake.page[FAKE_FREE + 4].access, GPA_READ);
	partition_return_deposits(&fake.root);
	partition_return_deposits(&fake.root);
	assert_false(fake.page[FAKE_FREE + 4].revoked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_get, setup),
		cmocka_unit_test_setup(test_return_deposits, setup),
	};

	return cmocka_run_group_tests_name("partition", tests, NULL, NULL);
}
