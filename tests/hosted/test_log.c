// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "abi/hv/bulkhead.h"
#include "core/log.h"

/*
 * The ring lives as long as the program, so every test starts at the end of what the last one left.
 */
static uint64_t end_position(void)
{
	uint64_t from = UINT64_MAX;
	uint64_t next = 0;
	uint8_t *buf = malloc(LOG_RING_SIZE);

	assert_non_null(buf);
	log_read(&from, &next, buf, LOG_RING_SIZE);
	free(buf);
	return next;
}

static void append(const char *text)
{
	log_append(LOG_INFO, 7, text, strlen(text));
}

static void test_record(void **state)
{
	uint8_t buf[64] __aligned(8);
	const struct bulkhead_log_record *record = (const void *)buf;
	uint64_t start = end_position();
	uint64_t from = start;
	uint64_t next;

	(void)state;
	log_append(LOG_WARN, 123456789, "hello", 5);
	assert_int_equal(log_read(&from, &next, buf, sizeof(buf)), 24);
	assert_int_equal(from, start);
	assert_int_equal(next, start + 24);
	assert_int_equal(record->size, 24);
	assert_int_equal(record->level, LOG_WARN);
	assert_int_equal(record->reserved, 0);
	assert_int_equal(record->text_length, 5);
	assert_int_equal(record->time_100ns, 123456789);
	assert_memory_equal(record->text, "hello\0\0\0", 8);

	/* Nothing newer. */
	from = next;
	assert_int_equal(log_read(&from, &next, buf, sizeof(buf)), 0);
	assert_int_equal(from, start + 24);
	assert_int_equal(next, start + 24);
}

static void test_whole_records_only(void **state)
{
	uint8_t buf[64] __aligned(8);
	uint64_t from = end_position();
	uint64_t start = from;
	uint64_t next;

	(void)state;
	append("12345678");
	append("12345678");
	append("12345678");
	assert_int_equal(log_read(&from, &next, buf, sizeof(buf)), 48);
	assert_int_equal(next, start + 48);
	assert_int_equal(log_read(&from, &next, buf, 23), 0);
	assert_int_equal(next, start);
	assert_int_equal(log_read(&from, &next, buf, 0), 0);
}

static void test_long_line_is_cut(void **state)
{
	char line[LOG_LINE_MAX + 50];
	uint8_t buf[512] __aligned(8);
	const struct bulkhead_log_record *record = (const void *)buf;
	uint64_t from = end_position();
	uint64_t next;

	(void)state;
	memset(line, 'x', sizeof(line));
	log_append(LOG_INFO, 0, line, sizeof(line));
	assert_int_equal(log_read(&from, &next, buf, sizeof(buf)), 16 + LOG_LINE_MAX);
	assert_int_equal(record->text_length, LOG_LINE_MAX);
}

static void test_empty_line(void **state)
{
	uint8_t buf[64] __aligned(8);
	uint64_t from = end_position();
	uint64_t next;

	(void)state;
	log_append(LOG_INFO, 0, "", 0);
	assert_int_equal(log_read(&from, &next, buf, sizeof(buf)), 16);
}

/*
 * Lines of all lengths go round the ring several times; what is read back is what was written, in
 * order.
 */
static void test_wrap(void **state)
{
	uint8_t *buf = malloc(LOG_RING_SIZE);
	unsigned int written = 0;
	unsigned int expected = 0;
	uint64_t from = end_position();
	uint64_t start = from;
	uint64_t next = from;

	(void)state;
	assert_non_null(buf);
	while (next < start + 3 * LOG_RING_SIZE) {
		for (unsigned int i = 0; i < 100; i++, written++) {
			char line[LOG_LINE_MAX];
			int length;

			memset(line, 'z', sizeof(line));
			length = snprintf(line, sizeof(line), "%u", written);
			line[length] = ' ';
			length += (int)(written % 200);
			log_append(LOG_INFO, written, line, (size_t)length);
		}
		size_t got = log_read(&from, &next, buf, LOG_RING_SIZE);

		for (size_t at = 0; at < got; expected++) {
			const struct bulkhead_log_record *record = (const void *)(buf + at);

			assert_int_equal(record->time_100ns, expected);
			assert_int_equal(strtoul(record->text, NULL, 10), expected);
			at += record->size;
		}
		assert_int_equal(expected, written);
		from = next;
	}
	free(buf);
}

static void test_overwritten_position(void **state)
{
	uint8_t *buf = malloc(LOG_RING_SIZE);
	uint64_t first = end_position();
	uint64_t from = first;
	uint64_t next;
	size_t got;

	(void)state;
	assert_non_null(buf);
	for (unsigned int i = 0; i < 2 * LOG_RING_SIZE / 24; i++)
		append("12345678");
	got = log_read(&from, &next, buf, LOG_RING_SIZE);
	assert_int_equal(got, LOG_RING_SIZE / 24 * 24);
	assert_true(from > first);
	assert_int_equal(next - from, got);
	assert_int_equal((from - first) % 24, 0);
	free(buf);
}

/*
 * A position comes from a guest: one inside a record, or beyond the end, must not be read as a
 * header.
 */
static void test_position_inside_a_record(void **state)
{
	uint8_t buf[4096] __aligned(8);
	uint64_t start = end_position();
	uint64_t oldest = 0;
	uint64_t from;
	uint64_t next;

	(void)state;
	append("\x18\0\x18\0\x18\0\x18\0"); /* looks like sizes */
	append("12345678");
	log_read(&oldest, &next, buf, sizeof(buf));
	for (uint64_t offset = 1; offset < 24; offset++) {
		from = start + offset;
		log_read(&from, &next, buf, sizeof(buf));
		assert_int_equal(from, oldest);
	}
	from = start + 24;
	assert_int_equal(log_read(&from, &next, buf, sizeof(buf)), 24);
	assert_int_equal(from, start + 24);
	from = start + 49;
	log_read(&from, &next, buf, sizeof(buf));
	assert_int_equal(from, oldest);
	from = UINT64_MAX;
	log_read(&from, &next, buf, sizeof(buf));
	assert_int_equal(from, oldest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_whole_records_only),
		cmocka_unit_test(test_long_line_is_cut),
		cmocka_unit_test(test_empty_line),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_overwritten_position),
		cmocka_unit_test(test_position_inside_a_record),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
