// SPDX-License-Identifier: Apache-2.0
#include "boot/options.h"

#include "core/string.h"

const char boot_options_help[] =
	"log=error|warn|info|debug, console=com1|com2|debug|none, test=panic";

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
		} else if (is(word, length, "test=panic")) {
			options->test_panic = true;
		} else {
			return word;
		}
	}
}
