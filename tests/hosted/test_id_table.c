// SPDX-License-Identifier: Apache-2.0
/* The table of small objects by id, and that its pages come from the pool and go back. */
#include "test.h"

#include "fake.h"

#include "synic/id_table.h"

static struct id_table table;
static struct page_pool *pool;

static int setup(void **state)
{
	(void)state;
	fake_reset();
	memset(&table, 0, sizeof(table));
	pool = &fake.root.pool;
	return 0;
}

static uint32_t *add(uint32_t id)
{
	uint32_t *words;
	void *object;

	assert_null(id_table_find(&table, id));
	assert_int_equal(id_table_add(&table, pool, id, &object), HV_STATUS_SUCCESS);
	words = object;
	for (unsigned int i = 0; i < ID_TABLE_OBJECT_SIZE / 4; i++)
		assert_int_equal(words[i], 0);
	memset(words, 0xEE, ID_TABLE_OBJECT_SIZE);
	words[0] = id;
	return words;
}

static void test_empty(void **state)
{
	void *object;

	(void)state;
	assert_null(id_table_find(&table, 0));
	for (unsigned int pages = 0; pages < 2; pages++) {
		assert_int_equal(id_table_add(&table, pool, 7, &object),
				 HV_STATUS_INSUFFICIENT_MEMORY);
		assert_null(id_table_find(&table, 7));
		assert_int_equal(pool->free_count, pages);
		assert_int_equal(pool->used_count, 0);
		fake_deposit(FAKE_FREE + pages, 1);
	}
	add(7);
	assert_int_equal(pool->used_count, 2);
	id_table_remove(&table, pool, 7);
	assert_null(id_table_find(&table, 7));
	assert_int_equal(pool->free_count, 2);
	assert_int_equal(pool->used_count, 0);
}

static void test_full(void **state)
{
	void *object;

	(void)state;
	fake_deposit(FAKE_FREE, 20);
	for (uint32_t i = 0; i < ID_TABLE_MAX; i++)
		add(i * 7919 % 0xFFFFFF);
	assert_int_equal(pool->used_count, 1 + ID_TABLE_PAGES);
	assert_int_equal(id_table_add(&table, pool, 0xFFFFFF, &object), HV_STATUS_NO_RESOURCES);
	assert_int_equal(pool->used_count, 1 + ID_TABLE_PAGES);
	for (uint32_t i = 0; i < ID_TABLE_MAX; i++)
		assert_int_equal(*(uint32_t *)id_table_find(&table, i * 7919 % 0xFFFFFF),
				 i * 7919 % 0xFFFFFF);
	/* A place that becomes free is used again. */
	id_table_remove(&table, pool, 7919);
	add(0xFFFFFF);
	id_table_remove(&table, pool, 0xFFFFFF);
	add(7919);
	for (uint32_t i = ID_TABLE_MAX; i-- > 0;)
		id_table_remove(&table, pool, i * 7919 % 0xFFFFFF);
	assert_int_equal(pool->used_count, 0);
	assert_int_equal(pool->free_count, 20);
}

/* Against an array. */
static void test_random(void **state)
{
	static uint32_t *model[1000];
	uint32_t count = 0;

	(void)state;
	memset(model, 0, sizeof(model));
	fake_deposit(FAKE_FREE, 1 + ID_TABLE_PAGES);
	srand(5);
	for (unsigned int step = 0; step < 50000; step++) {
		uint32_t id = (uint32_t)rand() % 1000;

		assert_ptr_equal(id_table_find(&table, id), model[id]);
		if (model[id]) {
			assert_int_equal(*model[id], id);
			id_table_remove(&table, pool, id);
			model[id] = NULL;
			count--;
		} else if (count < ID_TABLE_MAX) {
			model[id] = add(id);
			count++;
		}
		assert_int_equal(table.count, count);
		assert_true(pool->used_count <= 1 + ID_TABLE_PAGES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_empty, setup),
		cmocka_unit_test_setup(test_full, setup),
		cmocka_unit_test_setup(test_random, setup),
	};

	return cmocka_run_group_tests_name("id_table", tests, NULL, NULL);
}
