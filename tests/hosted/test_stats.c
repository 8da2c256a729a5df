// SPDX-License-Identifier: Apache-2.0
/* MAP_STATS_PAGE and UNMAP_STATS_PAGE. */
#include "test.h"

#include "fake.h"

#include "abi/hv/hypercall.h"
#include "abi/hv/memory.h"
#include "abi/hv/stats.h"

static struct fake_snapshot before;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static struct hv_input_stats_page hypervisor(void)
{
	return (struct hv_input_stats_page){.type = HV_STATS_OBJECT_HYPERVISOR};
}

static struct hv_input_stats_page lp(uint32_t index)
{
	return (struct hv_input_stats_page){.type = HV_STATS_OBJECT_LOGICAL_PROCESSOR,
					    .identity.lp.lp_index = index};
}

static struct hv_input_stats_page partition(uint64_t id)
{
	return (struct hv_input_stats_page){.type = HV_STATS_OBJECT_PARTITION,
					    .identity.partition.partition_id = id};
}

static struct hv_input_stats_page vp(uint64_t id, uint32_t index)
{
	return (struct hv_input_stats_page){.type = HV_STATS_OBJECT_VP,
					    .identity.vp = {.partition_id = id, .vp_index = index}};
}

static uint64_t map(struct hv_input_stats_page input)
{
	return fake_call(HVCALL_MAP_STATS_PAGE, &input, sizeof(input));
}

static uint64_t unmap(struct hv_input_stats_page input)
{
	return fake_call(HVCALL_UNMAP_STATS_PAGE, &input, sizeof(input));
}

/* Map, and give the page as its owner sees it. */
static const uint64_t *mapped(struct hv_input_stats_page input)
{
	uint64_t number;

	assert_int_equal(map(input), 0);
	memcpy(&number, fake_output(), sizeof(number));
	assert_in_range(number, FAKE_FREE, FAKE_PAGES - 1);
	assert_int_equal(fake.page[number].access, GPA_READ);
	return (const uint64_t *)(const void *)(fake_memory + number * PAGE_SIZE);
}

static void assert_map_refused(struct hv_input_stats_page input, enum hv_status status)
{
	fake_snapshot_take(&before);
	assert_int_equal(map(input), status);
	assert_true(fake_snapshot_same(&before));
	assert_int_equal(unmap(input), status);
	assert_true(fake_snapshot_same(&before));
}

/*
 * What Linux's driver does when it loads: asked without memory, each page costs one deposit of one
 * page.
 */
static void test_as_the_driver_loads(void **state)
{
	const struct hv_input_stats_page inputs[] = {hypervisor(), lp(0), partition(1), vp(1, 0)};

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(inputs); i++) {
		struct hv_input_stats_page parent = inputs[i];

		fake_snapshot_take(&before);
		assert_int_equal(map(inputs[i]), HV_STATUS_INSUFFICIENT_MEMORY);
		assert_true(fake_snapshot_same(&before));
		fake_deposit(FAKE_FREE + i, 1);
		mapped(inputs[i]);
		assert_int_equal(fake.root.pool.free_count, 0);
		assert_int_equal(fake.root.pool.used_count, i + 1);
		parent.identity.hv.stats_area_type = HV_STATS_AREA_PARENT;
		assert_map_refused(parent, HV_STATUS_INVALID_PARAMETER);
	}
	for (unsigned int i = ARRAY_SIZE(inputs); i-- > 0;)
		assert_int_equal(unmap(inputs[i]), 0);
	assert_int_equal(fake.root.pool.used_count, 0);
	assert_int_equal(fake.root.pool.free_count, ARRAY_SIZE(inputs));
}

static void test_contents(void **state)
{
	const uint64_t *page;

	(void)state;
	fake.lp_count = 3;
	fake_deposit(FAKE_FREE, 10);
	page = mapped(hypervisor());
	assert_int_equal(page[HV_COUNTER_HV_LOGICAL_PROCESSORS], 3);
	assert_int_equal(page[HV_COUNTER_HV_PARTITIONS], 1);
	assert_int_equal(page[HV_COUNTER_HV_VIRTUAL_PROCESSORS], 1);
	assert_int_equal(page[HV_COUNTER_HV_TOTAL_PAGES], 10);
	page = mapped(lp(2));
	assert_int_equal(page[HV_COUNTER_LP_ROOT_VP_INDEX], 2);
	page = mapped(partition(HV_PARTITION_ID_SELF));
	assert_int_equal(page[HV_COUNTER_PT_VIRTUAL_PROCESSORS], 1);
	assert_int_equal(page[HV_COUNTER_PT_PARTITION_ID], PARTITION_ID_ROOT);
	assert_int_equal(page[HV_COUNTER_PT_DEPOSITED_PAGES], 10);
	page = mapped(vp(HV_PARTITION_ID_SELF, 0));
	assert_int_equal(page[HV_COUNTER_VP_ROOT_DISPATCH_THREAD_BLOCKED], 0);
}

/* The pages that show the pool follow it. */
static void test_pool_is_kept_up_to_date(void **state)
{
	const struct hv_input_withdraw_memory withdraw = {.partition_id = HV_PARTITION_ID_SELF};
	const uint64_t deposit[] = {HV_PARTITION_ID_SELF, FAKE_FREE + 20, FAKE_FREE + 21};
	const uint64_t *own;
	const uint64_t *whole;

	(void)state;
	fake_deposit(FAKE_FREE, 4);
	own = mapped(partition(1));
	whole = mapped(hypervisor());
	assert_int_equal(own[HV_COUNTER_PT_DEPOSITED_PAGES], 4);
	assert_int_equal(fake_call(control_rep(HVCALL_DEPOSIT_MEMORY, 2), deposit, sizeof(deposit)),
			 2ull << 32);
	assert_int_equal(own[HV_COUNTER_PT_DEPOSITED_PAGES], 6);
	assert_int_equal(whole[HV_COUNTER_HV_TOTAL_PAGES], 6);
	assert_int_equal(
		fake_call(control_rep(HVCALL_WITHDRAW_MEMORY, 1), &withdraw, sizeof(withdraw)),
		1ull << 32);
	assert_int_equal(own[HV_COUNTER_PT_DEPOSITED_PAGES], 5);
	assert_int_equal(whole[HV_COUNTER_HV_TOTAL_PAGES], 5);
}

/* One page an object, whoever it is named by; another object has another page. */
static void test_keys(void **state)
{
	const uint64_t *pages[5];

	(void)state;
	fake.lp_count = 2;
	fake_deposit(FAKE_FREE, 5);
	pages[0] = mapped(hypervisor());
	pages[1] = mapped(lp(0));
	pages[2] = mapped(lp(1));
	pages[3] = mapped(partition(1));
	pages[4] = mapped(vp(1, 0));
	for (unsigned int i = 0; i < 5; i++)
		for (unsigned int j = 0; j < i; j++)
			assert_ptr_not_equal(pages[i], pages[j]);
	assert_ptr_equal(mapped(hypervisor()), pages[0]);
	assert_ptr_equal(mapped(partition(HV_PARTITION_ID_SELF)), pages[3]);
	assert_ptr_equal(mapped(vp(HV_PARTITION_ID_SELF, 0)), pages[4]);
	assert_int_equal(fake.root.pool.used_count, 5);
}

static void test_unmap(void **state)
{
	const uint64_t *page;

	(void)state;
	fake_deposit(FAKE_FREE, 1);
	assert_int_equal(unmap(hypervisor()), HV_STATUS_NOT_FOUND);
	page = mapped(hypervisor());
	assert_int_equal(unmap(hypervisor()), 0);
	/* The page is the pool's again and nobody else's. */
	assert_int_equal(fake.page[FAKE_FREE].access, 0);
	assert_true(fake.page[FAKE_FREE].revoked);
	assert_int_equal(fake.root.pool.free_count, 1);
	assert_int_equal(unmap(hypervisor()), HV_STATUS_NOT_FOUND);
	/* It serves the next one, with nothing left in it. */
	assert_ptr_equal(mapped(vp(1, 0)), page);
	assert_int_equal(page[HV_COUNTER_HV_LOGICAL_PROCESSORS], 0);
}

static void test_refusals(void **state)
{
	struct hv_input_stats_page input = hypervisor();

	(void)state;
	fake_deposit(FAKE_FREE, 5);
	input.type = 0;
	assert_map_refused(input, HV_STATUS_INVALID_PARAMETER);
	input.type = 0x00010003;
	assert_map_refused(input, HV_STATUS_INVALID_PARAMETER);
	assert_map_refused(lp(1), HV_STATUS_INVALID_LP_INDEX);
	assert_map_refused(lp(UINT32_MAX), HV_STATUS_INVALID_LP_INDEX);
	assert_map_refused(partition(0), HV_STATUS_INVALID_PARTITION_ID);
	assert_map_refused(partition(2), HV_STATUS_INVALID_PARTITION_ID);
	assert_map_refused(vp(2, 0), HV_STATUS_INVALID_PARTITION_ID);
	assert_map_refused(vp(1, 1), HV_STATUS_INVALID_VP_INDEX);
	assert_map_refused(vp(1, PARTITION_MAX_VPS), HV_STATUS_INVALID_VP_INDEX);
	assert_map_refused(vp(1, HV_VP_INDEX_SELF), HV_STATUS_INVALID_VP_INDEX);
	input = hypervisor();
	input.identity.hv.stats_area_type = 2;
	assert_map_refused(input, HV_STATUS_INVALID_PARAMETER);

	/* More processors than there are places for. */
	fake.lp_count = UINT32_MAX;
	assert_map_refused(lp(PARTITION_MAX_VPS), HV_STATUS_INVALID_LP_INDEX);
}

/* A child has no page to pay with that is its own to look at. */
static void test_children(void **state)
{
	static struct partition parent;

	(void)state;
	fake_deposit(FAKE_FREE, 2);
	fake.root.parent = &parent;
	assert_map_refused(hypervisor(), HV_STATUS_ACCESS_DENIED);
	assert_map_refused(lp(0), HV_STATUS_ACCESS_DENIED);
	assert_map_refused(lp(9), HV_STATUS_ACCESS_DENIED);
	assert_map_refused(partition(HV_PARTITION_ID_SELF), HV_STATUS_ACCESS_DENIED);
	fake.root.parent = NULL;
}

/* A mapped page is in use: it cannot be withdrawn. */
static void test_withdraw_leaves_it(void **state)
{
	const struct hv_input_withdraw_memory withdraw = {.partition_id = HV_PARTITION_ID_SELF};

	(void)state;
	fake_deposit(FAKE_FREE, 1);
	mapped(partition(1));
	assert_int_equal(
		fake_call(control_rep(HVCALL_WITHDRAW_MEMORY, 1), &withdraw, sizeof(withdraw)),
		HV_STATUS_NO_RESOURCES);
	assert_int_equal(fake.page[FAKE_FREE].access, GPA_READ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_as_the_driver_loads, setup),
		cmocka_unit_test_setup(test_contents, setup),
		cmocka_unit_test_setup(test_pool_is_kept_up_to_date, setup),
		cmocka_unit_test_setup(test_keys, setup),
		cmocka_unit_test_setup(test_unmap, setup),
		cmocka_unit_test_setup(test_refusals, setup),
		cmocka_unit_test_setup(test_children, setup),
		cmocka_unit_test_setup(test_withdraw_leaves_it, setup),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
