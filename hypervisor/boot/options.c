// SPDX-License-Identifier: Apache-2.0
#include "boot/options.h"

#include "core/string.h"

const char boot_options_help[] =
	"log=error|warn|info|debug, console=com1|com2|debug|none, "
	"test=panic|write-text|write-rodata|execute-data|overflow-stack|smash-stack";

/* True if the `length` bytes at `word` are `text`. */
static bool is(const char *word, size_t length, const char *text)
{
	return strlen(text) == length && strncmp(word, text, length) == 0;
}

static bool parse_log(struct boot_options *options, const char *value, size_t length)
{
	if (is(value, length, "error"))
		options->log = LOG_ERROR;
	else if (is(value, length, "warn"))
		options->log = LOG_WARN;
	else if (is(value, length, "info"))
		options->log = LOG_INFO;
	else if (is(value, length, "debug"))
		options->log = LOG_DEBUG;
	else
		return false;
	return true;
}

static bool parse_console(struct boot_options *options, const char *value, size_t length)
{
	if (is(value, length, "com1"))
		options->console_com1 = true;
	else if (is(value, length, "com2"))
		options->console_com2 = true;
	else if (is(value, length, "debug"))
		options->console_debug = true;
	else if (is(value, length, "none"))
		options->console_com1 = options->console_com2 = options->console_debug = false;
	else
		return false;
	return true;
}

static bool parse_test(struct boot_options *options, const char *value, size_t length)
{
	static const char *const names[] = {
		[SELFTEST_PANIC] = "panic",
		[SELFTEST_WRITE_TEXT] = "write-text",
		[SELFTEST_WRITE_RODATA] = "write-rodata",
		[SELFTEST_EXECUTE_DATA] = "execute-data",
		[SELFTEST_OVERFLOW_STACK] = "overflow-stack",
		[SELFTEST_SMASH_STACK] = "smash-stack",
	};

	for (unsigned int i = SELFTEST_PANIC; i < ARRAY_SIZE(names); i++) {
		if (is(value, length, names[i])) {
			options->test = (enum selftest)i;
			return true;
		}
	}
	return false;
}

const char *boot_options_parse(struct boot_options *options, const char *line)
{
	*options = (struct boot_options){.log = LOG_INFO, .console_debug = true};

	for (;;) {
		const char *word;
		size_t length;

		while (*line == ' ' || *line == '\t')
			line++;
		if (*line == '\0')
			return NULL;
		word = line;
		while (*line != '\0' && *line != ' ' && *line != '\t')
			line++;
		length = (size_t)(line - word);

		if (length > 4 && strncmp(word, "log=", 4) == 0) {
			if (!parse_log(options, word + 4, length - 4))
				return word;
		} else if (length > 8 && strncmp(word, "console=", 8) == 0) {
			if (!parse_console(options, word + 8, length - 8))
				return word;
		} else if (length > 5 && strncmp(word, "test=", 5) == 0) {
			if (!parse_test(options, word + 5, length - 5))
				return word;
		} else {
			return word;
		}
	}
}
