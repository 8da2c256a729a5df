// SPDX-License-Identifier: Apache-2.0
/* Reading a chunk of the log: what belongs there comes out, what contradicts itself is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "abi/hv/bulkhead.h"
#include "cli/log_chunk.h"

#define VALUE_SIZE 512u

static _Alignas(8) uint8_t value[VALUE_SIZE];
static struct log_chunk chunk;
static struct log_line line;

static void put_header(uint64_t from, uint64_t next, uint32_t size)
{
	const struct bulkhead_log_chunk header = {.from = from, .next = next, .size = size};

	memset(value, 0, sizeof(value));
	memcpy(value, &header, sizeof(header));
}

/* Put a record `offset` bytes behind the header; returns the offset behind it. */
static size_t put_record(size_t offset, uint16_t size, uint32_t text_length, uint8_t level,
			 const char *text)
{
	const struct bulkhead_log_record record = {
		.size = size,
		.level = level,
		.text_length = text_length,
		.time_100ns = 12345678,
	};
	uint8_t *at = value + sizeof(struct bulkhead_log_chunk) + offset;

	memcpy(at, &record, sizeof(record));
	memcpy(at + sizeof(record), text, strlen(text));
	return offset + size;
}

static void records_come_out_in_order(void **state)
{
	size_t end;

	(void)state;
	put_header(800, 848, 48);
	end = put_record(0, 24, 5, 6, "hello");
	put_record(end, 24, 8, 3, "all full");
	assert_true(log_chunk_open(&chunk, value, sizeof(value), 800));
	assert_int_equal(chunk.lost, 0);
	assert_int_equal(chunk.next, 848);

	assert_int_equal(log_chunk_next(&chunk, &line), 1);
	assert_int_equal(line.position, 800);
	assert_int_equal(line.time_100ns, 12345678);
	assert_int_equal(line.level, 6);
	assert_int_equal(line.length, 5);
	assert_memory_equal(line.text, "hello", 5);

	assert_int_equal(log_chunk_next(&chunk, &line), 1);
	assert_int_equal(line.position, 824);
	assert_int_equal(line.level, 3);
	assert_int_equal(line.length, 8);
	assert_int_equal(log_chunk_next(&chunk, &line), 0);
	assert_int_equal(log_chunk_next(&chunk, &line), 0);
}

static void an_empty_chunk_is_the_end(void **state)
{
	(void)state;
	put_header(4096, 4096, 0);
	assert_true(log_chunk_open(&chunk, value, sizeof(value), 4096));
	assert_int_equal(chunk.left, 0);
	assert_int_equal(chunk.next, 4096);
	assert_int_equal(log_chunk_next(&chunk, &line), 0);
}

static void overwritten_positions_are_counted(void **state)
{
	(void)state;
	put_header(1000, 1024, 24);
	put_record(0, 24, 1, 6, "x");
	assert_true(log_chunk_open(&chunk, value, sizeof(value), 80));
	assert_int_equal(chunk.lost, 920);
	assert_int_equal(log_chunk_next(&chunk, &line), 1);
	assert_int_equal(line.position, 1000);
}

static void an_empty_text_is_a_record(void **state)
{
	(void)state;
	put_header(0, 16, 16);
	put_record(0, 16, 0, 6, "");
	assert_true(log_chunk_open(&chunk, value, sizeof(value), 0));
	assert_int_equal(log_chunk_next(&chunk, &line), 1);
	assert_int_equal(line.length, 0);
}

static void a_chunk_that_contradicts_itself_is_refused(void **state)
{
	const uint32_t room = VALUE_SIZE - sizeof(struct bulkhead_log_chunk);
	const struct {
		uint64_t from, next;
		uint32_t size;
		uint64_t position;
	} bad[] = {
		{0, room + 8, room + 8, 0},               /* longer than the value */
		{0, 20, 20, 0},                           /* not a multiple of 8 */
		{0, 32, 24, 0},                           /* next and size differ */
		{64, 40, 24, 0},                          /* backwards */
		{0, 24, 24, 8},                           /* before what was asked for */
		{UINT64_MAX - 7, 16, 24, UINT64_MAX - 7}, /* wraps */
		{0, UINT64_MAX, UINT32_MAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_header(bad[i].from, bad[i].next, bad[i].size);
		assert_false(log_chunk_open(&chunk, value, sizeof(value), bad[i].position));
	}
	put_header(0, 0, 0);
	assert_false(log_chunk_open(&chunk, value, sizeof(struct bulkhead_log_chunk) - 1, 0));
}

static void a_record_that_contradicts_the_chunk_is_refused(void **state)
{
	const struct {
		uint16_t size;
		uint32_t text_length;
	} bad[] = {
		{0, 0},  /* would never end */
		{8, 0},  /* shorter than its header */
		{20, 1}, /* not a multiple of 8 */
		{32, 1}, /* longer than the chunk */
		{24, 9}, /* text behind its end */
		{24, UINT32_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put_header(0, 24, 24);
		put_record(0, bad[i].size, bad[i].text_length, 6, "");
		assert_true(log_chunk_open(&chunk, value, sizeof(value), 0));
		assert_int_equal(log_chunk_next(&chunk, &line), -1);
	}
	put_header(0, 8, 8); /* no room for a record's header */
	assert_true(log_chunk_open(&chunk, value, sizeof(value), 0));
	assert_int_equal(log_chunk_next(&chunk, &line), -1);
}

/* Whatever comes, reading ends and stays inside the value (the sanitizers watch). */
static void random_bytes_do_no_harm(void **state)
{
	FILE *sink = fopen("/dev/null", "w");
	size_t copied = 0;

	(void)state;
	if (!sink) {
		fail();
		return;
	}
	srand(1);
	for (int round = 0; round < 20000; round++) {
		uint8_t *exact;
		size_t size = (size_t)rand() % 200;
		int records = 0;

		exact = malloc(size + 1);
		assert_non_null(exact);
		for (size_t i = 0; i < size; i++)
			exact[i] = (uint8_t)(rand() % 4 ? 0 : rand());
		if (size >= sizeof(struct bulkhead_log_chunk)) {
			struct bulkhead_log_chunk header = {.size = (uint32_t)(size - 24) & ~7u};

			header.next = header.size;
			memcpy(exact, &header, sizeof(header));
		}
		if (log_chunk_open(&chunk, exact, size, 0))
			while (log_chunk_next(&chunk, &line) > 0) {
				copied += fwrite(line.text, 1, line.length, sink);
				assert_true(++records < 200);
			}
		free(exact);
	}
	fclose(sink);
	assert_true(copied > 0);
}

static void levels_have_names(void **state)
{
	(void)state;
	assert_int_equal(log_level_parse("error"), 3);
	assert_int_equal(log_level_parse("warn"), 4);
	assert_int_equal(log_level_parse("info"), 6);
	assert_int_equal(log_level_parse("debug"), 7);
	assert_int_equal(log_level_parse("all"), 0);
	assert_string_equal(log_level_name(0), "error");
	assert_string_equal(log_level_name(3), "error");
	assert_string_equal(log_level_name(4), "warn");
	assert_string_equal(log_level_name(5), "info");
	assert_string_equal(log_level_name(6), "info");
	assert_string_equal(log_level_name(255), "debug");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_out_in_order),
		cmocka_unit_test(an_empty_chunk_is_the_end),
		cmocka_unit_test(overwritten_positions_are_counted),
		cmocka_unit_test(an_empty_text_is_a_record),
		cmocka_unit_test(a_chunk_that_contradicts_itself_is_refused),
		cmocka_unit_test(a_record_that_contradicts_the_chunk_is_refused),
		cmocka_unit_test(random_bytes_do_no_harm),
		cmocka_unit_test(levels_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
