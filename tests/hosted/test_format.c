// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include <limits.h>

#include "core/printk.h"

/* `expected` must come out, and the same must be counted without a buffer. */
#define check(expected, ...)                                                      \
	do {                                                                      \
		char out[128];                                                    \
		size_t length = format(out, sizeof(out), __VA_ARGS__);            \
                                                                                  \
		assert_string_equal(out, expected);                               \
		assert_int_equal(length, strlen(expected));                       \
		assert_int_equal(format(NULL, 0, __VA_ARGS__), strlen(expected)); \
	} while (0)

static void test_plain_text(void **state)
{
	(void)state;
	check("", "%s", "");
	check("100%", "100%%");
	check("a b", "%c %s", 'a', "b");
}

static void test_decimal(void **state)
{
	(void)state;
	check("0 -1 42", "%d %i %u", 0, -1, 42u);
	check("-2147483648", "%d", INT_MIN);
	check("4294967295", "%u", UINT_MAX);
	check("-9223372036854775808", "%lld", LLONG_MIN);
	check("18446744073709551615", "%llu", ULLONG_MAX);
	check("18446744073709551615", "%lu", ULONG_MAX);
	check("7", "%zu", (size_t)7);
	check("-7", "%zd", (ptrdiff_t)-7);
}

static void test_hexadecimal(void **state)
{
	(void)state;
	check("beef BEEF 0xbeef", "%x %X %#x", 0xbeefu, 0xbeefu, 0xbeefu);
	check("ffffffffffffffff", "%llx", ULLONG_MAX);
	check("deadbeefcafe", "%lx", 0xdeadbeefcafeul);
	check("0x1000", "%p", (void *)0x1000);
}

static void test_width(void **state)
{
	(void)state;
	check("   42|42   |00042", "%5d|%-5d|%05d", 42, 42, 42);
	check("  -42|-0042", "%5d|%05d", -42, -42);
	check("0x00beef", "%#08x", 0xbeefu);
	check("  0xbeef", "%#8x", 0xbeefu);
	check("  abc|abc  |abcdef", "%5s|%-5s|%3s", "abc", "abc", "abcdef");
	check("0000000000001000", "%016llx", 0x1000ull);
	check("    x", "%5c", 'x');
	check("123456", "%3d", 123456);
}

static void test_cut(void **state)
{
	char out[6] = "......";

	(void)state;
	assert_int_equal(format(out, 4, "%s", "abcdef"), 6);
	assert_memory_equal(out, "abc\0..", 6);
	assert_int_equal(format(out, 1, "%d", 77), 2);
	assert_memory_equal(out, "\0bc", 3);
	out[0] = 'q';
	assert_int_equal(format(out, 0, "abc"), 3);
	assert_int_equal(out[0], 'q');
}

/* format(), out of sight of the compiler's own check of the format. */
static size_t format_unchecked(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	size_t length;

	va_start(args, fmt);
	length = vformat(buf, size, fmt, args);
	va_end(args);
	return length;
}

/*
 * What is no conversion of ours shows as it stands, takes no argument and never runs past the end.
 */
static void test_unknown_conversion(void **state)
{
	static const char odd[] = "%q %5 %";
	static const char huge[] = "%999999999999d";
	char out[2048];

	(void)state;
	format_unchecked(out, sizeof(out), odd, 1);
	assert_string_equal(out, odd);
	assert_true(format_unchecked(out, sizeof(out), huge, 1) < 1000);
	format_unchecked(out, sizeof(out), "%s", (const char *)NULL);
	assert_string_equal(out, "(null)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain_text),  cmocka_unit_test(test_decimal),
		cmocka_unit_test(test_hexadecimal), cmocka_unit_test(test_width),
		cmocka_unit_test(test_cut),         cmocka_unit_test(test_unknown_conversion),
	};

	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
