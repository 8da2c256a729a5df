// SPDX-License-Identifier: Apache-2.0
#include "test.h"

#include "boot/options.h"

static void test_defaults(void **state)
{
	struct boot_options options;

	(void)state;
	assert_null(boot_options_parse(&options, ""));
	assert_int_equal(options.log, LOG_INFO);
	assert_true(options.console_debug);
	assert_false(options.console_com1);
	assert_false(options.console_com2);
	assert_int_equal(options.test, SELFTEST_NONE);
}

static void test_all(void **state)
{
	struct boot_options options;

	(void)state;
	assert_null(boot_options_parse(&options,
				       "  log=debug\tconsole=com1 console=com2  test=panic "));
	assert_int_equal(options.log, LOG_DEBUG);
	assert_true(options.console_com1);
	assert_true(options.console_com2);
	assert_true(options.console_debug);
	assert_int_equal(options.test, SELFTEST_PANIC);
	assert_null(boot_options_parse(&options, "console=none console=com2 log=error"));
	assert_true(options.console_com2);
	assert_false(options.console_com1);
	assert_false(options.console_debug);
	assert_int_equal(options.log, LOG_ERROR);
	assert_null(boot_options_parse(&options, "log=warn"));
	assert_int_equal(options.log, LOG_WARN);
}

static void test_unknown(void **state)
{
	static const char *const lines[] = {
		"nonsense",        "log",        "log=",         "log=loud",
		"log=information", "console=",   "console=com3", "log=info,debug",
		"test=panics",     "test=write", "test=",        "=",
		"LOG=info",
	};
	struct boot_options options;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_ptr_equal(boot_options_parse(&options, lines[i]), lines[i]);
	assert_string_equal(boot_options_parse(&options, "log=debug sesame log=info"),
			    "sesame log=info");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests_name("boot options", tests, NULL, NULL);
}
