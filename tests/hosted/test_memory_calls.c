// SPDX-License-Identifier: Apache-2.0
/* DEPOSIT_MEMORY, WITHDRAW_MEMORY, GET_MEMORY_BALANCE. */
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

struct deposit {
	uint64_t partition_id;
	uint64_t page[HV_DEPOSIT_MAX];
};

static uint64_t deposit(const struct deposit *input, uint32_t count)
{
	return fake_call(control_rep(HVCALL_DEPOSIT_MEMORY, count), input, sizeof(*input));
}

static uint64_t withdraw(uint64_t partition_id, uint32_t count)
{
	const struct hv_input_withdraw_memory input = {.partition_id = partition_id};

	return fake_call(control_rep(HVCALL_WITHDRAW_MEMORY, count), &input, sizeof(input));
}

/* A deposit that must be refused, changing nothing. */
static void assert_deposit_refused(const struct deposit *input, uint32_t count,
				   enum hv_status status)
{
	uint64_t result;

	fake_snapshot_take(&before);
	result = deposit(input, count);
	assert_int_equal(result_status(result), status);
	assert_int_equal(result_reps(result), 0);
	assert_true(fake_snapshot_same(&before));
}

/* Deposits to the root go by its number and by SELF into the same pool. */
static void test_deposit(void **state)
{
	struct deposit input = {.partition_id = PARTITION_ID_ROOT};

	(void)state;
	input.page[0] = FAKE_FREE;
	input.page[1] = FAKE_FREE + 5;
	assert_int_equal(deposit(&input, 2), 2ull << 32);
	assert_int_equal(fake.root.pool.free_count, 2);
	assert_true(fake.page[FAKE_FREE].revoked);
	assert_true(fake.page[FAKE_FREE + 5].revoked);
	assert_false(fake.page[FAKE_FREE + 1].revoked);
	assert_int_equal(fake.page[FAKE_FREE].access, 0);

	input.partition_id = HV_PARTITION_ID_SELF;
	input.page[0] = FAKE_FREE + 1;
	assert_int_equal(deposit(&input, 1), 1ull << 32);
	assert_int_equal(fake.root.pool.free_count, 3);
}

static void test_deposit_as_many_as_fit(void **state)
{
	struct deposit input = {.partition_id = HV_PARTITION_ID_SELF};
	uint64_t result;

	(void)state;
	for (unsigned int i = 0; i < HV_DEPOSIT_MAX; i++)
		input.page[i] = FAKE_FREE + i;
	result = deposit(&input, HV_DEPOSIT_MAX);
	assert_int_equal(result, (uint64_t)HV_DEPOSIT_MAX << 32);
	assert_int_equal(fake.rounds, 1);
	assert_int_equal(fake.root.pool.free_count, HV_DEPOSIT_MAX);
}

static void test_deposit_start_in_the_middle(void **state)
{
	struct deposit input = {.partition_id = HV_PARTITION_ID_SELF};
	uint64_t result;

	(void)state;
	for (unsigned int i = 0; i < 4; i++)
		input.page[i] = FAKE_FREE + i;
	result = fake_call(control_rep(HVCALL_DEPOSIT_MEMORY, 4) | 2ull << 48, &input,
			   sizeof(input));
	assert_int_equal(result, 4ull << 32);
	assert_int_equal(fake.root.pool.free_count, 2);
	assert_false(fake.page[FAKE_FREE + 1].revoked);
	assert_true(fake.page[FAKE_FREE + 2].revoked);
}

static void test_deposit_refusals(void **state)
{
	struct deposit input = {.partition_id = HV_PARTITION_ID_SELF};

	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		input.page[i] = FAKE_FREE + i;

	/* Bad partition; also when a page is bad too. */
	input.partition_id = HV_PARTITION_ID_INVALID;
	assert_deposit_refused(&input, 8, HV_STATUS_INVALID_PARTITION_ID);
	input.partition_id = 2;
	input.page[0] = UINT64_MAX;
	assert_deposit_refused(&input, 8, HV_STATUS_INVALID_PARTITION_ID);
	input.page[0] = FAKE_FREE;
	input.partition_id = HV_PARTITION_ID_SELF;

	/* The last element is bad: nothing of the others stays. */
	input.page[7] = FAKE_PAGES + 3; /* no memory there */
	assert_deposit_refused(&input, 8, HV_STATUS_INVALID_PARAMETER);
	input.page[7] = FAKE_LIMIT >> PAGE_SHIFT;
	assert_deposit_refused(&input, 8, HV_STATUS_INVALID_PARAMETER);
	input.page[7] = UINT64_MAX;
	assert_deposit_refused(&input, 8, HV_STATUS_INVALID_PARAMETER);
	/* The same page again once bits beyond the address space are dropped. */
	input.page[7] = FAKE_FREE + 7 + (1ull << 52);
	assert_deposit_refused(&input, 8, HV_STATUS_INVALID_PARAMETER);
	/* Twice in the list. */
	input.page[7] = FAKE_FREE + 3;
	assert_deposit_refused(&input, 8, HV_STATUS_INVALID_PARAMETER);
	input.page[7] = FAKE_FREE + 7;

	/* Not ordinary memory of the caller's: read-only, a device or an overlay. */
	fake.page[FAKE_FREE + 7].access = GPA_READ;
	assert_deposit_refused(&input, 8, HV_STATUS_INVALID_PARAMETER);
	fake.page[FAKE_FREE + 7].access = GPA_READ | GPA_WRITE;
	fake.page[FAKE_FREE + 7].memory = false;
	assert_deposit_refused(&input, 8, HV_STATUS_INVALID_PARAMETER);
	fake.page[FAKE_FREE + 7].memory = true;

	/* Deposited already. */
	fake_deposit(FAKE_FREE + 7, 1);
	assert_deposit_refused(&input, 8, HV_STATUS_INVALID_PARAMETER);
}

/* Tables cannot be split any more in the middle of the list: all or nothing. */
static void test_deposit_without_memory_for_tables(void **state)
{
	struct deposit input = {.partition_id = HV_PARTITION_ID_SELF};

	(void)state;
	for (unsigned int i = 0; i < 8; i++)
		input.page[i] = FAKE_FREE + i;
	fake.revokes_before_failure = 5;
	assert_deposit_refused(&input, 8, HV_STATUS_INSUFFICIENT_MEMORY);
	fake.revokes_before_failure = UINT32_MAX;
	assert_int_equal(deposit(&input, 8), 8ull << 32);
}

/* The page with the list itself, and the last one of memory. */
static void test_deposit_of_the_input_page(void **state)
{
	struct deposit input = {.partition_id = HV_PARTITION_ID_SELF};

	(void)state;
	input.page[0] = FAKE_INPUT >> PAGE_SHIFT;
	input.page[1] = FAKE_PAGES - 1;
	input.page[2] = 0;
	assert_int_equal(deposit(&input, 3), 3ull << 32);
	assert_int_equal(fake.root.pool.free_count, 3);
}

static void test_withdraw(void **state)
{
	const uint64_t *numbers = fake_output();
	uint64_t result;

	(void)state;
	fake_deposit(FAKE_FREE, 3);
	memset(fake_memory + (FAKE_FREE + 1) * PAGE_SIZE + 64, 0x5A, 64);
	result = withdraw(HV_PARTITION_ID_SELF, 3);
	assert_int_equal(result, 3ull << 32);
	for (unsigned int i = 0; i < 3; i++) {
		static const uint8_t zeros[PAGE_SIZE];

		assert_in_range(numbers[i], FAKE_FREE, FAKE_FREE + 2);
		assert_false(fake.page[numbers[i]].revoked);
		assert_int_equal(fake.page[numbers[i]].access, GPA_READ | GPA_WRITE | GPA_EXECUTE);
		/* Whatever the hypervisor kept there is gone. */
		assert_memory_equal(fake_memory + numbers[i] * PAGE_SIZE, zeros, PAGE_SIZE);
	}
	assert_int_equal(fake.root.pool.free_count, 0);
	assert_int_equal(numbers[3], 0xEEEEEEEEEEEEEEEE);
}

/* Fewer than asked for: those are counted and delivered, and the status says that it is the end. */
static void test_withdraw_to_the_end(void **state)
{
	const uint64_t *numbers = fake_output();
	uint64_t result;

	(void)state;
	fake_deposit(FAKE_FREE, 70);
	result = withdraw(PARTITION_ID_ROOT, 512);
	assert_int_equal(result_status(result), HV_STATUS_NO_RESOURCES);
	assert_int_equal(result_reps(result), 70);
	assert_in_range(numbers[69], FAKE_FREE, FAKE_FREE + 69);
	assert_int_equal(numbers[70], 0xEEEEEEEEEEEEEEEE);
	for (unsigned int i = 0; i < 70; i++)
		assert_false(fake.page[FAKE_FREE + i].revoked);

	result = withdraw(PARTITION_ID_ROOT, 512);
	assert_int_equal(result_status(result), HV_STATUS_NO_RESOURCES);
	assert_int_equal(result_reps(result), 0);
}

static void test_withdraw_refusals(void **state)
{
	(void)state;
	fake_deposit(FAKE_FREE, 3);
	fake_snapshot_take(&before);
	assert_int_equal(withdraw(HV_PARTITION_ID_INVALID, 1), HV_STATUS_INVALID_PARTITION_ID);
	assert_int_equal(withdraw(2, 1), HV_STATUS_INVALID_PARTITION_ID);
	assert_true(fake_snapshot_same(&before));
}

/* Pages in use stay: only free deposits come back. */
static void test_withdraw_leaves_pages_in_use(void **state)
{
	spa_t page;

	(void)state;
	fake_deposit(FAKE_FREE, 2);
	assert_true(page_pool_alloc(&fake.root.pool, &page));
	assert_int_equal(result_reps(withdraw(HV_PARTITION_ID_SELF, 2)), 1);
	assert_true(fake.page[page >> PAGE_SHIFT].revoked);
	page_pool_free(&fake.root.pool, page);
	assert_int_equal(withdraw(HV_PARTITION_ID_SELF, 1), 1ull << 32);
}

static void test_balance(void **state)
{
	struct hv_input_get_memory_balance input = {.partition_id = HV_PARTITION_ID_SELF};
	const struct hv_output_get_memory_balance *output = fake_output();
	spa_t page;

	(void)state;
	fake_deposit(FAKE_FREE, 5);
	assert_true(page_pool_alloc(&fake.root.pool, &page));
	assert_int_equal(fake_call(HVCALL_GET_MEMORY_BALANCE, &input, sizeof(input)), 0);
	assert_int_equal(output->pages_available, 4);
	assert_int_equal(output->pages_in_use, 1);
	input.partition_id = 9;
	assert_int_equal(fake_call(HVCALL_GET_MEMORY_BALANCE, &input, sizeof(input)),
			 HV_STATUS_INVALID_PARTITION_ID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_deposit, setup),
		cmocka_unit_test_setup(test_deposit_as_many_as_fit, setup),
		cmocka_unit_test_setup(test_deposit_start_in_the_middle, setup),
		cmocka_unit_test_setup(test_deposit_refusals, setup),
		cmocka_unit_test_setup(test_deposit_without_memory_for_tables, setup),
		cmocka_unit_test_setup(test_deposit_of_the_input_page, setup),
		cmocka_unit_test_setup(test_withdraw, setup),
		cmocka_unit_test_setup(test_withdraw_to_the_end, setup),
		cmocka_unit_test_setup(test_withdraw_refusals, setup),
		cmocka_unit_test_setup(test_withdraw_leaves_pages_in_use, setup),
		cmocka_unit_test_setup(test_balance, setup),
	};

	return cmocka_run_group_tests_name("memory_calls", tests, NULL, NULL);
}
