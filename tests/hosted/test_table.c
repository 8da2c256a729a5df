// SPDX-License-Identifier: Apache-2.0
/*
 * The table of hypercalls, and that docs/hypercall-table.md still says what it says. The path of
 * that file is the only argument.
 */
#include "test.h"

#include "abi/hv/bulkhead.h"
#include "abi/hv/hypercall.h"
#include "core/types.h"
#include "hypercall/table.h"
#include "table_markdown.h"

static const char *committed_page;

static void test_rows_are_sorted(void **state)
{
	const struct hypercall_row *last = hypercall_row(0);
	const struct hypercall_row *row;

	(void)state;
	for (size_t i = 1; (row = hypercall_row(i)); last = row, i++)
		assert_true(row->code > last->code);
}

static void test_every_row_is_found(void **state)
{
	const struct hypercall_row *row;
	size_t found = 0;
	size_t rows = 0;

	(void)state;
	for (; (row = hypercall_row(rows)); rows++)
		assert_ptr_equal(hypercall_find(row->code), row);
	for (unsigned int code = 0; code <= UINT16_MAX; code++)
		found += hypercall_find((uint16_t)code) != NULL;
	assert_int_equal(found, rows);
	assert_null(hypercall_find(0));
	assert_null(hypercall_find(UINT16_MAX));
}

/* Shapes that the dispatcher can deal with. */
static void test_rows_are_sound(void **state)
{
	const struct hypercall_row *row;

	(void)state;
	for (size_t i = 0; (row = hypercall_row(i)); i++) {
		char counter[64];

		assert_int_equal(row->input % 8, 0);
		assert_int_equal(row->output % 8, 0);
		assert_true(row->input + row->variable_max * 8u + row->rep_input <= PAGE_SIZE);
		assert_true(row->output + row->rep_output <= PAGE_SIZE);
		if (row->rep_input > 0 || row->rep_output > 0)
			assert_true(row->rep);
		if (row->output_open)
			assert_true(row->output > 0 && !row->rep);
		if (!row->handler)
			assert_int_equal(row->input | row->output | row->rep, 0);
		snprintf(counter, sizeof(counter), "hypercall.%s", row->name);
		assert_string_equal(row->counter->name, counter);
		assert_true(strlen(counter) < BULKHEAD_COUNTER_NAME_SIZE);
	}
}

static void test_forms(void **state)
{
	(void)state;
	assert_int_equal(hypercall_forms(hypercall_find(HVCALL_NOTIFY_LONG_SPIN_WAIT)),
			 HYPERCALL_MEMORY | HYPERCALL_FAST);
	assert_int_equal(hypercall_forms(hypercall_find(HVCALL_DEPOSIT_MEMORY)),
			 HYPERCALL_MEMORY | HYPERCALL_FAST);
	assert_int_equal(hypercall_forms(hypercall_find(HVCALL_SET_SYSTEM_PROPERTY)),
			 HYPERCALL_MEMORY | HYPERCALL_XMM_INPUT);
	assert_int_equal(hypercall_forms(hypercall_find(HVCALL_GET_PARTITION_ID)),
			 HYPERCALL_MEMORY | HYPERCALL_XMM_OUTPUT);
	assert_int_equal(hypercall_forms(hypercall_find(HVCALL_WITHDRAW_MEMORY)), HYPERCALL_MEMORY);
	assert_int_equal(hypercall_forms(hypercall_find(HVCALL_GET_PARTITION_PROPERTY_EX)),
			 HYPERCALL_MEMORY);
	assert_int_equal(hypercall_forms(hypercall_find(HVCALL_MAP_DEVICE_INTERRUPT)),
			 HYPERCALL_MEMORY);
}

static void test_documentation_is_up_to_date(void **state)
{
	static char committed[1 << 16];
	char *generated;
	size_t generated_size;
	size_t committed_size;
	FILE *file;

	(void)state;
	if (!committed_page) {
		print_message("no path of docs/hypercall-table.md given\n");
		skip();
	}
	file = open_memstream(&generated, &generated_size);
	assert_non_null(file);
	table_markdown(file);
	fclose(file);

	file = fopen(committed_page, "r");
	if (!file)
		fail_msg("cannot open %s", committed_page);
	committed_size = fread(committed, 1, sizeof(committed), file);
	fclose(file);
	if (committed_size != generated_size || memcmp(committed, generated, generated_size) != 0)
		fail_msg("%s is not what the table says: copy the generated hypercall-table.md "
			 "over it",
			 committed_page);
	free(generated);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_sorted),
		cmocka_unit_test(test_every_row_is_found),
		cmocka_unit_test(test_rows_are_sound),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_documentation_is_up_to_date),
	};

	if (argc > 1)
		committed_page = argv[1];
	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
