// SPDX-License-Identifier: Apache-2.0
/* Text that reaches a terminal or a JSON reader is harmless, whatever the bytes are. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/output.h"

static void expect(void (*write)(FILE *, const char *, size_t), const char *bytes, size_t length,
		   const char *expected)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	write(out, bytes, length);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void plain_text_passes(void **state)
{
	(void)state;
	expect(output_text, "root: VP 0 ~", 12, "root: VP 0 ~");
}

static void control_bytes_are_escaped(void **state)
{
	(void)state;
	expect(output_text, "a\033[2Jb\n\0\xff", 9, "a\\x1b[2Jb\\x0a\\x00\\xff");
}

static void nothing_gives_nothing(void **state)
{
	(void)state;
	expect(output_text, "", 0, "");
	expect(output_json_string, "", 0, "\"\"");
}

static void json_escapes_quotes_and_backslashes(void **state)
{
	(void)state;
	expect(output_json_string, "say \"\\\"", 7, "\"say \\\"\\\\\\\"\"");
}

static void json_escapes_all_that_is_not_ascii(void **state)
{
	(void)state;
	expect(output_json_string, "\0\t\x7f\xe9", 4, "\"\\u0000\\u0009\\u007f\\u00e9\"");
}

static void formats_have_names(void **state)
{
	enum output_format format = OUTPUT_TEXT;

	(void)state;
	assert_true(output_parse(&format, "json"));
	assert_int_equal(format, OUTPUT_JSON);
	assert_true(output_parse(&format, "text"));
	assert_int_equal(format, OUTPUT_TEXT);
	assert_false(output_parse(&format, "yaml"));
	assert_false(output_parse(&format, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_passes),
		cmocka_unit_test(control_bytes_are_escaped),
		cmocka_unit_test(nothing_gives_nothing),
		cmocka_unit_test(json_escapes_quotes_and_backslashes),
		cmocka_unit_test(json_escapes_all_that_is_not_ascii),
		cmocka_unit_test(formats_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
