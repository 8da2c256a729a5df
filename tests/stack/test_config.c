// SPDX-License-Identifier: Apache-2.0
/* The command line of a machine. */
#include "test.h"

#include "worker/config.h"

static struct worker_config config;
static struct problem problem;

#define PARSE(...) parse((char *[]){(char *)(uintptr_t) "run", __VA_ARGS__, NULL})
#define WORD(text) (char *)(uintptr_t)(text)

static enum config_result parse(char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return config_parse(&config, argc, argv, "vm1", &problem);
}

static void a_kernel_is_enough(void **state)
{
	(void)state;
	assert_int_equal(PARSE(WORD("--kernel"), WORD("k")), CONFIG_DONE);
	assert_string_equal(config.kernel, "k");
	assert_null(config.initrd);
	assert_string_equal(config.append, "console=ttyS0");
	assert_string_equal(config.serial, "stdio");
	assert_string_equal(config.name, "vm1");
	assert_int_equal(config.memory, 1u << 30);
	assert_int_equal(config.cpus, 1);
}

static void everything_can_be_chosen(void **state)
{
	(void)state;
	assert_int_equal(PARSE(WORD("--kernel=k"), WORD("--initrd"), WORD("i"), WORD("--append"),
			       WORD(""), WORD("--memory"), WORD("514M"), WORD("--cpus"),
			       WORD("255"), WORD("--serial=pty"), WORD("--name"), WORD("a.B-1_")),
			 CONFIG_DONE);
	assert_string_equal(config.initrd, "i");
	assert_string_equal(config.append, "");
	assert_int_equal(config.memory, 514u << 20);
	assert_int_equal(config.cpus, 255);
	assert_string_equal(config.serial, "pty");
	assert_string_equal(config.name, "a.B-1_");
}

static void help_is_help(void **state)
{
	(void)state;
	assert_int_equal(PARSE(WORD("--kernel"), WORD("k"), WORD("--help")), CONFIG_HELP);
	assert_int_equal(PARSE(WORD("-h")), CONFIG_HELP);
}

static void refuses(const char *option, const char *value)
{
	problem.text[0] = '\0';
	assert_int_equal(PARSE(WORD("--kernel=k"), WORD(option), WORD(value)), CONFIG_BAD);
	assert_non_null(strstr(problem.text, option));
}

static void bad_values_are_named(void **state)
{
	static const char *const memory[] = {"",   "0",   "15M",  "1023K", "16777217",
					     "1X", "1GG", "513G", "-1G",   "99999999999999999999"};
	static const char *const cpus[] = {
		"", "0", "256", "-1", "1x", " 1", "99999999999999999999"};
	static const char too_long[] =
		"012345678901234567890123456789012345678901234567890123456789"
		"012345";
	static const char *const names[] = {"", ".", "..", ".x", "a/b", "a b", "a\nb", too_long};

	(void)state;
	for (unsigned int i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		refuses("--memory", memory[i]);
	for (unsigned int i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++)
		refuses("--cpus", cpus[i]);
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		refuses("--name", names[i]);
	refuses("--serial", "");
}

static void what_is_missing_or_too_much_is_named(void **state)
{
	(void)state;
	assert_int_equal(PARSE(WORD("--cpus=1")), CONFIG_BAD);
	assert_non_null(strstr(problem.text, "--kernel"));
	assert_int_equal(PARSE(WORD("--kernel")), CONFIG_BAD);
	assert_non_null(strstr(problem.text, "needs a value"));
	assert_int_equal(PARSE(WORD("--kernle=k")), CONFIG_BAD);
	assert_non_null(strstr(problem.text, "--kernle=k"));
	assert_int_equal(PARSE(WORD("--kernel=k"), WORD("more")), CONFIG_BAD);
	assert_non_null(strstr(problem.text, "more"));
}

static void sizes_do_not_overflow(void **state)
{
	uint64_t bytes;

	(void)state;
	assert_true(config_size("1T", &bytes));
	assert_true(bytes == UINT64_C(1) << 40);
	assert_true(config_size("8388608T", &bytes));
	assert_false(config_size("8388609T", &bytes));
	assert_false(config_size("18446744073709551615K", &bytes));
	assert_false(config_size("18446744073709551616", &bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_is_enough),
		cmocka_unit_test(everything_can_be_chosen),
		cmocka_unit_test(help_is_help),
		cmocka_unit_test(bad_values_are_named),
		cmocka_unit_test(what_is_missing_or_too_much_is_named),
		cmocka_unit_test(sizes_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
