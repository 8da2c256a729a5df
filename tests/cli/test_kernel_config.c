// SPDX-License-Identifier: Apache-2.0
/* Options of a kernel's configuration text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/kernel_config.h"

static const char config[] = "# a comment, CONFIG_COMMENT=y\n"
			     "CONFIG_HYPERV=y\n"
			     "CONFIG_TUN=m\n"
			     "# CONFIG_VHOST_NET is not set\n"
			     "CONFIG_HZ=250\n"
			     "CONFIG_NAME=\"y\"\n"
			     "CONFIG_OFF=n\n"
			     "CONFIG_EMPTY=\n"
			     "\n"
			     "CONFIG_LAST=y";

static char value(const char *name)
{
	return kernel_config_value(config, sizeof(config) - 1, name);
}

static void options_are_found(void **state)
{
	(void)state;
	assert_int_equal(value("CONFIG_HYPERV"), 'y');
	assert_int_equal(value("CONFIG_TUN"), 'm');
	assert_int_equal(value("CONFIG_HZ"), '=');
	assert_int_equal(value("CONFIG_NAME"), '=');
	assert_int_equal(value("CONFIG_OFF"), 'n');
	assert_int_equal(value("CONFIG_LAST"), 'y');
}

static void absent_options_are_off(void **state)
{
	(void)state;
	assert_int_equal(value("CONFIG_VHOST_NET"), 'n');
	assert_int_equal(value("CONFIG_COMMENT"), 'n');
	assert_int_equal(value("CONFIG_NOWHERE"), 'n');
	assert_int_equal(value("CONFIG_EMPTY"), 'n');
}

static void names_match_as_a_whole(void **state)
{
	(void)state;
	assert_int_equal(value("CONFIG_HYPER"), 'n');
	assert_int_equal(value("CONFIG_HYPERV_VMBUS"), 'n');
	assert_int_equal(value("ONFIG_HYPERV"), 'n');
}

static void any_cut_of_the_text_is_survived(void **state)
{
	(void)state;
	for (size_t length = 0; length < sizeof(config); length++) {
		char *exact = malloc(length + 1);

		assert_non_null(exact);
		memcpy(exact, config, length);
		exact[length] = '!';
		kernel_config_value(exact, length, "CONFIG_LAST");
		free(exact);
	}
	assert_int_equal(kernel_config_value("", 0, "CONFIG_X"), 'n');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_found),
		cmocka_unit_test(absent_options_are_off),
		cmocka_unit_test(names_match_as_a_whole),
		cmocka_unit_test(any_cut_of_the_text_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
