// SPDX-License-Identifier: Apache-2.0
/* Collecting counters from pages that may say anything. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/counter_page.h"

#define ROOM 4u

static _Alignas(
	8) uint8_t value[sizeof(struct bulkhead_counters) + ROOM * sizeof(struct bulkhead_counter)];

/* A page that says it holds `count` of `total` counters, called c<first>, c<first + 1>, ... */
static void put(uint32_t total, uint32_t count, unsigned int first)
{
	const struct bulkhead_counters header = {.total = total, .count = count};

	memset(value, 0, sizeof(value));
	memcpy(value, &header, sizeof(header));
	for (unsigned int i = 0; i < ROOM; i++) {
		struct bulkhead_counter counter = {.value = first + i};

		snprintf(counter.name, sizeof(counter.name), "c%u", first + i);
		memcpy(value + sizeof(header) + i * sizeof(counter), &counter, sizeof(counter));
	}
}

static void pages_add_up(void **state)
{
	struct counter_list list = {0};

	(void)state;
	put(6, 4, 0);
	assert_int_equal(counter_page_take(&list, value, sizeof(value)), 1);
	put(6, 2, 4);
	assert_int_equal(counter_page_take(&list, value, sizeof(value)), 0);
	assert_int_equal(list.count, 6);
	for (unsigned int i = 0; i < 6; i++)
		assert_int_equal(list.counters[i].value, i);
	counter_list_free(&list);
	assert_int_equal(list.count, 0);
}

static void no_counters_at_all_is_fine(void **state)
{
	struct counter_list list = {0};

	(void)state;
	put(0, 0, 0);
	assert_int_equal(counter_page_take(&list, value, sizeof(value)), 0);
	counter_list_sort(&list);
	counter_list_free(&list);
}

static void names_are_terminated(void **state)
{
	struct counter_list list = {0};

	(void)state;
	put(1, 1, 0);
	memset(value + sizeof(struct bulkhead_counters) + offsetof(struct bulkhead_counter, name),
	       'x', BULKHEAD_COUNTER_NAME_SIZE);
	assert_int_equal(counter_page_take(&list, value, sizeof(value)), 0);
	assert_int_equal(strlen(list.counters[0].name), BULKHEAD_COUNTER_NAME_SIZE - 1);
	counter_list_free(&list);
}

static void a_page_that_contradicts_itself_is_refused(void **state)
{
	const struct {
		uint32_t total, count;
	} bad[] = {
		{10, 5},               /* more than the page holds */
		{2, 3},                /* more than there are */
		{10, 0},               /* would never end */
		{COUNTERS_MAX + 1, 4}, /* more than anybody has */
		{UINT32_MAX, UINT32_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct counter_list list = {0};

		put(bad[i].total, bad[i].count, 0);
		assert_int_equal(counter_page_take(&list, value, sizeof(value)), -1);
		assert_int_equal(list.count, 0);
		counter_list_free(&list);
	}
}

static void a_total_that_shrinks_is_refused(void **state)
{
	struct counter_list list = {0};

	(void)state;
	put(8, 4, 0);
	assert_int_equal(counter_page_take(&list, value, sizeof(value)), 1);
	put(2, 0, 4);
	assert_int_equal(counter_page_take(&list, value, sizeof(value)), -1);
	assert_int_equal(counter_page_take(&list, value, 4), -1);
	counter_list_free(&list);
}

static void sorting_is_by_name(void **state)
{
	struct counter_list list = {0};

	(void)state;
	put(4, 4, 8); /* c8, c9, c10, c11 */
	assert_int_equal(counter_page_take(&list, value, sizeof(value)), 0);
	counter_list_sort(&list);
	assert_string_equal(list.counters[0].name, "c10");
	assert_string_equal(list.counters[3].name, "c9");
	counter_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_add_up),
		cmocka_unit_test(no_counters_at_all_is_fine),
		cmocka_unit_test(names_are_terminated),
		cmocka_unit_test(a_page_that_contradicts_itself_is_refused),
		cmocka_unit_test(a_total_that_shrinks_is_refused),
		cmocka_unit_test(sorting_is_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
