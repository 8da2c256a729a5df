// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "fake.h"

static int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

static void test_empty(void **state)
{
	struct page_pool *pool = &fake.root.pool;
	spa_t page = 77;

	(void)state;
	assert_false(page_pool_alloc(pool, &page));
	assert_false(page_pool_remove(pool, &page));
	assert_int_equal(page, 77);
	assert_int_equal(pool->free_count, 0);
	assert_int_equal(pool->used_count, 0);
}

static void test_alloc_zeroes(void **state)
{
	struct page_pool *pool = &fake.root.pool;
	static const uint8_t zeros[PAGE_SIZE];
	spa_t page;

	(void)state;
	memset(fake_memory + 20 * PAGE_SIZE, 0xAA, PAGE_SIZE);
	page_pool_add(pool, 20 * PAGE_SIZE);
	assert_int_equal(pool->free_count, 1);
	assert_true(page_pool_alloc(pool, &page));
	assert_int_equal(page, 20 * PAGE_SIZE);
	assert_memory_equal(fake_memory + page, zeros, PAGE_SIZE);
	assert_int_equal(pool->free_count, 0);
	assert_int_equal(pool->used_count, 1);

	memset(fake_memory + page, 0x55, PAGE_SIZE);
	page_pool_free(pool, page);
	assert_int_equal(pool->free_count, 1);
	assert_int_equal(pool->used_count, 0);
	assert_true(page_pool_alloc(pool, &page));
	assert_memory_equal(fake_memory + page, zeros, PAGE_SIZE);
}

/* Every page comes out exactly once, also page 0, whatever the order of coming and going. */
static void test_each_page_once(void **state)
{
	struct page_pool *pool = &fake.root.pool;
	bool seen[64] = {false};
	spa_t page;

	(void)state;
	for (spa_t i = 0; i < ARRAY_SIZE(seen); i++)
		page_pool_add(pool, i * PAGE_SIZE);
	for (unsigned int i = 0; i < 10; i++) {
		assert_true(page_pool_alloc(pool, &page));
		page_pool_free(pool, page);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(seen); i++) {
		assert_true(i % 2 ? page_pool_alloc(pool, &page) : page_pool_remove(pool, &page));
		assert_false(seen[page / PAGE_SIZE]);
		seen[page / PAGE_SIZE] = true;
	}
	assert_false(page_pool_alloc(pool, &page));
	assert_int_equal(pool->free_count, 0);
	assert_int_equal(pool->used_count, ARRAY_SIZE(seen) / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_empty, setup),
		cmocka_unit_test_setup(test_alloc_zeroes, setup),
		cmocka_unit_test_setup(test_each_page_once, setup),
	};

	return cmocka_run_group_tests_name("page_pool", tests, NULL, NULL);
}
