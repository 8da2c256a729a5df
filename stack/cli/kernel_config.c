// SPDX-License-Identifier: Apache-2.0
#include "cli/kernel_config.h"

#include <string.h>

/* The value in the line [line, end), 0 if it does not set `name`. */
static char value_in_line(const char *line, const char *end, const char *name)
{
	size_t length = strlen(name);

	if ((size_t)(end - line) <= length + 1 || memcmp(line, name, length) != 0 ||
	    line[length] != '=')
		return 0;
	line += length + 1;
	if (end - line == 1 && (*line == 'y' || *line == 'm' || *line == 'n'))
		return *line;
	return '=';
}

char kernel_config_value(const char *text, size_t length, const char *name)
{
	const char *end = text + length;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline ? newline : end;
		char value = value_in_line(text, line_end, name);

		if (value)
			return value;
		text = newline ? newline + 1 : end;
	}
	return 'n';
}
